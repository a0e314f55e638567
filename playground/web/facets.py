"""Which models match, and how many would with one more tick: choices of one group widen, groups narrow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from playground.core.money import usd
from playground.core.wording import Labels
from playground.jobs import upstreams
from playground.web.catalogue import INPUTS, SKILLS, Offer, gateway_title

QUERY_LENGTH = 200
SORTS = Labels(
    {
        "used": gettext_noop("Most used"),
        "picked": gettext_noop("Most picked"),
        "price": gettext_noop("Cheapest"),
        "fast": gettext_noop("Fastest"),
    }
)
GROUPS = ("vendor", "input", "price", "can", "on")
# Upper ends in credits of one job of the example; above the last there is no end.
BANDS = {"20": (0, 20), "60": (20, 60), "120": (60, 120), "more": (120, None)}
_NAMES = Labels(
    {
        "q": gettext_noop("search"),
        "vendor": gettext_noop("vendor filter"),
        "input": gettext_noop("input filter"),
        "price": gettext_noop("price filter"),
        "can": gettext_noop("can-do filter"),
        "on": gettext_noop("gateway filter"),
    }
)


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    note: str
    count: int
    is_on: bool


@dataclass(frozen=True, slots=True)
class Group:
    key: str
    title: str
    options: list[Option]


@dataclass(frozen=True, slots=True)
class Way:
    """Out of an empty list: what to clear, where that leads, and how many models are there."""

    name: str
    query: str
    count: int


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for; what no group knows is dropped."""

    q: str
    chosen: Mapping[str, frozenset[str]]
    sort: str

    @classmethod
    def of(cls, data: QueryDict) -> Filters:
        chosen = {group: frozenset(value for value in data.getlist(group) if value) for group in GROUPS}
        sort = data.get("sort", "")
        return cls(data.get("q", "").strip()[:QUERY_LENGTH], chosen, sort if sort in SORTS else "used")

    @property
    def count(self) -> int:
        """How many groups of the rail are in use; the search and the vendor show for themselves."""
        return sum(bool(self.chosen[group]) for group in GROUPS if group != "vendor")

    def query(self, *, without: str = "") -> str:
        pairs = [("q", self.q)] if self.q and without != "q" else []
        pairs += [(group, value) for group in GROUPS if group != without for value in sorted(self.chosen[group])]
        return urlencode([*pairs, *([("sort", self.sort)] if self.sort != "used" else [])])


@dataclass(frozen=True, slots=True)
class Sifted:
    """A model beside the filters: what it has of each group, and which of the filters keep it out ("q" is the search)."""

    offer: Offer
    tokens: Mapping[str, frozenset[str]]
    misses: frozenset[str]

    def is_found(self, *, without: str = "") -> bool:
        return self.misses <= {without}


def sift(offers: Iterable[Offer], filters: Filters) -> list[Sifted]:
    words = filters.q.lower().split()
    sifted = []
    for offer in offers:
        tokens, profile = tokens_of(offer), offer.profile
        misses = {group for group, wanted in filters.chosen.items() if wanted and not wanted & tokens[group]}
        if not all(word in profile.words for word in words):
            misses.add("q")
        sifted.append(Sifted(offer, tokens, frozenset(misses)))
    return sifted


def ways_out(sifted: Sequence[Sifted], filters: Filters) -> list[Way]:
    """Each filter alone whose removal helps, the most helpful first."""
    used = [*(["q"] if filters.q else []), *(group for group in GROUPS if filters.chosen[group])]
    counts = {name: sum(model.is_found(without=name) for model in sifted) for name in used}
    ways = [Way(_NAMES[name], filters.query(without=name), count) for name, count in counts.items() if count]
    return sorted(ways, key=lambda way: -way.count)


def tokens_of(offer: Offer) -> dict[str, frozenset[str]]:
    profile = offer.profile
    return {
        "vendor": frozenset([offer.card.vendor]),
        "input": frozenset(profile.inputs),
        "price": frozenset([band_of(offer)]),
        "can": frozenset(profile.skills),
        "on": frozenset([offer.card.gateway]),
    }


def band_of(offer: Offer) -> str:
    if offer.price is None:
        return "unknown"
    credits = offer.price.max_millicredits / 1000
    if credits == 0:
        return "free"
    return next(name for name, (_, end) in BANDS.items() if end is None or credits <= end)


def groups_of(sifted: Sequence[Sifted], filters: Filters, usd_per_credit: Decimal) -> list[Group]:
    """The rail. A choice that no model has at all is left out; one that the other filters rule out counts 0."""
    titles = {"input": _("Input"), "price": _("Credits per job"), "can": _("Can do"), "on": _("Runs on")}
    return [Group(key, title, _options(key, sifted, filters, usd_per_credit)) for key, title in titles.items()]


def _options(group: str, sifted: Sequence[Sifted], filters: Filters, usd_per_credit: Decimal) -> list[Option]:
    there_are = {token for model in sifted for token in model.tokens[group]}
    left = Counter(token for model in sifted if model.is_found(without=group) for token in model.tokens[group])
    wanted = filters.chosen[group]
    return [Option(value, label, note, left[value], value in wanted) for value, label, note in _labels(group, there_are, usd_per_credit)]


def _labels(group: str, there_are: Iterable[str], usd_per_credit: Decimal) -> list[tuple[str, str, str]]:
    if group == "on":
        notes = {True: _("live"), False: _("test only")}
        return [(name, gateway_title(name), notes[upstreams.is_live_available(name)]) for name in sorted(there_are)]
    if group == "price":
        return [row for row in _bands(usd_per_credit) if row[0] in there_are]
    names = INPUTS if group == "input" else SKILLS
    return [(name, label, "") for name, label in names.items() if name in there_are]


def _bands(usd_per_credit: Decimal) -> list[tuple[str, str, str]]:
    rows = [("free", _("Free"), "")]
    for name, (start, end) in BANDS.items():
        low, high = (usd(credits * 1000, usd_per_credit) if credits else None for credits in (start, end))
        if end is None:
            rows.append((name, _("Over %(credits)s") % {"credits": start}, _("over $%(price)s") % {"price": f"{low:.2f}"}))
        elif start:
            rows.append((name, f"{start}–{end}", f"${low:.2f}–{high:.2f}"))
        else:
            rows.append((name, _("Up to %(credits)s") % {"credits": end}, _("up to $%(price)s") % {"price": f"{high:.2f}"}))
    return [*rows, ("unknown", _("Unknown"), "")]
