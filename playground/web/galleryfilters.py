"""The gallery's filters as they stand in the address: read, offered as chips, and written again in the shortest form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from playground.accounts import members
from playground.accounts.models import Membership
from playground.catalog import registry
from playground.gallery.filters import Filters
from playground.gallery.totals import models_with_takes
from playground.jobs.listing import ASPECTS, OTHER
from playground.web.ledger import title_of
from playground.web.ledgerfilters import label_among, number_of
from playground.web.switching import SCENES

SCOPES = {
    "team": gettext_lazy("Team"),
    "mine": gettext_lazy("Mine"),
    "favourites": gettext_lazy("Favourites"),
    "collections": gettext_lazy("Collections"),
}
WHEN = {"today": (gettext_lazy("Today"), 0), "7": (gettext_lazy("Last 7 days"), 6), "30": (gettext_lazy("Last 30 days"), 29)}
QUERY_LENGTH = 200
MOST_VALUES = 60
_SHOWN_VALUES = 2


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for; what nobody knows is left out. `days` are the first and the last day, both included."""

    scope: str = "mine"
    models: tuple[str, ...] = ()
    members: tuple[int, ...] = ()
    scenes: tuple[str, ...] = ()
    aspects: tuple[str, ...] = ()
    when: str = ""
    first: date | None = None
    last: date | None = None
    is_favourite: bool = False
    q: str = ""
    collection: UUID | None = None

    @property
    def is_filtered(self) -> bool:
        return replace(self, scope="mine", collection=None) != Wanted()

    def filters(self, viewer_id: int) -> Filters:
        first, last = self._days()
        return Filters(
            creators=(viewer_id,) if self.scope == "mine" else self.members,
            models=tuple(_pair(model) for model in self.models),
            scenes=self.scenes,
            aspects=self.aspects,
            since=_start(first) if first else None,
            until=_start(last + timedelta(days=1)) if last else None,
            favourites_of=viewer_id if self.is_favourite or self.scope == "favourites" else None,
            collection_id=self.collection,
            text=self.q,
        )

    def _days(self) -> tuple[date | None, date | None]:
        if self.when:
            return timezone.localdate() - timedelta(days=WHEN[self.when][1]), None
        return self.first, self.last

    @property
    def query(self) -> str:
        """The shortest address that asks for the same."""
        values: list[tuple[str, object]] = [("scope", self.scope)]
        values += [("collection", self.collection), ("q", self.q), *(("model", model) for model in self.models)]
        values += [("member", user_id) for user_id in self.members] + [("scene", scene) for scene in self.scenes]
        values += [("ar", aspect) for aspect in self.aspects] + [("when", self.when), ("from", self.first), ("to", self.last)]
        values += [("fav", "1" if self.is_favourite else "")]
        return urlencode([(name, value) for name, value in values if value], safe="/:")

    @property
    def url(self) -> str:
        return f"{reverse('gallery')}?{self.query}"

    @property
    def bare_url(self) -> str:
        """The same scope and collection with nothing filtered."""
        return Wanted(scope=self.scope, collection=self.collection).url


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class Chip:
    """One group of choices; `words` are what is on, or "". `without` is the address with the group left out."""

    key: str
    title: str
    options: Sequence[Option]
    words: str
    without: str
    is_dates: bool = False


