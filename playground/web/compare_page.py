"""Everything that the comparison's templates read: the form with its plans, or the columns of one that was run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from playground.accounts.models import Membership
from playground.accounts.permissions import Permission, allows
from playground.catalog import common, registry
from playground.catalog.card import Card
from playground.catalog.roles import field_for
from playground.core.wording import Labels
from playground.credits.prices import own_prices_of
from playground.gallery import comparisons
from playground.gallery.models import Comparison, ComparisonJob
from playground.jobs.history import expected_seconds
from playground.jobs.models import Job
from playground.web.catalogue import Offer, offer_of
from playground.web.compare_facts import Said, made, planned, wants_sound
from playground.web.compare_foot import foot_for
from playground.web.compare_form import CompareForm
from playground.web.context import shell_for
from playground.web.formprices import price_text
from playground.web.forms import CardForm
from playground.web.pulses import Ask, pulse_for
from playground.web.stage import Stage, card_of, stage_of

SURFACES = ("compare",)
_ADD = Labels(
    {
        0: gettext_noop("Add a model"),
        1: gettext_noop("Add a second model"),
        2: gettext_noop("Add a third model"),
        3: gettext_noop("Add a fourth model"),
    }
)
NEWEST_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Plan:
    """A column before the run."""

    index: int
    form: CardForm
    said: list[Said]
    typical_seconds: int

    @property
    def card(self) -> Card:
        return self.form.card

    @property
    def key(self) -> str:
        return "/".join(self.card.key)

    @property
    def price_words(self) -> str:
        quote = self.form.quote()
        if self.form.assessment.is_unpriced:
            return _("No price")
        if quote and quote.hold_millicredits:
            return _("%(price)s credits") % {"price": price_text(quote)}
        return _("Free") if quote else "–"

    @property
    def problems(self) -> list[str]:
        return [problem.message for problem in self.form.assessment.problems if not problem.is_missing]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a comparison that was run. `key` is "" where the card is gone."""

    comparison: Comparison
    job: Job
    card: Card | None
    stage: Stage
    said: list[Said]

    @property
    def title(self) -> str:
        return self.card.title if self.card else self.job.model_id

    @property
    def key(self) -> str:
        return "/".join(self.card.key) if self.card else ""

    @property
    def vendor(self) -> str:
        return self.card.vendor if self.card else self.title

    @property
    def is_picked(self) -> bool:
        return self.stage.take is not None and self.comparison.picked_id == self.stage.take.pk

    @property
    def seconds(self) -> float:
        ended = self.job.finished_at
        return (ended - self.job.created_at).total_seconds() if ended else 0

    @property
    def has_taken_its_time(self) -> bool:
        return self.job.is_final and self.stage.kind == "success"


class ComparePage:
    """One request's view of a comparison: who asks, in which team and mode, about which models."""

    def __init__(self, request: HttpRequest, membership: Membership, cards: Sequence[Card], notes: Sequence[str] = ()) -> None:
        self.request = request
        self.membership = membership
        self.cards = list(cards)
        self.notes = list(notes)
        self.shell = shell_for(request)

    def form(self, data: QueryDict | None = None, *, initial: Mapping[str, Any] | None = None) -> CompareForm:
        place: dict[str, Any] = {"team_id": self.membership.team_id, "mode": self.shell.mode}
        return CompareForm(self.cards, data=data, initial=initial, **place)

    def form_context(self, form: CompareForm, *, problem: str = "", run_label: str = "", tells: bool = False) -> dict[str, Any]:
        """`tells`: a run was refused for what stands in the fields, so it says all that is wrong and what is missing."""
        return {
            "nav": "compare",
            "form": form,
            "plans": [self._plan(index, column, form) for index, column in enumerate(form.columns)],
            "foot": foot_for(self.shell, self.membership, form, problem=problem, run_label=run_label),
            "told": [*form.problems, *form.missing] if tells else [],
            "notes": self.notes,
            "others": self._others() if len(self.cards) < comparisons.MOST else [],
            "add_words": _ADD.get(len(self.cards), ""),
            "pulse": None,
        }

    def _plan(self, index: int, column: CardForm, form: CompareForm) -> Plan:
        typical = expected_seconds(self.shell.mode == "test", column.card.typical_seconds)
        return Plan(index, column, planned(form, column), typical)

    def _others(self) -> list[Offer]:
        """What can stand beside the chosen ones, by name."""
        own, chosen = own_prices_of(self.membership.team_id), {card.key for card in self.cards}
        cards = [card for card in registry.live_cards() if card.key not in chosen and common.takes_words_alone(card)]
        return [offer_of(card, own.get(card.key)) for card in sorted(cards, key=lambda card: (card.title.lower(), card.gateway))]

    def result_context(self, comparison: Comparison, form: CompareForm | None = None) -> dict[str, Any]:
        """A comparison that was run, under the form that it was run with."""
        found = comparisons.columns_of(comparison)
        columns = columns_for(comparison, found)
        self.cards = [column.card for column in columns if column.card and common.takes_words_alone(column.card)]
        form = form or self.form(initial=asked_of([(column.card, column.job) for column in columns]))
        ask = Ask({}, SURFACES, None, None, comparison.mode, "mine", 0)
        return {
            **self.form_context(form),
            "comparison": comparison,
            "columns": columns,
            "can_run": allows(self.membership.role, Permission.RUN),
            "pulse": pulse_for(ask, [one.job for one in found]),
            "is_running": any(not one.job.is_final for one in found),
        }


