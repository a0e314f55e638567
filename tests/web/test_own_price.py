"""The page on which an owner sets what the team pays for a model."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.test import Client, override_settings
from django.utils.html import escape

from playground.catalog import registry
from playground.credits import services as ledger
from playground.credits.models import PriceOverride
from playground.credits.prices import own_price_for, remove_price, set_price
from playground.jobs.models import Job
from tests.api.client import Program, request_body
from tests.factories import VEO, MembershipFactory, Personas, make_key
from tests.web.playground import VEO_FIELDS, VEO_PAGE, open_form, run

pytestmark = pytest.mark.django_db
PAGE = f"/models/modkie/{VEO}/price"
PER_SECOND = "/models/kie/kling-3.0/video/price"


@pytest.fixture
def owner(personas: Personas, client: Client) -> Client:
    client.force_login(personas.alice.user)
    return client


def signed_in(person: object) -> Client:
    client = Client()
    client.force_login(person)  # type: ignore[arg-type]
    return client


def test_an_owner_sets_a_price_and_finds_it_in_the_history(owner: Client, personas: Personas) -> None:
    answer = owner.post(PAGE, {"credits": "12.5", "markup": "", "effective_from": "", "note": "by <contract>"}, follow=True)
    page = answer.content.decode()

    assert answer.redirect_chain == [(PAGE, 302)]
    assert "12.5 credits per job" in page
    assert escape("by <contract>") in page and "by <contract>" not in page
    found = own_price_for(personas.alice.team_id, "modkie", VEO)
    assert found is not None
    assert (found.price_millicredits, found.created_by) == (12_500, personas.alice.user)


def test_the_unit_is_the_model_s(owner: Client) -> None:
    assert "Credits per job" in owner.get(PAGE).content.decode()
    assert "Credits per second" in owner.get(PER_SECOND).content.decode()


def test_a_planned_mark_up_waits_for_its_moment_in_the_viewer_s_zone(owner: Client, personas: Personas) -> None:
    owner.cookies["tz"] = "Asia/Tokyo"
    page = owner.post(PAGE, {"markup": "25", "effective_from": "2099-01-01T09:00"}, follow=True).content.decode()

    assert "+25 %" in page and "Planned" in page
    assert own_price_for(personas.alice.team_id, "modkie", VEO) is None
    assert PriceOverride.objects.get().effective_from == datetime(2099, 1, 1, tzinfo=UTC)


def test_the_published_price_comes_back_by_a_button(owner: Client, personas: Personas) -> None:
    owner.post(PAGE, {"credits": "1"})
    page = owner.post(PAGE, {"action": "remove"}, follow=True).content.decode()

    assert own_price_for(personas.alice.team_id, "modkie", VEO) is None
    assert "Published price" in page and "1 credit per job" in page


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({}, "credits", "Give either a price or a mark-up."),
        ({"credits": "1", "markup": "1"}, "credits", "Give either a price or a mark-up."),
        ({"credits": "many"}, "credits", "Enter a number."),
        ({"credits": "-1"}, "credits", "A price is 0 to 1,000,000 credits."),
        ({"credits": "0.0001"}, "credits", "at most three decimals"),
        ({"markup": "-101"}, "markup", "A mark-up is -100 to 10,000 percent."),
        ({"credits": "1", "effective_from": "2020-01-01T00:00"}, "effective_from", "A price cannot take effect in the past."),
        ({"credits": "1", "effective_from": "soon"}, "effective_from", "Enter a valid date/time."),
        ({"credits": "1", "note": "x" * 201}, "note", "at most 200 characters"),
    ],
    ids=str,
)
def test_a_refusal_stands_at_its_field_and_keeps_what_was_typed(owner: Client, typed: dict[str, str], field: str, words: str) -> None:
    answer = owner.post(PAGE, typed)
    page = answer.content.decode()

    assert answer.status_code == 422
    assert words in page
    assert f'id="id_{field}-about"' in page and f'name="{field}"' in page
    for value in typed.values():
        assert f'value="{value}"' in page
    assert not PriceOverride.objects.exists()


@pytest.mark.parametrize("role", ["viewer", "member", "admin"])
def test_others_of_the_team_may_look_and_not_set(personas: Personas, role: str) -> None:
    membership = MembershipFactory.create(team=personas.alice.team, role=role)
    client = signed_in(membership.user)

    page = client.get(PAGE).content.decode()
    refused = client.post(PAGE, {"credits": "1"})

    assert "needs the role Owner" in page and 'name="credits"' not in page
    assert refused.status_code == 403
    assert not PriceOverride.objects.exists()


def test_another_team_sees_nothing_of_it(owner: Client, personas: Personas) -> None:
    owner.post(PAGE, {"credits": "12.5"})

    assert "12.5 credits" not in signed_in(personas.charlie.user).get(PAGE).content.decode()


def test_nobody_reads_it_signed_out_and_an_unknown_model_is_not_there(owner: Client) -> None:
    assert Client().get(PAGE).status_code == 302
    assert owner.get("/models/modkie/nothing/price").status_code == 404


def test_a_mark_up_on_an_unpublished_price_is_refused_where_it_is_typed(owner: Client) -> None:
    page = owner.post("/models/modkie/wan/2-7-image-to-video/price", {"markup": "10"})

    assert page.status_code == 422
    assert "Nobody publishes a price to add a mark-up to" in page.content.decode()


def test_a_price_of_nothing_is_a_price(owner: Client, personas: Personas) -> None:
    owner.post(PAGE, {"credits": "0"})
    found = own_price_for(personas.alice.team_id, "modkie", VEO)

    assert found is not None and found.own is not None
    assert found.own.credits == Decimal(0)


CARD = registry.get(VEO)
UNPUBLISHED = registry.get("bytedance/seedance-2-mini", "modkie")


def test_the_form_shows_the_own_price_and_its_formula(owner: Client, personas: Personas) -> None:
    set_price(team=personas.alice.team, card=CARD, actor=None, credits=Decimal("12.5"))
    quoted = owner.post(f"{VEO_PAGE}/quote", VEO_FIELDS, headers={"HX-Request": "true"}).text

    assert "12.5" in quoted and "own price" in quoted


def test_a_choice_says_what_it_costs_this_team(owner: Client, personas: Personas) -> None:
    card = registry.get("kling-3.0/video")
    published = owner.get(f"/models/kie/{card.id}").text
    set_price(team=personas.alice.team, card=card, actor=None, markup_percent=Decimal(100))
    dearer = owner.get(f"/models/kie/{card.id}").text

    assert published != dearer
    assert "+ 100 %" in dearer


def test_a_price_that_rises_between_quote_and_run_is_asked_about_again(owner: Client, personas: Personas) -> None:
    nonce = open_form(owner)
    set_price(team=personas.alice.team, card=CARD, actor=None, markup_percent=Decimal(50))
    refused = run(owner, nonce=nonce, headers={"HX-Request": "true"})
    agreed = run(owner)

    assert refused.status_code == 409
    assert "The price is 90 now, not 60. Nothing was spent." in refused.text
    assert agreed.status_code == 303
    assert [job.price_millicredits for job in Job.objects.all()] == [90_000]


def test_a_price_that_falls_is_simply_taken(owner: Client, personas: Personas) -> None:
    nonce = open_form(owner)
    set_price(team=personas.alice.team, card=CARD, actor=None, credits=Decimal(1))

    assert run(owner, nonce=nonce).status_code == 303
    assert Job.objects.get().price_millicredits == 1000


def test_a_job_keeps_the_price_that_it_was_quoted(personas: Personas) -> None:
    program = Program(make_key(personas.alice))
    set_price(team=personas.alice.team, card=CARD, actor=None, credits=Decimal(7))
    before = program.create_id()
    remove_price(team=personas.alice.team, card=CARD, actor=None)
    after = program.create_id()

    assert [program.record(task_id)["data"]["creditsConsumed"] for task_id in (before, after)] == [7, 60]
    assert Job.objects.get(pk=before).own_price is not None
    assert Job.objects.get(pk=after).own_price is None


@override_settings(MODKIE_API_KEY="sk-any")
def test_a_model_without_a_published_price_runs_live_once_an_owner_set_one(owner: Client, personas: Personas) -> None:
    ledger.grant(team=personas.alice.team, mode="live", millicredits=1_000_000)
    program = Program(make_key(personas.alice, mode="live"))
    body = request_body(model=UNPUBLISHED.id, gateway="modkie", input={"prompt": "A quiet sea at dawn", "duration": 5})
    refused = program.create(body)
    owner.post(f"/models/modkie/{UNPUBLISHED.id}/price", {"credits": "10"})
    answer = program.create(body)

    assert (refused["code"], "Nobody publishes a price" in refused["msg"]) == (422, True)
    assert answer["code"] == 200, answer
    assert Job.objects.get(pk=answer["data"]["taskId"]).price_formula == "10 credits per job (own price)"
