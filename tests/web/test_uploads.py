"""Drop zones and uploads over HTTP, as people, programs and strangers meet them."""

from __future__ import annotations

import errno
import html
import io
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.test import Client

from playground.accounts.models import Role
from playground.catalog import registry
from playground.core import clock
from playground.jobs.models import Job
from playground.media import files, uploads
from playground.media.models import Upload
from playground.serving.bodies import UnreadBody
from playground.web import uploading
from playground.web.uploading import spec_of
from tests.factories import MembershipFactory, Personas, make_key
from tests.media import inputs
from tests.media.clips import make_clip
from tests.media.conftest import storage_root  # noqa: F401
from tests.web.playground import HTMX, nonce_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_root")]

ANIMATE, MANY = "wan/2-2-animate-move", "bytedance/seedance-2-5"
PAGE = f"/models/kie/{ANIMATE}"


@pytest.fixture
def alice(client: Client, personas: Personas) -> Client:
    client.force_login(personas.alice.user)
    return client


def file(data: bytes, name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def send(client: Client, field: str = "image_url", *, model: str = ANIMATE, **values: Any) -> Any:
    """What a zone posts; `file`, `url` and `action` stand for its inputs."""
    names = {"file": f"{field}__file", "url": f"{field}__url", "action": "_upload", "value": field}
    data = {names[name]: value for name, value in values.items()}
    return client.post("/uploads", {"gateway": "kie", "model": model, "field": field} | data, headers=HTMX)


def urls_in(response: Any, field: str = "image_url") -> list[str]:
    return [html.unescape(url) for url in re.findall(rf'type="hidden" name="{field}" value="([^"]*)"', response.text)]


def uploaded(url: str) -> Upload:
    upload_id = uploads.upload_id_of(url)
    assert upload_id
    return Upload.objects.get(pk=upload_id)


def path_of(url: str) -> str:
    return url.removeprefix("http://testserver")


def test_a_file_becomes_an_address_with_its_name_its_facts_and_its_picture(alice: Client) -> None:
    response = send(alice, file=file(inputs.photo(), "My photo.png"))
    (url,) = urls_in(response)
    assert response.status_code == 200 and Upload.objects.get().name == "My photo.jpg"
    assert "My photo.jpg" in response.text and "400×300" in response.text and "JPEG" in response.text
    assert "Replace" in response.text and 'aria-label="Remove: My photo.jpg"' in response.text
    thumb = re.search(r'<img src="([^"]+)"', response.text)
    assert thumb and alice.get(thumb[1])["Content-Type"] == "image/webp"
    assert alice.get(path_of(url))["Content-Type"] == "image/jpeg"


def test_a_file_against_a_rule_is_refused_by_its_name_and_the_field_keeps_what_it_had(alice: Client) -> None:
    (before,) = urls_in(send(alice, file=file(inputs.photo())))
    response = send(alice, file=file(b"#EXTM3U\n", "list.jpg"), value=before)
    assert response.status_code == 422 and urls_in(response) == [before]
    assert "list.jpg: This is a list of other files" in response.text
    response = send(alice, file=file(inputs.pdf(2), "a.pdf"), value=before)
    assert response.status_code == 422 and "JPEG, PNG and WebP are taken" in response.text
    assert Upload.objects.count() == 1


def test_several_files_are_kept_in_order_moved_and_removed(alice: Client) -> None:
    field = "reference_image_urls"
    three = [file(inputs.photo(size=(400, 300 + number)), f"{number}.jpg") for number in range(3)]
    urls = urls_in(send(alice, field, model=MANY, file=three), field)
    assert [uploaded(url).name for url in urls] == ["0.jpg", "1.jpg", "2.jpg"]
    a, b, c = urls
    for action, expected in (
        ("up:{}:2", [a, c, b]),
        ("down:{}:0", [b, a, c]),
        ("remove:{}:1", [a, c]),
        ("up:{}:0", urls),
        ("up:{}:77", urls),
    ):
        response = send(alice, field, model=MANY, value=urls, action=action.format(field))
        assert (response.status_code, urls_in(response, field)) == (200, expected)


def test_more_than_the_card_takes_is_refused(alice: Client) -> None:
    field = "image_urls"
    pictures = [file(inputs.photo(size=(400, 300 + number)), f"{number}.jpg") for number in range(3)]
    response = send(alice, field, model="kling-3.0/video", file=pictures)
    assert response.status_code == 422 and len(urls_in(response, field)) == 2
    assert "at most 2" in response.text


def test_a_fix_is_shown_before_it_is_taken(alice: Client, tmp_path: Path) -> None:
    field = "reference_video_urls"
    clip = make_clip(tmp_path / "clip.mp4", width=1600, height=400).read_bytes()
    response = send(alice, field, model=MANY, file=file(clip, "wide.mp4"))
    (original,) = urls_in(response, field)
    assert "4 times as wide as high" in response.text and ">Crop</button>" in response.text and ">Add bars</button>" in response.text
    button = re.search(r'value="(fix:[^"]+)"[^>]*hx-post="([^"]+)"[^>]*>Crop<', response.text)
    assert button
    data = {"gateway": "kie", "model": MANY, "field": field, field: original, "_upload": button[1]}
    proposal = alice.post(button[2], data, headers=HTMX)
    assert urls_in(proposal, field) == [original]
    assert "Keep the original" in proposal.text and "<video" in proposal.text
    use = re.search(r'value="(use:[^"]+)"', proposal.text)
    assert use
    taken = send(alice, field, model=MANY, value=original, action=use[1])
    (copy,) = urls_in(taken, field)
    assert copy != original and "times as wide" not in taken.text
    assert uploaded(copy).derived_from_id == uploads.upload_id_of(original)
    kept = send(alice, field, model=MANY, value=original, action=f"keep:{field}:0")
    assert urls_in(kept, field) == [original]


def test_fixes_of_others_and_of_nothing_are_refused(alice: Client, personas: Personas) -> None:
    (url,) = urls_in(send(alice, file=file(inputs.photo())))
    stranger = Client()
    stranger.force_login(personas.charlie.user)
    data = {"gateway": "kie", "model": ANIMATE, "field": "image_url", "image_url": url, "_upload": "fix:image_url:0:ratio.crop"}
    assert stranger.post(f"/uploads/{uploads.upload_id_of(url)}/fix", data).status_code == 404
    assert send(stranger, value=url, action="fix:image_url:0:ratio.crop").status_code == 422
    response = send(alice, value=url, action="fix:image_url:0:ratio.crop")
    assert response.status_code == 422 and "nothing to fix" in response.text


def test_a_link_that_cannot_be_fetched_stays_in_test_mode_and_says_so(alice: Client) -> None:
    response = send(alice, url="http://127.0.0.1:9/a.jpg")
    assert (response.status_code, urls_in(response)) == (200, ["http://127.0.0.1:9/a.jpg"])
    assert "Could not be fetched (The address is not on the public internet). The sandbox draws a stand-in." in response.text


def test_in_live_mode_it_is_refused_with_the_reason(alice: Client, settings: LazySettings) -> None:
    settings.MODKIE_API_KEY = "key"
    session = alice.session
    session["mode"] = "live"
    session.save()
    response = send(alice, url="http://127.0.0.1:9/a.jpg")
    assert (response.status_code, urls_in(response)) == (422, [])
    assert "Could not be fetched: The address is not on the public internet." in response.text


@pytest.mark.parametrize("url", ["data:image/png;base64,iVBORw0KGgo=", "javascript:alert(1)", "file:///etc/passwd", "nonsense"])
def test_what_is_no_web_address_is_refused_in_every_mode(alice: Client, url: str) -> None:
    response = send(alice, url=url)
    assert (response.status_code, urls_in(response)) == (422, [])


def test_the_file_belongs_to_the_team(alice: Client, personas: Personas) -> None:
    (url,) = urls_in(send(alice, file=file(inputs.photo())))
    path = path_of(url)
    readers = {"bob": 200, "charlie": 404}
    for name, status in readers.items():
        person = Client()
        person.force_login(getattr(personas, name).user)
        assert person.get(path).status_code == person.get(path.rpartition("/")[0] + "/thumb.webp").status_code == status
    assert Client().get(path).status_code == 404
    for membership, status in ((personas.alice, 200), (personas.charlie, 404)):
        headers = {"Authorization": f"Bearer {make_key(membership)}"}
        assert Client().get(path, headers=headers).status_code == status
    # Another team's address is nothing that could be put into a field either.
    stranger = Client()
    stranger.force_login(personas.charlie.user)
    assert send(stranger, url=url).status_code == 422
    shown = send(stranger, value=url, action="keep:image_url:0")
    assert "This upload is gone" in shown.text and "<img" not in shown.text and "400×300" not in shown.text


def test_a_signed_link_needs_nobody_and_ends(alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    send(alice, file=file(inputs.photo()))
    send(alice, file=file(inputs.photo("PNG"), "other.png"))
    upload, other = Upload.objects.order_by("created_at")
    link = path_of(uploads.signed_url(upload, 60))
    assert Client().get(link).status_code == 200
    assert Client().get(link.replace(str(upload.pk), str(other.pk))).status_code == 404
    assert Client().get(link + "x").status_code == 404
    later = clock.now() + timedelta(seconds=61)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert Client().get(link).status_code == 404


def test_content_is_sent_so_that_it_can_do_nothing(alice: Client) -> None:
    (url,) = urls_in(send(alice, file=file(inputs.photo(), "x.html")))
    response = alice.get(path_of(url), headers={"Range": "bytes=0-9"})
    assert (response.status_code, len(response.content), response["Content-Type"]) == (206, 10, "image/jpeg")
    assert response["X-Content-Type-Options"] == "nosniff" and response["Content-Security-Policy"].startswith("sandbox")
    assert response["Content-Disposition"] == 'inline; filename="x.jpg"' and "private" in response["Cache-Control"]
    (document,) = urls_in(
        send(alice, "reference_file_urls", model="wan/3-0-video", file=file(inputs.pdf(2), "a.pdf")), "reference_file_urls"
    )
    assert alice.get(path_of(document))["Content-Disposition"].startswith("attachment")
    # What a path says about the name changes nothing.
    assert alice.get(path_of(url).rpartition("/")[0] + "/evil.html")["Content-Type"] == "image/jpeg"


def test_who_may_not_run_may_not_upload(personas: Personas) -> None:
    viewer = MembershipFactory.create(team=personas.alice.team, role=Role.VIEWER)
    person = Client()
    assert send(person, file=file(inputs.photo())).status_code == 204  # htmx is sent to the sign-in page
    person.force_login(viewer.user)
    response = send(person, file=file(inputs.photo()))
    assert response.status_code == 403 and "needs the role Member" in response.text
    assert not Upload.objects.exists()


def test_too_many_a_minute_and_too_many_at_once_are_told(alice: Client, settings: LazySettings, personas: Personas) -> None:
    slots = [uploading._slots.take(str(personas.alice.user_id)) for _ in range(2)]
    response = send(alice, file=file(inputs.photo()))
    assert response.status_code == 429 and "still being looked at" in response.text
    for slot in slots:
        assert slot
        slot.release()
    settings.UPLOADS_PER_MINUTE = 2
    statuses = [send(alice, file=file(inputs.photo())).status_code for _ in range(3)]
    assert statuses[0] == 200 and statuses[-1] == 429


def test_too_large_and_a_full_disk_are_told(alice: Client, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.UPLOAD_MAX_BYTES = 100
    assert send(alice, file=file(inputs.photo())).status_code == 413
    settings.UPLOAD_MAX_BYTES = 10**6

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(files, "put", full)
        response = send(alice, file=file(inputs.photo()))
        assert response.status_code == 507 and "disk is full" in response.text
    with monkeypatch.context() as patch:
        patch.setattr(TemporaryFileUploadHandler, "receive_data_chunk", full)
        response = send(alice, file=file(inputs.photo()))
        assert response.status_code == 507 and "disk is full" in response.text
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"gateway": "kie", "model": ANIMATE, "field": "prompt"}, 404),
        ({"gateway": "kie", "model": ANIMATE, "field": "nothing"}, 404),
        ({"gateway": "kie", "model": ANIMATE, "field": "image_url" * 50}, 404),
        ({"gateway": "nowhere", "model": ANIMATE, "field": "image_url"}, 404),
        ({"gateway": "kie", "model": "no/model", "field": "image_url"}, 404),
        ({}, 404),
        ({"gateway": "kie", "model": ANIMATE, "field": "image_url"}, 200),
        ({"gateway": "kie", "model": ANIMATE, "field": "image_url", "_upload": "use:image_url:0:x:y:z"}, 200),
        ({"gateway": "kie", "model": ANIMATE, "field": "image_url", "image_url": "\x00", "described": "<b>"}, 200),
    ],
)
def test_odd_requests_are_answered_without_an_error(alice: Client, values: dict[str, str], status: int) -> None:
    response = alice.post("/uploads", values, headers=HTMX)
    assert response.status_code == status and "<b>" not in response.text.replace("<b>Add", "").replace('<b class="trunc"', "")
    assert alice.get("/uploads").status_code == 405
    broken = alice.generic("POST", "/uploads", b"--x\r\nnonsense", content_type="multipart/form-data; boundary=x")
    assert broken.status_code in (400, 404)