def asked_of(pairs: Sequence[tuple[Card | None, Job]]) -> dict[str, Any]:
    """The prompt and the values in common that jobs were made with."""
    asked: dict[str, Any] = {}
    for card, job in pairs:
        if card is None:
            continue
        payload = job.payload
        asked.setdefault("prompt", payload.get(field_for(card, "prompt") or "", ""))
        for role in common.ROLES:
            name = field_for(card, role)
            value = common.name_of(card, role, payload.get(name)) if name and name in payload else ""
            if value:
                asked.setdefault(role, value == "true" if role == "audio" else value)
    return asked


def columns_for(comparison: Comparison, found: Sequence[ComparisonJob]) -> list[Column]:
    cards = [card_of(one.job) for one in found]
    is_wanted = any(wants_sound(card, one.job.payload) for card, one in zip(cards, found, strict=True))
    columns = []
    for card, one in zip(cards, found, strict=True):
        stage = stage_of(one.job, card=card)
        columns.append(Column(comparison, one.job, card, stage, made(one.job, card, stage.take, is_sound_wanted=is_wanted)))
    return columns


def columns_of_jobs(team_id: int, job_ids: Sequence[UUID]) -> list[Column]:
    """The columns of these jobs alone, for a page that shows all of their comparison."""
    found = comparisons.comparisons_of(team_id, job_ids)
    columns = [column for one in found for column in columns_for(one, comparisons.columns_of(one))]
    return [column for column in columns if column.job.pk in set(job_ids)]


def models_of(query: QueryDict) -> tuple[list[Card], list[str]]:
    """The models that an address or a form names, and a sentence for each that cannot be compared."""
    cards: list[Card] = []
    notes: list[str] = []
    for text in dict.fromkeys(query.getlist("m")):
        card, note = _model(text)
        if card is not None and len(cards) >= comparisons.MOST:
            words = _("%(model)s is left out: at most %(most)s models stand side by side.")
            note = words % {"model": card.title, "most": comparisons.MOST}
        elif card is not None and card not in cards:
            cards.append(card)
        notes += [note] if note else []
    return cards, notes[: comparisons.MOST]


def _model(text: str) -> tuple[Card | None, str]:
    gateway, _slash, model_id = text[:200].partition("/")
    try:
        card = registry.get(model_id, gateway)
    except registry.UnknownModel:
        return None, _("There is no model %(model)s.") % {"model": text[:80]}
    if not card.is_live:
        return None, _("%(model)s is no longer offered.") % {"model": card.title}
    if not common.takes_words_alone(card):
        return None, _("%(model)s needs more than a prompt, so it cannot be compared here.") % {"model": card.title}
    return card, ""


def address(cards: Sequence[Card]) -> str:
    query = urlencode([("m", "/".join(card.key)) for card in cards], safe="/")
    return f"{reverse('compare')}?{query}".rstrip("?")


def usual_cards(membership: Membership, mode: str) -> list[Card]:
    """The last two models that the person used, else the team; else the two cheapest of different vendors."""
    newest = Job.objects.filter(team_id=membership.team_id, mode=mode).order_by("-created_at", "-id")
    rows = list(newest.values_list("gateway", "model_id", "created_by_id")[:NEWEST_LOOKED_AT])
    own = [row for row in rows if row[2] == membership.user_id]
    found: list[Card] = []
    for gateway, model_id, _user_id in [*own, *rows]:
        card, _note = _model(f"{gateway}/{model_id}")
        if card is not None and card not in found:
            found.append(card)
    for card in [*found[: comparisons.FEWEST], *cheapest()]:
        if card not in found[: comparisons.FEWEST] and card.vendor not in {one.vendor for one in found}:
            found.append(card)
    return found[: comparisons.FEWEST]


def cheapest() -> list[Card]:
    """By the price of the example; what costs nothing or nobody knows how much comes last."""

    def rank(card: Card) -> tuple[float, str]:
        price = offer_of(card).price
        return (price.max_millicredits if price and price.max_millicredits else float("inf"), card.title)

    return sorted((card for card in registry.live_cards() if common.takes_words_alone(card)), key=rank)
