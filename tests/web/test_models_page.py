"""The list of models: every live one with its price, narrowed by facets whose counts are true."""

from __future__ import annotations

import gzip
import html
import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from playground.accounts.models import Membership
from playground.catalog import registry
from playground.core import clock
from playground.credits.prices import set_price
from playground.jobs.models import Job, State, Take
from playground.media import services as media
from playground.web.model_views import PAGE_SIZE
from tests.factories import KLING, VEO, Personas, make_job
from tests.media.clips import make_clip
from tests.web.playground import finished

pytestmark = pytest.mark.django_db
LINK = re.compile(r'<a class="cover" href="([^"]+)"')
COUNT = re.compile(r'id="n-([a-z]+)-([\w-]+)"[^>]*>(\d*)<')
MOST_BYTES = 30_000
AS_MORE = {"HX-Request": "true", "HX-Target": "more"}


@pytest.fixture
def alice(client: Client, personas: Personas) -> Client:
    client.force_login(personas.alice.user)
    return client


def shown(client: Client, query: str = "") -> list[str]:
    """All of them: as many pages as there can be."""
    return LINK.findall(client.get(f"/models?{query}&page=99").text)


def counts(client: Client, query: str = "") -> dict[tuple[str, str], int]:
    return {(group, value): int(number) for group, value, number in COUNT.findall(client.get(f"/models?{query}").text)}


def test_every_live_model_is_a_link_with_its_price(alice: Client) -> None:
    page = alice.get("/models?page=99").text
    assert sorted(LINK.findall(page)) == sorted(f"/models/{card.gateway}/{card.id}" for card in registry.live_cards())
    assert "60 credits" in page
    assert "≈ $0.30" in page
    assert "35 credits" in page
    assert "Price unknown" in page


def test_all_cards_fit_into_30_kb(alice: Client) -> None:
    assert len(gzip.compress(alice.get("/models?page=99").content, 6)) <= MOST_BYTES


def test_the_list_comes_a_page_at_a_time_and_every_model_once(alice: Client) -> None:
    pages, url = [LINK.findall(alice.get("/models?on=kie").text)], "/models?on=kie"
    while more := re.search(r'<a class="btn" href="([^"]+)">Load more', alice.get(url, headers=AS_MORE if len(pages) > 1 else {}).text):
        url = html.unescape(more[1])
        pages.append(LINK.findall(alice.get(url, headers=AS_MORE).text))

    assert [len(page) for page in pages[:-1]] == [PAGE_SIZE] * (len(pages) - 1)
    assert [link for page in pages for link in page] == shown(alice, "on=kie")
    assert len(set(shown(alice, "on=kie"))) == sum(len(page) for page in pages) > 2 * PAGE_SIZE


def test_a_second_page_without_script_keeps_the_first(alice: Client) -> None:
    assert LINK.findall(alice.get("/models?page=2").text)[:PAGE_SIZE] == LINK.findall(alice.get("/models").text)
    for nonsense in ("0", "-1", "x", "9" * 400, "²"):
        assert len(LINK.findall(alice.get("/models", {"page": nonsense}).text)) == PAGE_SIZE


