"""Prices of a team's own: who sets them, from when on they hold, and what follows what."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.accounts.models import Team
from playground.catalog import registry
from playground.catalog.pricing import OwnPrice
from playground.core import clock, ids
from playground.credits import prices
from playground.credits.models import PriceOverride
from playground.credits.prices import PriceError, own_price_for, own_prices_of, remove_price, set_price
from tests.factories import VEO, Personas

pytestmark = pytest.mark.django_db
CARD = registry.get(VEO)
UNPUBLISHED = registry.get("wan/2-7-image-to-video", "modkie")


def own_now(team: Team) -> OwnPrice | None:
    found = own_price_for(team.pk, *CARD.key)
    return found.own if found else None


def test_a_price_holds_at_once_and_for_its_team_alone(personas: Personas) -> None:
    set_price(team=personas.alice.team, card=CARD, actor=personas.alice.user, credits=Decimal("12.5"))

    assert own_now(personas.alice.team) == OwnPrice(Decimal("12.5"), Decimal(0))
    assert own_now(personas.charlie.team) is None
    assert own_prices_of(personas.alice.team_id) == {CARD.key: OwnPrice(Decimal("12.5"), Decimal(0))}


def test_a_planned_price_holds_from_its_moment_on(personas: Personas) -> None:
    starts = clock.now() + timedelta(hours=1)
    set_price(team=personas.alice.team, card=CARD, actor=personas.alice.user, markup_percent=Decimal(25), effective_from=starts)

    def at(moment: datetime) -> PriceOverride | None:
        return own_price_for(personas.alice.team_id, *CARD.key, moment)

    assert own_now(personas.alice.team) is None
    assert at(starts - timedelta(microseconds=1)) is None
    assert at(starts) is not None


def test_the_newest_row_wins_and_the_published_price_can_come_back(personas: Personas) -> None:
    team, owner = personas.alice.team, personas.alice.user
    set_price(team=team, card=CARD, actor=owner, credits=Decimal(10))
    set_price(team=team, card=CARD, actor=owner, markup_percent=Decimal(-10))
    assert own_now(team) == OwnPrice(None, Decimal(-10))

    remove_price(team=team, card=CARD, actor=owner)
    assert own_now(team) is None
    assert [row.kind for row in prices.history_of(team.pk, *CARD.key)] == ["none", "markup", "price"]


@pytest.mark.parametrize("who", ["bob", "charlie"])
def test_only_an_owner_of_the_team_sets_prices(personas: Personas, who: str) -> None:
    stranger = getattr(personas, who).user
    with pytest.raises(PriceError) as refused:
        set_price(team=personas.alice.team, card=CARD, actor=stranger, credits=Decimal(1))
    with pytest.raises(PriceError):
        remove_price(team=personas.alice.team, card=CARD, actor=stranger)

    assert (refused.value.field, refused.value.rule) == ("role", "owner")
    assert not PriceOverride.objects.exists()


@pytest.mark.parametrize(
    ("values", "field", "rule"),
    [
        ({}, "credits", "required"),
        ({"credits": Decimal(1), "markup_percent": Decimal(1)}, "credits", "required"),
        ({"credits": Decimal("-0.001")}, "credits", "range"),
        ({"credits": Decimal("NaN")}, "credits", "range"),
        ({"credits": Decimal("Infinity")}, "credits", "range"),
        ({"credits": Decimal(1_000_001)}, "credits", "range"),
        ({"credits": Decimal("0.0001")}, "credits", "precision"),
        ({"markup_percent": Decimal("-100.01")}, "markup", "range"),
        ({"markup_percent": Decimal("NaN")}, "markup", "range"),
        ({"markup_percent": Decimal("0.001")}, "markup", "precision"),
        ({"credits": Decimal(1), "effective_from": datetime(2020, 1, 1, tzinfo=UTC)}, "effective_from", "past"),
        ({"credits": Decimal(1), "effective_from": datetime(2099, 1, 1)}, "effective_from", "format"),
    ],
    ids=str,
)
def test_a_refusal_names_field_and_rule_and_writes_nothing(personas: Personas, values: dict[str, Any], field: str, rule: str) -> None:
    with pytest.raises(PriceError) as refused:
        set_price(team=personas.alice.team, card=CARD, actor=personas.alice.user, **values)

    assert (refused.value.field, refused.value.rule) == (field, rule)
    assert not PriceOverride.objects.exists()


def test_there_is_no_mark_up_on_nothing(personas: Personas) -> None:
    with pytest.raises(PriceError) as refused:
        set_price(team=personas.alice.team, card=UNPUBLISHED, actor=None, markup_percent=Decimal(10))

    assert (refused.value.field, refused.value.rule) == ("markup", "unpublished")


@pytest.mark.parametrize("values", [{"kind": "price"}, {"kind": "markup"}, {"kind": "none", "price_millicredits": 5}, {"kind": "odd"}])
def test_the_database_knows_no_half_prices(personas: Personas, values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        PriceOverride.objects.create(team=personas.alice.team, gateway="modkie", model_id=VEO, effective_from=clock.now(), **values)


def test_a_price_is_asked_for_at_most_once_a_second(personas: Personas) -> None:
    own_now(personas.alice.team)
    with CaptureQueriesContext(connection) as captured:
        for _ in range(20):
            own_now(personas.alice.team)

    assert len(captured) <= 1


moments = st.integers(0, 20)
changes = st.lists(
    st.one_of(
        st.tuples(st.just("price"), st.integers(0, 5), moments),
        st.tuples(st.just("markup"), st.integers(-50, 50), moments),
        st.tuples(st.just("none"), st.just(0), moments),
    ),
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(changes, st.integers(-1, 21))
def test_at_any_moment_the_row_that_took_effect_last_holds(sequence: list[tuple[str, int, int]], asked: int) -> None:
    """Rows are added in any order of their moments; of those of one moment the newest holds."""
    team = Team.objects.create(slug=ids.new_id().hex, name="A team")
    start = clock.now() + timedelta(days=1)
    for kind, amount, minute in sequence:
        moment = start + timedelta(minutes=minute)
        if kind == "none":
            remove_price(team=team, card=CARD, actor=None, effective_from=moment)
        else:
            own = {"credits": Decimal(amount)} if kind == "price" else {"markup_percent": Decimal(amount)}
            set_price(team=team, card=CARD, actor=None, effective_from=moment, **own)  # type: ignore[arg-type]
    expected: tuple[str, int] | None = None
    for minute in range(asked + 1):
        for kind, amount, starts in sequence:
            if starts == minute:
                expected = None if kind == "none" else (kind, amount)

    held = own_price_for(team.pk, *CARD.key, start + timedelta(minutes=asked))
    found = None if held is None else (held.kind, int(held.own.credits if held.own.credits is not None else held.own.markup_percent))  # type: ignore[union-attr]
    assert found == expected


def command(*arguments: str) -> str:
    out = io.StringIO()
    call_command("set_price", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_sets_plans_and_ends_a_price(personas: Personas) -> None:
    slug = personas.alice.team.slug
    assert "12.5 credits per job" in command(f"modkie/{VEO}", "--team", slug, "--credits", "12.5", "--note", "by contract")
    assert own_now(personas.alice.team) == OwnPrice(Decimal("12.5"), Decimal(0))
    assert "+25 % from 2099-01-01 00:00" in command(f"modkie/{VEO}", "--team", slug, "--markup", "25", "--from", "2099-01-01T00:00Z")
    assert own_now(personas.alice.team) == OwnPrice(Decimal("12.5"), Decimal(0))
    assert "Published price" in command(f"modkie/{VEO}", "--team", slug, "--published")
    assert own_now(personas.alice.team) is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([VEO, "--credits", "1"], "no model"),
        (["modkie/nothing", "--credits", "1"], "no model"),
        ([f"modkie/{VEO}", "--credits", "many"], "not a number"),
        ([f"modkie/{VEO}", "--credits", "-1"], "A price is 0"),
        ([f"modkie/{VEO}", "--credits", "1", "--from", "tomorrow"], "not a moment"),
        ([f"modkie/{VEO}", "--credits", "1", "--from", "2020-01-01"], "past"),
        ([f"modkie/{VEO}", "--credits", "1", "--from", "2020-01-01T00:00Z"], "past"),
        ([f"modkie/{VEO}", "--credits", "1", "--team", "nobody"], "no team"),
        ([f"modkie/{VEO}", "--credits", "1", "--markup", "1"], "not allowed with"),
        ([f"modkie/{VEO}"], "required"),
    ],
    ids=str,
)
def test_the_command_says_what_is_wrong(personas: Personas, arguments: list[str], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        command(*arguments)
    assert not PriceOverride.objects.exists()
