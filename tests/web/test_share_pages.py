"""Links that show takes to people without an account: making them, what they show, and how they end."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from playground.accounts.models import Role
from playground.core import clock
from playground.gallery import shares
from playground.gallery.models import Collection, CollectionItem, Share
from playground.jobs.models import Take
from playground.media import services as media
from playground.media import signing
from playground.web.share_pages import UNKNOWN_PER_MINUTE
from tests.factories import Personas
from tests.media.clips import make_clip
from tests.web.playground import VEO_PAGE, finished

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)
PROMPT = "Fog over a <secret> lake"


@pytest.fixture
def take(personas: Personas, tmp_path: Path) -> Take:
    """With real files, which a link must hand out or refuse."""
    take = finished(personas.alice, prompt=PROMPT).takes.get()
    stored = media.store_result(team_id=personas.alice.team_id, source=make_clip(tmp_path / "clip.mp4", seconds=1))
    take.video, take.poster, take.thumb, take.preview = stored.video, stored.poster, stored.thumb, stored.preview
    take.save()
    return take


@pytest.fixture
def alice(client: Client, personas: Personas) -> Client:
    client.force_login(personas.alice.user)
    return client


def link_to(of: Take | Collection, personas: Personas, **changes: object) -> str:
    values: dict[str, object] = {"lasts": WEEK} | changes
    return f"/s/{shares.create_share(of=of, by=personas.alice.user, **values)[1]}"  # type: ignore[arg-type]


def video_of(page: str) -> str:
    found = re.search(r'<video[^>]* src="([^"]+)"', page)
    assert found, "the page has no video"
    return html.unescape(found[1])


def made_link(page: str) -> str:
    found = re.search(r'id="new-link" value="([^"]+)"', page)
    assert found, "no link was made"
    return found[1]


def collection_with(personas: Personas, *takes: Take) -> Collection:
    made = Collection.objects.create(team=personas.alice.team, mode="test", name="Spring campaign", created_by=personas.alice.user)
    for take in takes:
        CollectionItem.objects.create(collection=made, take=take, job_created_at=take.job.created_at)
    return made


# Making and revoking


def test_a_link_is_shown_once_and_opens_for_anybody(alice: Client, take: Take) -> None:
    page = alice.post(f"/takes/{take.pk}/share", {"expires": "7"}).text
    link = made_link(page)
    assert link.startswith(f"{settings.PUBLIC_URL}/s/")
    path = link.removeprefix(settings.PUBLIC_URL)
    assert Client().get(path).status_code == 200
    later = alice.get(f"/takes/{take.pk}/share").text
    assert path not in later
    assert later.count(">Revoke<") == 1


def test_the_choices_are_kept_and_shown_in_the_list(alice: Client, take: Take) -> None:
    before = clock.now()
    alice.post(f"/takes/{take.pk}/share", {"expires": "1", "shows_prompt": "on"})
    alice.post(f"/takes/{take.pk}/share", {"expires": "never", "allows_download": "on"})
    never, day = shares.of_take(take)
    assert never.expires_at is None
    assert day.expires_at is not None
    assert timedelta(hours=23) < day.expires_at - before < timedelta(hours=25)
    assert [(share.shows_prompt, share.allows_download) for share in (day, never)] == [(True, False), (False, True)]
    page = alice.get(f"/takes/{take.pk}/share").text
    assert "Never" in page
    assert "Shown" in page
    assert "Allowed" in page


def test_an_expiry_that_is_not_offered_is_refused_at_its_field_and_makes_nothing(alice: Client, take: Take) -> None:
    response = alice.post(f"/takes/{take.pk}/share", {"expires": "9999", "shows_prompt": "on"})
    assert response.status_code == 422
    assert 'aria-describedby="id_expires-about"' in response.text
    assert 'name="shows_prompt" checked' in response.text
    assert not Share.objects.exists()


def test_a_form_that_is_sent_again_makes_no_second_link(alice: Client, take: Take) -> None:
    fields = {"expires": "7", "_nonce": "same"}
    alice.post(f"/takes/{take.pk}/share", fields)
    response = alice.post(f"/takes/{take.pk}/share", fields, follow=True)
    assert "made already" in response.text
    assert Share.objects.count() == 1


def test_members_revoke_their_own_links_and_managers_everybody_s(client: Client, personas: Personas, take: Take) -> None:
    alices, bobs = (shares.create_share(of=take, by=who.user, lasts=WEEK)[0] for who in (personas.alice, personas.bob))
    client.force_login(personas.bob.user)
    assert client.get(f"/takes/{take.pk}/share").text.count(">Revoke<") == 1
    assert client.post(f"/shares/{alices.pk}/revoke").status_code == 403
    assert client.post(f"/shares/{bobs.pk}/revoke").status_code == 302
    client.force_login(personas.alice.user)
    response = client.post(f"/shares/{alices.pk}/revoke", {"_all": "1"}, follow=True)
    assert "The link to Take 1 is revoked." in response.text
    assert "No link opens anything now" in response.text


def test_who_only_looks_makes_no_links(client: Client, personas: Personas, take: Take) -> None:
    personas.bob.role = Role.VIEWER
    personas.bob.save()
    client.force_login(personas.bob.user)
    response = client.post(f"/takes/{take.pk}/share", {"expires": "7"})
    assert response.status_code == 403
    assert "Member" in response.text
    assert not Share.objects.exists()


def test_another_team_s_takes_collections_and_links_are_not_there(alice: Client, personas: Personas) -> None:
    foreign = finished(personas.charlie).takes.get()
    collection = Collection.objects.create(team=personas.charlie.team, mode="test", name="Theirs")
    share, _ = shares.create_share(of=foreign, by=personas.charlie.user, lasts=WEEK)
    assert alice.get(f"/takes/{foreign.pk}/share").status_code == 404
    assert alice.post(f"/collections/{collection.pk}/share", {"expires": "7"}).status_code == 404
    assert alice.post(f"/shares/{share.pk}/revoke").status_code == 404


# What a link shows


def test_a_shared_take_shows_the_clip_and_the_model_and_no_more(personas: Personas, take: Take) -> None:
    response = Client().get(link_to(take, personas))
    assert "Veo 3.1" in response.text
    video_of(response.text)
    for words in ("secret", "Download", "Alice", personas.alice.team.name, "Gallery", "/takes/"):
        assert words not in response.text


def test_the_prompt_is_shown_only_if_that_was_ticked(personas: Personas, take: Take) -> None:
    page = Client().get(link_to(take, personas, shows_prompt=True)).text
    assert "Fog over a &lt;secret&gt; lake" in page
    assert "<secret>" not in page


def test_a_file_may_be_taken_along_only_if_that_was_ticked(personas: Personas, take: Take) -> None:
    allowed = Client().get(link_to(take, personas, allows_download=True)).text
    assert ">Download<" in re.sub(r"<svg.*?</svg>", "", allowed)
    answer = Client().get(f"{video_of(allowed)}?download=1")
    assert answer["Content-Disposition"].startswith("attachment")
    watched = video_of(Client().get(link_to(take, personas)).text)
    assert Client().get(watched).status_code == 200
    assert Client().get(f"{watched}?download=1").status_code == 404


def test_the_page_is_for_no_search_engine_no_cache_and_no_other_site(personas: Personas, take: Take) -> None:
    response = Client().get(link_to(take, personas))
    assert '<meta name="robots" content="noindex">' in response.text
    assert response["X-Robots-Tag"] == "noindex"
    assert response["Referrer-Policy"] == "no-referrer"
    assert "private" in response["Cache-Control"]


def test_other_programs_are_told_of_poster_and_video_by_whole_addresses(personas: Personas, take: Take) -> None:
    page = Client().get(link_to(take, personas), headers={"host": "localhost"}).text
    for name in ("og:image", "og:video", "og:url"):
        found = re.search(rf'property="{name}" content="([^"]+)"', page)
        assert found, name
        assert found[1].startswith(f"{settings.PUBLIC_URL}/")
        assert Client().get(html.unescape(found[1]).removeprefix(settings.PUBLIC_URL)).status_code == 200


def test_make_your_own_leads_the_team_to_the_settings_and_everybody_else_to_the_model(personas: Personas, take: Take) -> None:
    link = link_to(take, personas)
    stranger, member, other = Client(), Client(), Client()
    member.force_login(personas.bob.user)
    other.force_login(personas.charlie.user)
    assert f'href="/login?next={VEO_PAGE.replace("/", "%2F")}"' in stranger.get(link).text
    assert f'href="{VEO_PAGE}?from={take.job.number}"' in member.get(link).text
    assert f'href="{VEO_PAGE}"' in other.get(link).text


def test_a_shared_collection_is_a_grid_whose_tiles_open_under_the_same_link(personas: Personas, take: Take) -> None:
    outside = finished(personas.alice).takes.get()
    link = link_to(collection_with(personas, take), personas)
    page = Client().get(link).text
    assert "Spring campaign" in page
    assert f'href="{link}/{take.pk}"' in page
    of_tile = Client().get(f"{link}/{take.pk}")
    assert f'href="{link}"' in of_tile.text
    assert Client().get(video_of(of_tile.text)).status_code == 200
    assert Client().get(f"{link}/{outside.pk}").status_code == 404
    assert Client().get(f"{link_to(take, personas)}/{take.pk}").status_code == 404


def test_what_leaves_a_collection_leaves_its_link_and_the_files_with_it(personas: Personas, take: Take) -> None:
    collection = collection_with(personas, take)
    link = link_to(collection, personas)
    video = video_of(Client().get(f"{link}/{take.pk}").text)
    collection.items.all().delete()
    assert Client().get(f"{link}/{take.pk}").status_code == 404
    assert Client().get(video).status_code == 404
    assert "Nothing is in it now" in Client().get(link).text


# How it ends


@pytest.mark.parametrize("how", ["revoked", "expired", "deleted"])
def test_a_link_that_is_over_says_so_without_saying_whose_it_was_and_its_files_are_dead(personas: Personas, take: Take, how: str) -> None:
    link = link_to(take, personas, shows_prompt=True, allows_download=True)
    video = video_of(Client().get(link).text)
    assert Client().get(video, HTTP_RANGE="bytes=0-9").status_code == 206
    if how == "revoked":
        shares.revoke(Share.objects.get())
    elif how == "expired":
        Share.objects.update(expires_at=clock.now())
    else:
        Take.objects.update(deleted_at=clock.now())
    response = Client().get(link)
    assert response.status_code == 410
    assert "This link has ended" in response.text
    for words in ("<img", "<video", "Veo", "secret", "Alice", personas.alice.team.name):
        assert words not in response.text
    assert Client().get(video, HTTP_RANGE="bytes=0-9").status_code == 410


def test_a_browser_keeps_no_file_of_a_link_past_its_end(personas: Personas, take: Take) -> None:
    video = video_of(Client().get(link_to(take, personas)).text)
    assert Client().get(video)["Cache-Control"] == "private, max-age=0"


def test_the_address_of_a_file_ends_with_the_link_at_the_latest(personas: Personas, take: Take) -> None:
    link = link_to(take, personas, lasts=timedelta(minutes=3))
    token = video_of(Client().get(link).text).split("/")[2]
    assert signing.verify(token).expires_at <= Share.objects.get().expires_at  # type: ignore[operator]


def test_a_link_s_address_of_one_take_opens_no_other(personas: Personas, take: Take) -> None:
    share, _ = shares.create_share(of=take, by=personas.alice.user, lasts=WEEK)
    other = finished(personas.alice).takes.get()
    token = signing.sign(other.pk, "video", audience=f"share:{share.pk}", expires_at=clock.now() + timedelta(minutes=5))
    assert Client().get(f"/media/{token}/video.mp4").status_code == 404


def test_a_link_that_never_was_is_not_found_and_whoever_tries_many_has_to_wait(personas: Personas, take: Take) -> None:
    good = link_to(take, personas)
    statuses = [Client().get(f"/s/guess-{number}").status_code for number in range(UNKNOWN_PER_MINUTE)]
    assert set(statuses) == {404}
    response = Client().get("/s/one-more")
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
    assert Client().get(good).status_code == 200
