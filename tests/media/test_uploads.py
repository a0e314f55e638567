"""Uploads: what is stored is clean and measured, belongs to one team, and goes when nobody uses it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest
from django.conf import LazySettings
from PIL import Image

from playground.accounts.models import Team
from playground.core import clock
from playground.media import uploads, web_files
from playground.media.errors import FetchError, MediaError, NotMedia, TooBig, Unsupported
from playground.media.models import StoredFile, Upload, WebFile
from playground.media.uploads import Unreachable
from tests.media import inputs
from tests.media.clips import make_clip
from tests.media.inputs import NAME, PLACE, SOUNDS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_root")]


def stored(team: Team, path: Path, name: str = "") -> Upload:
    return uploads.store_upload(team.pk, None, path, name or path.name)


def from_bytes(team: Team, tmp_path: Path, data: bytes, name: str) -> Upload:
    path = tmp_path / "given"
    path.write_bytes(data)
    return stored(team, path, name)


def bytes_of(upload: Upload) -> bytes:
    path = uploads.local_file(upload.team_id, uploads.url_of(upload))
    assert path
    return path.read_bytes()


def colours(data: bytes) -> list[str]:
    """Which of red and blue is at the four sides: left, right, top, bottom."""
    with Image.open(io.BytesIO(data)) as image:
        rgb = image.convert("RGB")
        width, height = rgb.size
        places = ((2, height // 2), (width - 3, height // 2), (width // 2 - 9, 2), (width // 2 - 9, height - 3))
        return ["red" if rgb.getpixel(place)[0] > 128 else "blue" for place in places]  # type: ignore[index]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP"])
def test_a_picture_is_stored_without_its_place_and_its_people(team: Team, tmp_path: Path, kind: str) -> None:
    given = inputs.photo(kind)
    assert kind == "BMP" or NAME in given or PLACE in given
    upload = from_bytes(team, tmp_path, given, f"photo.{kind.lower()}")
    kept = bytes_of(upload)
    assert NAME not in kept and PLACE not in kept and b"GPS" not in kept and b"xmpmeta" not in kept
    with Image.open(io.BytesIO(kept)) as image:
        assert (image.format, image.size) == (kind, (400, 300))
        assert dict(image.getexif().get_ifd(0x8825)) == {}
        assert (image.info.get("icc_profile") is not None) == (kind in ("JPEG", "PNG", "WEBP", "TIFF"))
    assert colours(kept)[:2] == ["red", "blue"]
    assert upload.thumb and max(upload.thumb.width or 0, upload.thumb.height or 0, 1) <= 320


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize(("orientation", "sides"), [(3, ("blue", "red")), (6, ("top red", "bottom blue")), (8, ("top blue", "bottom red"))])
def test_a_turned_picture_is_stored_upright(team: Team, tmp_path: Path, kind: str, orientation: int, sides: tuple[str, str]) -> None:
    upload = from_bytes(team, tmp_path, inputs.photo(kind, orientation=orientation), "turned")
    left, right, top, bottom = colours(bytes_of(upload))
    assert sides in ((left, right), (f"top {top}", f"bottom {bottom}"))
    facts = uploads.facts_of(upload)
    assert (facts.width, facts.height) == ((400, 300) if orientation == 3 else (300, 400))


def test_a_turned_picture_too_large_to_turn_keeps_only_the_mark(team: Team, tmp_path: Path) -> None:
    upload = from_bytes(team, tmp_path, inputs.photo(size=(6400, 4800), orientation=6), "large.jpg")
    kept = bytes_of(upload)
    assert NAME not in kept and PLACE not in kept
    with Image.open(io.BytesIO(kept)) as image:
        assert dict(image.getexif()) == {0x0112: 6}
    assert (uploads.facts_of(upload).width, uploads.facts_of(upload).height) == (4800, 6400)


def test_a_large_picture_is_taken_after_a_film_too(team: Team, tmp_path: Path) -> None:
    """What was loaded for one file is not counted against the next."""
    uploads.store_upload(team.pk, None, make_clip(tmp_path / "film.mp4", seconds=1), "film.mp4")
    large = from_bytes(team, tmp_path, inputs.photo(size=(6400, 4800)), "large.jpg")
    assert (uploads.facts_of(large).width, uploads.facts_of(large).height) == (6400, 4800)


def test_a_picture_s_pixels_stay_as_they_were_coded(team: Team, tmp_path: Path) -> None:
    given = inputs.photo("JPEG")
    with Image.open(io.BytesIO(given)) as before, Image.open(io.BytesIO(bytes_of(from_bytes(team, tmp_path, given, "a.jpg")))) as after:
        assert before.tobytes() == after.tobytes()


@pytest.mark.parametrize(
    ("container", "content_type"),
    [("mp4", "video/mp4"), ("mov", "video/quicktime"), ("matroska", "video/x-matroska"), ("avi", "video/avi")],
)
def test_a_video_is_stored_without_its_place_and_measured(team: Team, tmp_path: Path, container: str, content_type: str) -> None:
    path = inputs.video(tmp_path / "clip", container)
    assert NAME in path.read_bytes()
    upload = stored(team, path, "clip.mp4")
    kept = bytes_of(upload)
    assert NAME not in kept and PLACE not in kept
    facts = uploads.facts_of(upload)
    assert (facts.content_type, facts.width, facts.height, facts.fps, facts.has_audio) == (content_type, 320, 180, Decimal(24), True)
    assert facts.seconds and abs(facts.seconds - 2) < Decimal("0.1")
    assert facts.size_bytes == len(kept)
    assert upload.thumb and upload.kind == "video"


def test_a_turned_video_keeps_its_turn(team: Team, tmp_path: Path) -> None:
    upload = stored(team, inputs.video(tmp_path / "clip.mp4", rotation=90))
    assert (upload.stored.width, upload.stored.height) == (180, 320)
    again = stored(team, uploads.local_file(team.pk, uploads.url_of(upload)) or tmp_path)
    assert (again.stored.width, again.stored.height) == (180, 320)


@pytest.mark.parametrize("kind", SOUNDS)
def test_a_sound_is_stored_without_its_tags_and_measured(team: Team, tmp_path: Path, kind: str) -> None:
    path = inputs.sound(tmp_path / "sound", kind)
    upload = stored(team, path, f"voice.{kind}")
    kept = bytes_of(upload)
    assert NAME not in kept and PLACE not in kept
    facts = uploads.facts_of(upload)
    assert (facts.content_type, upload.kind, facts.has_audio) == (SOUNDS[kind][4], "audio", True)
    assert facts.seconds and abs(facts.seconds - 3) < Decimal("0.15")


@pytest.mark.parametrize(
    ("data", "name", "content_type", "pages"),
    [
        (inputs.pdf(7), "a.pdf", "application/pdf", 7),
        (inputs.pdf(12, is_packed=True), "a.pdf", "application/pdf", 12),
        (inputs.pdf(7) + inputs.pdf(9), "revised.pdf", "application/pdf", 9),
        ("Größe\n".encode(), "a.txt", "text/plain", None),
        (b"# Title\n", "a.md", "text/markdown", None),
        (inputs.slides(4), "a.bin", "application/vnd.openxmlformats-officedocument.presentationml.presentation", 4),
    ],
)
def test_documents_are_told_by_their_bytes(
    team: Team, tmp_path: Path, data: bytes, name: str, content_type: str, pages: int | None
) -> None:
    upload = from_bytes(team, tmp_path, data, name)
    assert (upload.kind, upload.stored.content_type, upload.pages) == ("document", content_type, pages)
    assert bytes_of(upload) == data and (tmp_path / "given").exists()


def test_what_is_refused_leaves_nothing_behind(team: Team, tmp_path: Path, storage_root: Path, settings: LazySettings) -> None:
    for data, error in ((b"", NotMedia), (b"#EXTM3U\nx", Unsupported), (inputs.photo()[:2000], NotMedia)):
        with pytest.raises(error):
            from_bytes(team, tmp_path, data, "a.jpg")
    settings.UPLOAD_MAX_BYTES = 1000
    with pytest.raises(TooBig, match="at most"):
        from_bytes(team, tmp_path, inputs.photo(), "a.jpg")
    assert not Upload.objects.exists() and not StoredFile.objects.exists()
    assert [path for path in storage_root.parent.rglob("*") if path.is_file()] == []


def test_the_address_is_ours_and_only_its_team_s(team: Team, tmp_path: Path) -> None:
    upload = from_bytes(team, tmp_path, inputs.photo(), "Über/my photo.php.png")
    url = uploads.url_of(upload)
    assert url == f"http://testserver/uploads/{upload.pk}/my-photo-php.jpg"
    assert uploads.upload_id_of(url) == uploads.upload_id_of(f"{url}?token=x") == upload.pk
    assert uploads.upload_id_of(url.replace("testserver", "elsewhere")) is None
    assert uploads.upload_id_of("http://testserver/uploads/../x") is None
    other = Team.objects.create(slug="other", name="Other")
    gone = f"http://testserver/uploads/{'0' * 8}-0000-4000-8000-{'0' * 12}/a.jpg"
    assert uploads.facts_of_urls(team.pk, [url, gone, "https://example.com/a.jpg"]) == {url: uploads.facts_of(upload)}
    assert uploads.facts_of_urls(other.pk, [url]) == {}
    assert uploads.missing(team.pk, [url, gone, "https://example.com/a.jpg"]) == {gone}
    assert uploads.missing(other.pk, [url]) == {url}
    assert uploads.local_file(other.pk, url) is None


def test_unused_uploads_go_after_a_week_and_used_ones_stay(team: Team, tmp_path: Path) -> None:
    used, unused, fresh = (from_bytes(team, tmp_path, inputs.photo(), f"{name}.jpg") for name in ("used", "unused", "fresh"))
    Upload.objects.exclude(pk=fresh.pk).update(created_at=clock.now() - timedelta(days=8))
    assert uploads.mark_used(team.pk, [uploads.url_of(used), "https://example.com/a.jpg"]) == 1
    path = uploads.local_file(team.pk, uploads.url_of(unused))
    assert path and uploads.remove_unused() == 1
    assert not path.exists() and uploads.missing(team.pk, [uploads.url_of(unused)])
    assert set(Upload.objects.values_list("pk", flat=True)) == {used.pk, fresh.pk}
    assert bytes_of(used) and not uploads.erase_upload(Upload.objects.get(pk=used.pk))


class _Site(BaseHTTPRequestHandler):
    files: ClassVar[dict[str, bytes]] = {}
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        data = self.files.get(self.path)
        self.send_response(302 if self.path == "/away" else 404 if data is None else 200)
        if self.path == "/away":
            self.send_header("Location", "http://169.254.169.254/latest/meta-data")
        self.send_header("Content-Length", str(len(data or b"")))
        self.end_headers()
        self.wfile.write(data or b"")

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def site(settings: LazySettings) -> Iterator[str]:
    _Site.files, _Site.asked = {"/a%20photo.jpg": inputs.photo(), "/list.jpg": b"#EXTM3U\n"}, []
    with ThreadingHTTPServer(("127.0.0.1", 0), _Site) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        settings.OUTBOUND_ALLOW = [f"127.0.0.1:{server.server_port}"]
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_an_address_becomes_an_upload(team: Team, site: str) -> None:
    upload = uploads.fetch_upload(team.pk, None, f"{site}/a%20photo.jpg")
    assert (upload.name, upload.kind, upload.source) == ("a photo.jpg", "image", f"{site}/a%20photo.jpg")
    assert NAME not in bytes_of(upload)
    # The address itself is known from now on, should a payload name it.
    assert uploads.facts_of_urls(team.pk, [upload.source])[upload.source].width == 400


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:9/a.jpg", "http://localhost/a.jpg", "http://[::1]/a.jpg", "http://2130706433/a.jpg", "http://169.254.169.254/latest",
        "http://0x7f.1/a.jpg", "file:///etc/passwd", "ftp://example.com/a.jpg", "data:image/png;base64,iVBORw0KGgo=", "javascript:alert(1)",
        "http://", "http://user:word@example.com/a", "http://exa mple.com/", "https://" + "a" * 3000, "//example.com/a.jpg", "",
        "http://example.com:99999/a", "\x00http://example.com",
    ],
)  # fmt: skip
def test_other_addresses_are_refused_with_the_reason(team: Team, address: str) -> None:
    with pytest.raises(FetchError) as refusal:
        uploads.fetch_upload(team.pk, None, address)
    assert str(refusal.value).endswith(".")
    assert not Upload.objects.exists()


def test_a_redirect_inwards_and_an_error_are_refused(team: Team, site: str) -> None:
    with pytest.raises(FetchError, match="public internet"):
        uploads.fetch_upload(team.pk, None, f"{site}/away")
    with pytest.raises(FetchError, match="answered 404"):
        uploads.fetch_upload(team.pk, None, f"{site}/nothing")
    with pytest.raises(MediaError, match="list of other files"):
        uploads.fetch_upload(team.pk, None, f"{site}/list.jpg")


def test_too_much_and_too_slow_are_cut_off(team: Team, site: str, settings: LazySettings) -> None:
    settings.UPLOAD_MAX_BYTES = 500
    with pytest.raises(FetchError, match="larger than"):
        uploads.fetch_upload(team.pk, None, f"{site}/a%20photo.jpg")
    settings.UPLOAD_MAX_BYTES, settings.UPLOAD_FETCH_SECONDS = 10**6, -1
    with pytest.raises(FetchError, match="longer than"):
        uploads.fetch_upload(team.pk, None, f"{site}/a%20photo.jpg")


def test_a_web_file_is_looked_at_once_and_not_kept(team: Team, site: str, storage_root: Path) -> None:
    url = f"{site}/a%20photo.jpg"
    facts = uploads.look_at_web_file(team.pk, url)
    assert not isinstance(facts, Unreachable)
    assert facts == uploads.look_at_web_file(team.pk, url) == uploads.facts_of_urls(team.pk, [url])[url]
    assert (facts.content_type, facts.width, facts.height) == ("image/jpeg", 400, 300)
    assert _Site.asked == ["/a%20photo.jpg"]
    assert not StoredFile.objects.exists() and [path for path in storage_root.parent.rglob("*") if path.is_file()] == []
    WebFile.objects.update(looked_at=clock.now() - timedelta(hours=web_files.KNOWN_HOURS, minutes=1))
    assert uploads.facts_of_urls(team.pk, [url]) == {}
    uploads.remove_unused()
    assert not WebFile.objects.exists()


def test_what_cannot_be_looked_at_says_why_and_is_not_asked_again_at_once(team: Team, site: str) -> None:
    url = f"{site}/nothing"
    assert uploads.look_at_web_file(team.pk, url) == uploads.look_at_web_file(team.pk, url) == Unreachable("The server answered 404.")
    assert _Site.asked == ["/nothing"]
    assert uploads.facts_of_urls(team.pk, [url]) == {}
    assert isinstance(uploads.look_at_web_file(team.pk, f"{site}/list.jpg"), Unreachable)
