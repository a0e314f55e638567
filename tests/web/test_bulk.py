"""What is done to selected takes: favourites, comparing, downloading, deleting and bringing back; with script and without."""

from __future__ import annotations

import io
import re
import zipfile
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from playground.accounts.models import AuditEvent, Membership, Role
from playground.gallery import downloads
from playground.jobs.listing import count_takes
from playground.jobs.models import Job, Take
from tests.factories import KLING, MembershipFactory, Personas
from tests.web.gallery import bulk, shown, take_of
from tests.web.playground import HOSTILE, HTMX

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(client: Client, personas: Personas) -> Client:
    client.force_login(personas.alice.user)
    return client


@pytest.fixture
def bob(personas: Personas) -> Client:
    bob = Client()
    bob.force_login(personas.bob.user)
    return bob


@pytest.fixture
def viewer(personas: Personas) -> Client:
    member: Membership = MembershipFactory.create(team=personas.alice.team, role=Role.VIEWER)
    viewer = Client()
    viewer.force_login(member.user)
    return viewer


# --- favourites -----------------------------------------------------------------------------------------------------
def test_the_heart_puts_a_take_among_ones_own_favourites_and_takes_it_out_again(alice: Client, bob: Client, personas: Personas) -> None:
    take = take_of(personas.alice, "a swell")
    on = alice.post(f"/takes/{take.pk}/favourite", headers=HTMX)
    assert 'aria-pressed="true"' in on.text
    assert shown(alice, "scope=favourites") == ["a swell"]
    assert shown(bob, "scope=favourites") == []
    off = alice.post(f"/takes/{take.pk}/favourite", headers=HTMX)
    assert 'aria-pressed="false"' in off.text
    assert shown(alice, "scope=favourites") == []


def test_without_script_the_heart_leads_back_to_the_tile(alice: Client, personas: Personas) -> None:
    take = take_of(personas.alice)
    response = alice.post(f"/takes/{take.pk}/favourite", {"_back": "scope=team&q=sea"})
    assert (response.status_code, response["Location"]) == (303, f"/gallery?scope=team&q=sea#t-{take.job_id}")


def test_without_script_the_heart_under_the_stage_leads_back_to_the_stage(alice: Client, personas: Personas) -> None:
    take = take_of(personas.alice)
    stage = f"/models/{take.job.gateway}/{take.job.model_id}?take={take.job.number}"
    assert 'aria-pressed="false"' in alice.get(stage).text
    response = alice.post(f"/takes/{take.pk}/favourite", {"_page": "stage"})
    assert (response.status_code, response["Location"]) == (303, stage)
    assert 'aria-pressed="true"' in alice.get(stage).text


def test_without_script_the_heart_on_a_task_s_page_leads_back_to_that_page(alice: Client, personas: Personas) -> None:
    take = take_of(personas.alice)
    page = f"/tasks/{take.job_id}"
    named = re.search(r'name="_page" value="(\w+)"', alice.get(page).text)
    assert named is not None
    response = alice.post(f"/takes/{take.pk}/favourite", {"_page": named[1]})
    assert (response.status_code, response["Location"]) == (303, page)
    assert 'aria-pressed="true"' in alice.get(page).text


def test_without_script_the_heart_leads_to_the_take_where_the_model_is_gone(alice: Client, personas: Personas) -> None:
    take = take_of(personas.alice)
    Job.objects.filter(pk=take.job_id).update(model_id="gone/model")
    response = alice.post(f"/takes/{take.pk}/favourite", {"_page": "stage"})
    assert (response.status_code, response["Location"]) == (303, f"/takes/{take.pk}")
    assert alice.get(response["Location"]).status_code == 200


def test_a_viewer_may_have_favourites_and_change_nothing_else(viewer: Client, personas: Personas) -> None:
    take = take_of(personas.alice)
    assert bulk(viewer, "favourite", [take]).status_code == 303
    assert len(shown(viewer, "scope=favourites")) == 1
    for do in ("delete", "collect", f"collect:{uuid4()}", f"uncollect:{uuid4()}"):
        assert bulk(viewer, do, [take], name="Mine").status_code == 403, do
    page = viewer.get("/gallery?scope=team").text
    assert 'value="delete"' not in page
    assert "Remix" not in page


def test_several_become_favourites_at_once_and_their_hearts_are_sent_along(alice: Client, personas: Personas) -> None:
    takes = [take_of(personas.alice, f"sea {number}") for number in range(3)]
    reply = bulk(alice, "favourite", takes, htmx=True)
    assert reply.text.count('aria-pressed="true"') == 3
    assert "3 takes are favourites now." in reply.text
    bulk(alice, "unfavourite", takes[:2])
    assert shown(alice, "scope=favourites") == ["sea 2"]


