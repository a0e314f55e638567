"""Search: models, takes and pages, from anywhere."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client

from playground.accounts.models import Membership, Role
from playground.jobs.models import FailReason, State
from playground.jobs.takes import delete_takes
from tests.factories import KLING, MembershipFactory, Personas, make_job
from tests.web.playground import HTMX, finished, put_in_state

pytestmark = pytest.mark.django_db


def search(client: Client, text: str, **headers: Any) -> Any:
    return client.get("/search", {"q": text}, headers=headers)


def listed(page: Any, group: str) -> list[str]:
    """The words of the entries of one group, its last "more" among them."""
    found = re.search(rf'<section aria-label="{group}">(.*?)</section>', page.text, re.DOTALL)
    links = re.findall(r"<a [^>]*>(.*?)</a>", found[1], re.DOTALL) if found else []
    return [html.unescape(" ".join(re.sub(r"<[^>]+>", " ", link).split())) for link in links]


def prompts(page: Any) -> list[str]:
    """Of the takes that are listed; the last entry leads to the gallery."""
    return [words.partition(" Veo")[0] for words in listed(page, "Takes")[:-1]]


def signed_in(client: Client, membership: Membership) -> Client:
    client.force_login(membership.user)
    return client


@pytest.fixture
def people(client: Client) -> Personas:
    people = Personas()
    signed_in(client, people.alice)
    return people


def test_a_model_is_found_by_its_name_with_its_price(client: Client, people: Personas) -> None:
    page = search(client, "veo modkie")
    assert listed(page, "Models") == ["Veo 3.1 ModKie · 60 credits"]
    assert 'href="/models/modkie/google/veo-3-1"' in page.text


def test_more_models_than_fit_are_counted_and_a_click_away(client: Client, people: Personas) -> None:
    page = search(client, "kling")
    assert re.fullmatch(r"\d+ more", listed(page, "Models")[-1])
    assert 'href="/models?q=kling"' in page.text


def test_takes_are_found_by_words_of_their_prompt_newest_first(client: Client, people: Personas) -> None:
    for words in ("A red sea at dawn", "A forest", "The sea by night"):
        finished(people.alice, prompt=words)
    page = search(client, "sea")
    assert prompts(page) == ["The sea by night", "A red sea at dawn"]


def test_a_take_of_somebody_else_in_the_team_is_found(client: Client, people: Personas) -> None:
    finished(people.bob, prompt="A lighthouse")
    assert "A lighthouse" in search(client, "lighthouse").text


def test_a_take_is_found_by_its_id_as_it_is_written(client: Client, people: Personas) -> None:
    job = finished(people.alice, prompt="A lighthouse")
    assert "A lighthouse" in search(client, str(job.pk)).text
    assert "A lighthouse" in search(client, job.pk.hex).text


def test_what_is_under_way_is_found_but_not_what_failed_or_was_deleted(client: Client, people: Personas) -> None:
    make_job(people.alice, payload={"prompt": "A harbour now", "aspect_ratio": "16:9", "duration": 5})
    failed = make_job(people.alice, payload={"prompt": "A harbour failed", "aspect_ratio": "16:9", "duration": 5}).job
    put_in_state(failed, State.FAIL, fail_reason=FailReason.CAPACITY, is_listed=False)
    deleted = finished(people.alice, prompt="A harbour deleted")
    delete_takes(people.alice.team_id, deleted.takes.values_list("pk", flat=True))
    assert prompts(search(client, "harbour")) == ["A harbour now"]


def test_takes_of_another_team_are_never_found(client: Client, people: Personas) -> None:
    job = finished(people.charlie, prompt="A secret lighthouse")
    for text in ("lighthouse", "secret", str(job.pk)):
        assert listed(search(client, text), "Takes") == []


def test_takes_of_the_other_mode_are_not_found(client: Client, people: Personas, settings: Any) -> None:
    finished(people.alice, prompt="A lighthouse")
    settings.MODKIE_API_KEY = "sk-of-ours-0123456789"
    client.post("/prefs", {"mode": "live"})
    assert listed(search(client, "lighthouse"), "Takes") == []
    client.post("/prefs", {"mode": "test"})
    assert listed(search(client, "lighthouse"), "Takes") != []


@pytest.mark.parametrize(
    ("role", "hidden"),
    [
        (Role.OWNER, set()),
        (Role.ADMIN, {"Add credits", "Proof of the ledger", "Audit log", "Providers"}),
        (Role.MEMBER, {"Add credits", "Proof of the ledger", "Audit log", "Providers", "Budgets"}),
        (Role.VIEWER, {"Add credits", "Proof of the ledger", "Audit log", "Providers", "Budgets", "API keys", "Compare"}),
    ],
)
def test_only_pages_that_the_role_may_open_are_listed(client: Client, people: Personas, role: Role, hidden: set[str]) -> None:
    owners = set(listed(search(client, ""), "Pages"))
    signed_in(client, MembershipFactory.create(team=people.alice.team, role=role))
    page = search(client, "")
    assert set(listed(page, "Pages")) == owners - hidden
    links = re.findall(r'<a class="item" href="(/[^"?]*)"', page.text.partition('aria-label="Pages"')[2].partition("</section>")[0])
    assert {client.get(path).status_code for path in links} == {200}


def test_without_a_word_there_are_pages_and_nothing_else(client: Client, people: Personas) -> None:
    finished(people.alice)
    page = search(client, "   ")
    assert "Gallery" in listed(page, "Pages")
    assert listed(page, "Takes") == listed(page, "Models") == []


def test_nothing_found_says_so_and_keeps_what_was_typed(client: Client, people: Personas) -> None:
    page = search(client, '<b>zz"top')
    assert "Nothing matches “&lt;b&gt;zz&quot;top”" in page.text
    assert 'value="&lt;b&gt;zz&quot;top"' in page.text


@pytest.mark.parametrize("text", ['"', "*", "NEAR(", "a OR b", "'; DROP TABLE jobs_job", "-", "\x00", "x" * 5000, "海"])
def test_nothing_that_is_typed_is_an_operator(client: Client, people: Personas, text: str) -> None:
    assert search(client, text).status_code == 200


def test_the_dialog_gets_the_groups_alone_and_says_how_many(client: Client, people: Personas) -> None:
    finished(people.alice, model_id=KLING, prompt="A lighthouse")
    found = client.get("/search", {"q": "lighthouse"}, headers={key.replace("_", "-"): value for key, value in HTMX.items()})
    assert "<html" not in found.text
    assert "1 take" in found.headers["HX-Trigger"]
    assert "no-store" in found.headers["Cache-Control"]


def test_a_search_costs_few_queries(client: Client, people: Personas, django_assert_max_num_queries: Any) -> None:
    for number in range(14):
        finished(people.alice, prompt=f"A sea {number}")
    search(client, "sea")
    with django_assert_max_num_queries(10):
        page = search(client, "sea")
    assert len(listed(page, "Takes")) == 13