def test_without_script_the_form_carries_its_files(alice: Client) -> None:
    response = alice.post(f"{PAGE}/quote", {"image_url__file": file(inputs.photo()), "prompt": ""})
    assert response.status_code == 200 and len(urls_in(response)) == 1 and "400×300" in response.text
    (url,) = urls_in(response)
    response = alice.post(f"{PAGE}/quote", {"image_url": url, "_upload": "remove:image_url:0"})
    assert response.status_code == 200 and urls_in(response) == []
    response = alice.post(f"{PAGE}/quote", {"image_url": url, "image_url__file": file(b"nothing", "a.jpg")})
    assert urls_in(response) == [url] and "a.jpg: " in response.text
    response = alice.post(f"{PAGE}/quote", {"video_url__url": "http://127.0.0.1:9/clip.mp4", "image_url": url})
    assert urls_in(response, "video_url") == ["http://127.0.0.1:9/clip.mp4"] and "stand-in" in response.text


def test_a_run_without_the_file_that_was_meant_is_no_run(alice: Client) -> None:
    page = "/models/kie/bytedance/seedance-2-5"
    nonce = nonce_of(alice.get(page).text)
    fields = {"prompt": "A calm sea at dusk", "nonce": nonce, "first_frame_url__file": file(b"#EXTM3U\n", "list.jpg")}
    for headers in ({}, HTMX):
        response = alice.post(f"{page}/run", fields | {"first_frame_url__file": file(b"#EXTM3U\n", "list.jpg")}, headers=headers)
        assert response.status_code == 422 and "list of other files" in response.text
    assert not Job.objects.exists()