# --- deleting -------------------------------------------------------------------------------------------------------
def test_one_take_is_deleted_at_once_and_can_be_had_back(alice: Client, personas: Personas) -> None:
    take = take_of(personas.alice, "a swell")
    page = alice.get(bulk(alice, "delete", [take])["Location"]).text
    assert "1 take deleted." in page
    assert f'value="{take.pk}"' in page
    assert shown(alice) == []
    alice.post("/takes/restore", {"take": str(take.pk)})
    assert shown(alice) == ["a swell"]
    assert "1 take · " in alice.get("/gallery?scope=team").text


def test_several_are_asked_about_with_their_number_before_they_go(alice: Client, personas: Personas) -> None:
    takes = [take_of(personas.alice, f"sea {number}") for number in range(3)]
    asked = bulk(alice, "delete", takes)
    assert "Delete 3 takes?" in asked.text
    assert len(shown(alice)) == 3
    bulk(alice, "delete:now", takes)
    assert shown(alice) == []


def test_with_script_tiles_go_sums_follow_and_the_undo_brings_them_back(alice: Client, personas: Personas) -> None:
    takes = [take_of(personas.alice, f"sea {number}") for number in range(3)]
    gone = bulk(alice, "delete:now", takes[:2], htmx=True)
    assert gone.text.count('hx-swap-oob="delete"') == 2
    assert "2 takes deleted." in gone.text
    assert '<span class="dim num" id="sum" hx-swap-oob="true">1 take · ' in gone.text
    headers = HTMX | {"HX-Current-URL": "http://testserver/gallery?scope=team"}
    back = alice.post("/takes/restore", {"take": [str(take.pk) for take in takes[:2]]}, headers=headers)
    assert back.text.count('<article class="tile"') == 3
    assert "2 takes brought back." in back.text


def test_a_member_deletes_own_takes_and_an_admin_everybodys(alice: Client, bob: Client, personas: Personas) -> None:
    hers, his = take_of(personas.alice, "hers"), take_of(personas.bob, "his")
    refused = bulk(bob, "delete:now", [hers, his])
    assert refused.status_code == 403
    assert "Nothing was deleted" in refused.text
    assert sorted(shown(alice)) == ["hers", "his"]
    bulk(bob, "delete", [his])
    assert shown(alice) == ["hers"]
    bulk(alice, "delete", [hers])
    assert bob.post("/takes/restore", {"take": str(hers.pk)}).status_code == 403
    assert shown(alice) == []


def test_the_audit_log_says_which_takes_went_and_came_back(alice: Client, personas: Personas) -> None:
    take = take_of(personas.alice)
    bulk(alice, "delete", [take])
    alice.post("/takes/restore", {"take": str(take.pk)})
    lines = AuditEvent.objects.order_by("pk").values_list("action", "subject", "actor_id")
    words = f"Take {take.job.number}"
    assert list(lines) == [("take.deleted", words, personas.alice.user_id), ("take.restored", words, personas.alice.user_id)]
    assert "Deleted takes" in alice.get("/audit").text


# --- comparing and downloading --------------------------------------------------------------------------------------
def test_two_to_four_takes_lead_to_their_models_and_the_first_ones_prompt(alice: Client, personas: Personas) -> None:
    veo, kling = take_of(personas.alice, "sea & dunes"), take_of(personas.alice, model_id=KLING)
    address = bulk(alice, "compare", [veo, kling])["Location"]
    assert address.startswith("/compare?m=modkie/")
    assert {"m=modkie/google/veo-3-1", "m=modkie/kling/kling-3-0"} < set(address.partition("?")[2].split("&"))
    reply = bulk(alice, "compare", [veo], htmx=True)
    assert (reply.status_code, "Select 2 to 4 takes" in reply.text) == (422, True)


def stored(take: Take, content: bytes) -> Take:
    default_storage.save(take.video.storage_name, ContentFile(content))
    take.video.size_bytes = len(content)
    take.video.save()
    return take


