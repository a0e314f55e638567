"""The ledger's filters: they live in the address, so that a view of it can be kept, shared and exported."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from playground.accounts import members
from playground.accounts.models import ApiKey
from playground.core.wording import Labels
from playground.credits import entries, periods, usage
from playground.credits.models import Account, EntryKind, Period
from playground.web.catalogue import gateway_title
from playground.web.ledger import gone, title_of

GROUPS: Labels[usage.Group] = Labels({"model": gettext_noop("Model"), "member": gettext_noop("Member"), "key": gettext_noop("Key")})
MONTHS = 12
RECENT_DAYS = 30
_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for. What cannot be read is as good as left out."""

    by: usage.Group = "model"
    kind: EntryKind | None = None
    member: int | None = None
    key: int | None = None
    model: tuple[str, str] | None = None
    month: date | None = None

    @property
    def is_filtered(self) -> bool:
        return replace(self, by="model") != Wanted()

    @property
    def entries(self) -> entries.Filter:
        gateway, model_id = self.model or ("", "")
        return entries.Filter(
            kinds=(self.kind,) if self.kind else (),
            user_id=self.member,
            key_id=self.key,
            gateway=gateway,
            model_id=model_id,
            first=self.month,
            last=_end_of(self.month) if self.month else None,
        )

    @property
    def query(self) -> str:
        """The shortest address that asks for the same."""
        values = {
            "by": self.by if self.by != "model" else "",
            "kind": self.kind or "",
            "member": self.member,
            "key": self.key,
            "m": "/".join(self.model) if self.model else "",
            "month": f"{self.month:%Y-%m}" if self.month else "",
        }
        return urlencode({name: value for name, value in values.items() if value}, safe="/")

    def grouped(self, by: usage.Group) -> Wanted:
        return replace(self, by=by)


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Select:
    """One filter; the first option lets everything through."""

    name: str
    label: str
    options: Sequence[Option]


def wanted_of(given: QueryDict) -> Wanted:
    kind, by, month = given.get("kind", ""), given.get("by", ""), _MONTH.fullmatch(given.get("month", ""))
    gateway, _slash, model_id = given.get("m", "")[:200].partition("/")
    return Wanted(
        by=next((group for group in GROUPS if group == by), "model"),
        kind=EntryKind(kind) if kind in EntryKind.values else None,
        member=number_of(given.get("member", "")),
        key=number_of(given.get("key", "")),
        model=(gateway, model_id) if model_id else None,
        month=date(int(month[1]), int(month[2]), 1) if month else None,
    )


def number_of(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def selects_for(account: Account, wanted: Wanted) -> list[Select]:
    """What there is to choose from. Models are those that were charged for lately, or in the chosen month."""
    today = periods.today()
    people = [(str(one.user_id), str(one.user)) for one in members.members_of(account.team_id)]
    keys = ApiKey.objects.filter(team_id=account.team_id, mode=account.mode).order_by("name", "pk").values_list("pk", "name", "revoked_at")
    first = wanted.month or today - timedelta(days=RECENT_DAYS - 1)
    last = _end_of(wanted.month) if wanted.month else today
    used = {(row.gateway, row.model_id) for row in usage.by_day(account.pk, "model", first, last)}
    kinds = [(kind.value, str(kind.label)) for kind in EntryKind]
    names = [(str(pk), _("%(key)s (revoked)") % {"key": name} if revoked_at else name) for pk, name, revoked_at in keys]
    chosen = "/".join(wanted.model) if wanted.model else ""
    return [
        select_of("kind", _("Entry"), _("All entries"), kinds, wanted.kind or ""),
        select_of("member", _("Member"), _("All members"), people, wanted.member or "", unknown=gone()),
        select_of("key", _("API key"), _("With and without key"), names, wanted.key or "", unknown=_("A key that is gone")),
        select_of("m", _("Model"), _("All models"), model_choices(used | ({wanted.model} if wanted.model else set())), chosen),
        select_of("month", _("Month"), _("Any month"), _months(today, wanted.month), f"{wanted.month:%Y-%m}" if wanted.month else ""),
    ]


def select_of(name: str, label: str, everything: str, choices: Iterable[tuple[str, str]], chosen: object, *, unknown: str = "") -> Select:
    value = str(chosen)
    options = [Option(one, words, one == value) for one, words in choices]
    if value and not any(option.is_chosen for option in options):
        options.append(Option(value, unknown, is_chosen=True))
    return Select(name, label, [Option("", everything, not value), *options])


def model_choices(used: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """By title; with the provider where two have the same."""
    titles = {model: title_of(*model) for model in used if model[1]}
    return sorted((("/".join(model), label_among(model, titles)) for model in titles), key=lambda choice: choice[1])


def label_among(model: tuple[str, str], titles: dict[tuple[str, str], str]) -> str:
    title = titles[model]
    is_shared = list(titles.values()).count(title) > 1
    return f"{title} ({gateway_title(model[0])})" if is_shared else title


def _months(today: date, chosen: date | None) -> list[tuple[str, str]]:
    """This month and those of the year before it; an older one while it is chosen."""
    months, month = [], periods.start_of(Period.MONTH, today)
    for _index in range(MONTHS):
        months.append(month)
        month = (month - timedelta(days=1)).replace(day=1)
    if chosen and chosen not in months:
        months.append(chosen)
    return [(f"{one:%Y-%m}", format_date(one, "F" if one.year == today.year else "F Y")) for one in months]


def _end_of(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1) - timedelta(days=1)