def test_a_body_that_the_server_left_unread_is_told_to_be_too_large(personas: Personas) -> None:
    """With the real check of forms, which finds no token in a body that nobody has read."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(personas.alice.user)
    extra: dict[str, Any] = {"CONTENT_LENGTH": "999999999", "wsgi.input": io.BufferedReader(UnreadBody())}
    for path in ("/uploads", f"{PAGE}/run"):
        response = client.generic("POST", path, b"", content_type="multipart/form-data; boundary=x", **extra)
        assert response.status_code == 413 and "larger than 512 MB" in response.text
    response = client.generic("POST", "/uploads", b"", content_type="multipart/form-data; boundary=x", headers=HTMX, **extra)
    assert (response.status_code, response["HX-Reswap"]) == (413, "beforeend")


def test_a_price_update_with_script_sends_no_files_along(alice: Client) -> None:
    alice.post(f"{PAGE}/quote", {"image_url__file": file(inputs.photo()), "image_url__url": "http://127.0.0.1:9/"}, headers=HTMX)
    assert not Upload.objects.exists()


def test_a_field_inside_a_list_is_found_by_its_input_s_name(alice: Client) -> None:
    card = registry.get("kling-3.0/video", "kie")
    assert spec_of(card, "kling_elements-0-element_input_urls") is not None
    assert spec_of(card, "kling_elements-__prefix__-element_input_audio_urls") is not None
    for name in ("kling_elements", "kling_elements-0-name", "kling_elements-x-element_input_urls", "kling_elements-0-", "", "prompt"):
        assert spec_of(card, name) is None
    response = send(alice, "kling_elements-0-element_input_urls", model="kling-3.0/video", file=file(inputs.photo()))
    assert len(urls_in(response, "kling_elements-0-element_input_urls")) == 1


def test_a_hostile_name_stays_words(alice: Client) -> None:
    response = send(alice, file=file(b"x", '"><script>alert(1)</script>.jpg'))
    assert response.status_code == 422 and "<script>" not in response.text
    response = send(alice, url="http://127.0.0.1:9/<script>alert(1)</script>?\"onload='x'")
    assert "<script>" not in response.text and "onload='x'" not in response.text


def test_the_file_s_bytes_are_read_from_the_disk(alice: Client) -> None:
    """However small: what is posted never waits in memory for the child."""
    request = io.BytesIO(inputs.photo())
    request.name = "small.jpg"
    assert send(alice, file=request).status_code == 200