@dataclass(slots=True)
class Choices:
    """What there is to choose from for one member; people and models are asked for once."""

    membership: Membership
    mode: str
    _people: dict[int, str] = field(default_factory=dict)

    @property
    def people(self) -> Mapping[int, str]:
        if not self._people:
            self._people = {one.user_id: str(one.user) for one in members.members_of(self.membership.team_id)}
        return self._people

    def wanted_of(self, given: QueryDict, scope: str) -> Wanted:
        when = given.get("when", "")
        first, last = _date(given.get("from", "")), _date(given.get("to", ""))
        is_when = when in WHEN and not (first or last)
        return Wanted(
            scope=scope,
            models=_known(given.getlist("model"), self._is_model),
            members=() if scope == "mine" else self._members(given.getlist("member")),
            scenes=_known(given.getlist("scene"), SCENES.__contains__),
            aspects=_known(given.getlist("ar"), (*ASPECTS, OTHER).__contains__),
            when=when if is_when else "",
            first=first,
            last=last,
            is_favourite=given.get("fav") == "1" and scope != "favourites",
            q=given.get("q", "").replace("\x00", "").strip()[:QUERY_LENGTH],
            collection=uuid_of(given.get("collection", "")),
        )

    def _members(self, given: Sequence[str]) -> tuple[int, ...]:
        numbers = [number for text in given[:MOST_VALUES] if (number := number_of(text)) is not None]
        return tuple(dict.fromkeys(number for number in numbers if number in self.people)) if numbers else ()

    def _is_model(self, text: str) -> bool:
        gateway, model_id = _pair(text)
        try:
            return registry.get(model_id, gateway).id == model_id
        except registry.UnknownModel:
            return (gateway, model_id) in models_with_takes(self.membership.team_id, self.mode)

    def chips(self, wanted: Wanted, used: Sequence[tuple[str, str]]) -> list[Chip]:
        chips = [_chip(wanted, "model", "models", _("Model"), _models(wanted, used), wanted.models)]
        if wanted.scope != "mine":
            people = [(str(user_id), name) for user_id, name in self.people.items()]
            chips.append(_chip(wanted, "member", "members", _("Member"), people, [str(one) for one in wanted.members]))
        scenes = [(scene, str(name)) for scene, name in SCENES.items()]
        aspects = [*((aspect, aspect) for aspect in ASPECTS), (OTHER, _("Other"))]
        chips.append(_chip(wanted, "scene", "scenes", _("Scene"), scenes, wanted.scenes))
        chips.append(_chip(wanted, "ar", "aspects", _("Aspect"), aspects, wanted.aspects))
        return [*chips, _when_chip(wanted)]


def _models(wanted: Wanted, used: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those that there are takes of, and those that are ticked; by title, with the provider where two have the same."""
    models = dict.fromkeys([*used, *(_pair(model) for model in wanted.models)])
    titles = {model: title_of(*model) for model in models}
    labels = [("/".join(model), label_among(model, titles)) for model in models]
    return sorted(labels, key=lambda pair: pair[1].casefold())


def _chip(wanted: Wanted, key: str, name: str, title: str, choices: Iterable[tuple[str, str]], on: Sequence[str]) -> Chip:
    options = [Option(value, label, value in on) for value, label in choices]
    without: dict[str, Any] = {name: ()}
    return Chip(key, title, options, _words([option.label for option in options if option.is_on]), replace(wanted, **without).url)


def _words(labels: Sequence[str]) -> str:
    """`Kling 3.0, Veo 3.1 +5`."""
    more = len(labels) - _SHOWN_VALUES
    return ", ".join(labels[:_SHOWN_VALUES]) + (f" +{more}" if more > 0 else "")


def _when_chip(wanted: Wanted) -> Chip:
    options = [Option("", _("Any time"), is_on=not wanted.when)]
    options += [Option(value, str(label), value == wanted.when) for value, (label, _days) in WHEN.items()]
    words = str(WHEN[wanted.when][0]) if wanted.when else _span(wanted.first, wanted.last)
    without = replace(wanted, when="", first=None, last=None).url
    return Chip("when", _("Date"), options, words, without, is_dates=True)


def _span(first: date | None, last: date | None) -> str:
    if first and last:
        return _("%(first)s to %(last)s") % {"first": _day(first), "last": _day(last)} if first != last else _day(first)
    if first:
        return _("Since %(day)s") % {"day": _day(first)}
    return _("Until %(day)s") % {"day": _day(last)} if last else ""


def _day(day: date) -> str:
    is_this_year = day.year == timezone.localdate().year
    return format_date(day, pgettext("date format", "j M") if is_this_year else pgettext("date format", "j M Y"))


def _pair(text: str) -> tuple[str, str]:
    gateway, _slash, model_id = text.partition("/")
    return gateway, model_id


def _known(given: Sequence[str], is_known: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in given[:MOST_VALUES] if value and len(value) < 160 and is_known(value)))


def _date(text: str) -> date | None:
    try:
        found = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
    return found if found and 2000 <= found.year < 3000 else None


def _start(day: date) -> datetime:
    return datetime.combine(day, time.min, timezone.get_current_timezone())


def uuid_of(text: str) -> UUID | None:
    try:
        return UUID(text) if len(text) in (32, 36) else None
    except ValueError:
        return None