def test_a_download_holds_every_file_as_it_is_under_a_name_of_its_own(alice: Client, personas: Personas) -> None:
    first = stored(take_of(personas.alice), b"one" * 1000)
    second = stored(take_of(personas.alice, model_id=KLING), b"two" * 900_000)
    reply = bulk(alice, "download", [first, second])
    assert reply["Content-Type"] == "application/zip"
    assert reply["Content-Disposition"].startswith('attachment; filename="takes-')
    with zipfile.ZipFile(io.BytesIO(b"".join(reply.streaming_content))) as archive:
        assert archive.testzip() is None
        files = {info.filename: info for info in archive.infolist()}
        assert files.keys() == {f"veo-3-1-take-{first.job.number}.mp4", f"kling-3-0-take-{second.job.number}.mp4"}
        assert all(info.compress_type == zipfile.ZIP_STORED for info in files.values())
        assert archive.read(f"kling-3-0-take-{second.job.number}.mp4") == b"two" * 900_000


def test_a_download_goes_out_in_small_pieces(personas: Personas) -> None:
    take = stored(take_of(personas.alice), bytes(3 * downloads.PIECE_BYTES))
    assert max(len(piece) for piece in downloads.zipped([take])) < 2 * downloads.PIECE_BYTES


def test_a_file_that_is_lost_is_named_in_the_download_and_the_others_are_whole(alice: Client, personas: Personas) -> None:
    lost, there = take_of(personas.alice), stored(take_of(personas.alice), b"whole")
    reply = bulk(alice, "download", [lost, there])
    with zipfile.ZipFile(io.BytesIO(b"".join(reply.streaming_content))) as archive:
        assert f"veo-3-1-take-{lost.job.number}.mp4" in archive.read("missing.txt").decode()
        assert archive.read(f"veo-3-1-take-{there.job.number}.mp4") == b"whole"


def test_files_of_one_name_get_numbers(personas: Personas) -> None:
    first = stored(take_of(personas.alice), b"x")
    with zipfile.ZipFile(io.BytesIO(b"".join(downloads.zipped([first, first])))) as archive:
        number = first.job.number
        assert archive.namelist() == [f"veo-3-1-take-{number}.mp4", f"veo-3-1-take-{number}-2.mp4"]


# --- what does not fit ----------------------------------------------------------------------------------------------
def test_takes_of_another_team_are_as_good_as_not_ticked(alice: Client, personas: Personas) -> None:
    theirs = take_of(personas.charlie, "elsewhere")
    for do in ("favourite", "download", "delete:now", "compare", "collect"):
        reply = bulk(alice, do, [theirs], htmx=True, name="Stolen")
        assert (reply.status_code, "none of the ticked ones is here" in reply.text) == (422, True), do
    assert Take.objects.get(pk=theirs.pk).deleted_at is None
    assert alice.post(f"/takes/{theirs.pk}/favourite").status_code == 404


@pytest.mark.parametrize("do", ["", "x", "delete;drop", HOSTILE, "collect:" + "9" * 500, "uncollect:x"])
def test_orders_that_nobody_can_give_change_nothing(alice: Client, personas: Personas, do: str) -> None:
    take = take_of(personas.alice, "a swell")
    assert bulk(alice, do, [take], htmx=True).status_code in (404, 422)
    assert shown(alice) == ["a swell"]


@pytest.mark.parametrize("ids", [["x"], [HOSTILE], ["0" * 32] * 3, ["\x00"], [""]])
def test_ids_that_are_none_are_told_and_nothing_breaks(alice: Client, ids: list[str]) -> None:
    reply = alice.post("/takes/bulk", {"do": "delete", "take": ids}, headers=HTMX)
    assert reply.status_code == 422
    assert alice.post("/takes/restore", {"take": ids}).status_code == 303


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example/?scope=team", "scope=team\r\nX: y", HOSTILE, "?" * 9000])
def test_the_way_back_never_leaves_the_gallery(alice: Client, personas: Personas, back: str) -> None:
    take = take_of(personas.alice)
    response = bulk(alice, "favourite", [take], page=back)
    assert response["Location"].startswith("/gallery?scope=")
    assert "evil" not in response["Location"]


def test_every_take_of_a_job_is_deleted_and_counted_by_itself(alice: Client, personas: Personas) -> None:
    first = take_of(personas.alice, "a swell")
    second = add_second(first)
    assert "2 takes · " in alice.get("/gallery?scope=team").text
    bulk(alice, "delete", [first])
    page = alice.get("/gallery?scope=team").text
    assert f'id="t-{second.pk}"' in page
    assert f'id="t-{first.job_id}"' not in page
    assert "1 take · " in page


def add_second(first: Take) -> Take:
    count_takes(first.job, 1, 0)
    return Take.objects.create(job=first.job, index=1, video=first.video, poster=first.poster, thumb=first.thumb, preview=first.preview)