def test_the_list_costs_the_same_queries_however_many_models_have_a_history(
    alice: Client, personas: Personas, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for model_id in (VEO, KLING):
        make_job(personas.alice, model_id=model_id, payload={"prompt": "A long enough prompt"})
    with django_assert_max_num_queries(10):
        alice.get("/models")


def test_the_start_is_the_default_model(alice: Client) -> None:
    assert alice.get("/")["Location"] == "/models/modkie/google/veo-3-1"


def test_retired_models_are_not_listed(alice: Client) -> None:
    retired = [card for card in registry.all_cards() if not card.is_live]
    assert retired
    assert not {f"/models/{card.gateway}/{card.id}" for card in retired} & set(shown(alice))


@pytest.mark.parametrize("query", ["q=KLING", "vendor=Google", "input=take", "can=4k", "price=20", "on=modkie"])
def test_each_filter_narrows_the_list(alice: Client, query: str) -> None:
    found = shown(alice, query)
    assert 0 < len(found) < len(shown(alice))


def test_choices_of_one_group_widen_and_groups_narrow(alice: Client) -> None:
    video, audio, sound = (set(shown(alice, query)) for query in ("input=video", "input=audio", "can=sound"))
    assert set(shown(alice, "input=video&input=audio")) == video | audio
    assert set(shown(alice, "input=video&input=audio&can=sound")) == (video | audio) & sound


@pytest.mark.parametrize("query", ["", "can=4k", "q=wan", "input=image&can=sound&vendor=Kuaishou", "price=20&price=60&on=kie"])
def test_a_count_is_what_a_tick_would_leave_of_the_other_filters(alice: Client, query: str) -> None:
    numbers = counts(alice, query)
    assert {group for group, _ in numbers} == {"input", "price", "can", "on"}
    for group, value in [("input", "frames"), ("can", "1080p"), ("price", "60"), ("on", "modkie")]:
        others = "&".join(part for part in query.split("&") if not part.startswith(f"{group}="))
        assert numbers[group, value] == len(shown(alice, f"{others}&{group}={value}")), (group, value)


def test_the_cheapest_come_first_and_those_without_a_price_last(alice: Client) -> None:
    found = shown(alice, "sort=price")
    assert found[0] == "/models/kie/veo/1080p"
    unpriced = set(shown(alice, "price=unknown"))
    assert set(found[-len(unpriced) :]) == unpriced


def test_a_team_s_own_price_takes_the_place_of_the_published_one(alice: Client, personas: Personas) -> None:
    card = registry.get(VEO, "modkie")
    set_price(team=personas.alice.team, card=card, actor=personas.alice.user, credits=Decimal("7.5"))
    for address in ("/models?q=veo&on=modkie", f"/models/modkie/{KLING}/switcher?_q=veo", f"/models/modkie/{VEO}/about"):
        assert "7.5 credits" in alice.get(address).text, address
    assert f"/models/modkie/{VEO}" in shown(alice, "price=20")
    alice.force_login(personas.charlie.user)
    assert "7.5 credits" not in alice.get("/models?q=veo&on=modkie").text


def test_a_price_that_depends_on_a_file_is_shown_from_to(alice: Client) -> None:
    assert re.search(r"<b[^>]*>3–180 credits</b><span[^>]*>≈ \$0.02–0.90</span>", alice.get("/models?q=infinitalk").text)


def test_live_marks_what_this_installation_cannot_run(alice: Client, settings: Settings) -> None:
    settings.MODKIE_API_KEY = "set"
    assert ", test only" not in alice.get("/models").text
    alice.post("/prefs", {"mode": "live"})
    assert "KIE, test only" in alice.get("/models?on=kie").text
    assert "ModKie, test only" not in alice.get("/models?on=modkie").text


def test_what_the_team_runs_most_comes_first(alice: Client, personas: Personas) -> None:
    for _ in range(2):
        make_job(personas.bob, model_id=KLING, payload={"prompt": "Two friends share a joke"})
    make_job(personas.alice)
    make_job(personas.charlie, model_id=KLING, payload={"prompt": "Not this team's"})
    assert shown(alice)[:2] == [f"/models/modkie/{KLING}", f"/models/modkie/{VEO}"]


def test_unknown_values_are_no_error_and_words_are_only_words(alice: Client) -> None:
    page = alice.get("/models", {"q": "<b>nothing</b>", "sort": "'; --", "price": "x" * 300})
    assert page.status_code == 200
    assert "&lt;b&gt;nothing&lt;/b&gt;" in page.text
    assert "<b>nothing" not in page.text


def test_an_empty_list_names_the_filter_whose_removal_gives_most(alice: Client) -> None:
    page = alice.get("/models?q=kling&can=4k&price=20").text
    assert "No model matches" in page
    assert "Clear price filter" in page
    way = re.search(r'<a class="btn" href="/models\?([^"]*)">Clear price filter', page)
    assert way
    assert len(shown(alice, way[1].replace("&amp;", "&"))) > 0
    number = re.search(r"Without the price filter there (?:are|is) (\d+)", page)
    assert number
    assert int(number[1]) == len(shown(alice, "q=kling&can=4k"))
    assert "Clear search" in alice.get("/models?q=no+such+model").text


def test_htmx_gets_the_cards_the_counts_and_a_plain_address(alice: Client) -> None:
    response = alice.get("/models?q=veo&vendor=&input=image&sort=used", headers={"HX-Request": "true"})
    assert response.text.startswith('<div id="cards">')
    assert response.text.count('hx-swap-oob="true"') == len(counts(alice)) + 2
    assert response["HX-Replace-Url"] == "/models?q=veo&input=image"
    assert "of 93 models" in response["HX-Trigger"]


def test_the_filters_work_as_a_plain_form(alice: Client) -> None:
    page = alice.get("/models?q=veo&input=image&sort=price&vendor=Google").text
    assert 'value="veo"' in page
    assert 'name="input" value="image" checked' in page
    assert 'value="price" selected' in page
    assert 'name="vendor" value="Google" checked' in page
    assert "<noscript><button" in page


def done_jobs(personas: Personas, count: int, *, failed: int = 0) -> None:
    now = clock.now()
    for number in range(count):
        job = make_job(personas.alice).job
        state = State.FAIL if number < failed else State.SUCCESS
        Job.objects.filter(pk=job.pk).update(state=state, created_at=now - timedelta(seconds=71), finished_at=now)


def test_time_and_success_are_hidden_below_20_jobs(alice: Client, personas: Personas) -> None:
    done_jobs(personas, 19)
    assert "Median time" not in alice.get("/models").text


def test_time_and_success_are_the_team_s_own_of_the_last_week(alice: Client, personas: Personas) -> None:
    done_jobs(personas, 20, failed=1)
    page = alice.get("/models").text
    assert "71 s" in page
    assert "95%" in page
    Job.objects.update(created_at=clock.now() - timedelta(days=8))
    assert "Median time" not in alice.get("/models").text


def test_the_team_s_newest_take_takes_the_place_of_the_drawn_picture(alice: Client, personas: Personas) -> None:
    take = finished(personas.alice).takes.get()
    page = alice.get("/models").text
    assert f"/models/modkie/{VEO}/poster.webp?take={take.pk.hex}" in page
    assert f'data-preview="/models/modkie/{VEO}/preview.mp4?take={take.pk.hex}"' in page


def stored_take(membership: Membership, folder: Path) -> Take:
    result = media.store_result(team_id=membership.team_id, source=make_clip(folder / "clip.mp4", seconds=1))
    job = make_job(membership).job
    return Take.objects.create(job=job, video=result.video, poster=result.poster, thumb=result.thumb, preview=result.preview)


def test_a_take_s_picture_is_only_for_its_team_and_its_model(alice: Client, personas: Personas, tmp_path: Path) -> None:
    take = stored_take(personas.charlie, tmp_path)
    address = f"/models/modkie/{VEO}/poster.webp?take={take.pk.hex}"
    assert alice.get(address).status_code == 404
    assert alice.get(f"/models/modkie/{VEO}/preview.mp4?take=nonsense").status_code == 404
    alice.force_login(personas.charlie.user)
    assert alice.get(address)["Content-Type"] == "image/webp"
    assert alice.get(address.replace("poster.webp", "preview.mp4"))["Content-Type"] == "video/mp4"
    assert alice.get(address.replace(VEO, KLING)).status_code == 404
