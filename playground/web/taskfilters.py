"""The filters of the Tasks page: they live in the address, so that a view of it can be kept, shared and exported."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from playground.accounts import members
from playground.accounts.models import ApiKey
from playground.core import clock
from playground.core.wording import Labels
from playground.jobs import tasklist
from playground.web.ledger import gone
from playground.web.ledgerfilters import Select, model_choices, number_of, select_of

STATUSES = Labels(
    {
        "waiting": gettext_noop("Waiting"),
        "running": gettext_noop("Running"),
        "done": gettext_noop("Done"),
        "failed": gettext_noop("Failed"),
        "cancelled": gettext_noop("Cancelled"),
    }
)
SOURCES = Labels({"web": gettext_noop("Web"), "api": "API", "cli": "CLI", "compare": gettext_noop("Compare")})
DAYS = Labels(
    {
        "1": gettext_noop("Last 24 hours"),
        "7": gettext_noop("Last 7 days"),
        "30": gettext_noop("Last 30 days"),
        "90": gettext_noop("Last 90 days"),
        "all": gettext_noop("Any time"),
    }
)
USUAL_DAYS = "30"
LONGEST_TEXT = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for. What cannot be read is as good as left out."""

    status: str = ""
    member: int | None = None
    key: int | None = None
    model: tuple[str, str] | None = None
    source: str = ""
    days: str = USUAL_DAYS
    text: str = ""

    @property
    def is_filtered(self) -> bool:
        return self != Wanted()

    @property
    def takes_new_rows(self) -> bool:
        """Whatever begins now belongs at the top: nothing is left out but what is old."""
        return replace(self, days=USUAL_DAYS) == Wanted()

    @property
    def jobs(self) -> tasklist.Filter:
        gateway, model_id = self.model or ("", "")
        return tasklist.Filter(
            status=self.status,
            gateway=gateway,
            model_id=model_id,
            user_id=self.member,
            key_id=self.key,
            source=self.source,
            since=clock.now() - timedelta(days=int(self.days)) if self.days != "all" else None,
            text=self.text,
        )

    @property
    def query(self) -> str:
        """The shortest address that asks for the same."""
        values = {
            "q": self.text,
            "status": self.status,
            "m": "/".join(self.model) if self.model else "",
            "member": self.member,
            "key": self.key,
            "source": self.source,
            "days": self.days if self.days != USUAL_DAYS else "",
        }
        return urlencode({name: value for name, value in values.items() if value}, safe="/")


def wanted_of(given: QueryDict) -> Wanted:
    def one_of(name: str, choices: Container[str], otherwise: str = "") -> str:
        value = given.get(name, "")
        return value if value in choices else otherwise

    gateway, _slash, model_id = given.get("m", "")[:200].partition("/")
    return Wanted(
        status=one_of("status", STATUSES),
        member=number_of(given.get("member", "")),
        key=number_of(given.get("key", "")),
        model=(gateway, model_id) if model_id else None,
        source=one_of("source", SOURCES),
        days=one_of("days", DAYS, USUAL_DAYS),
        text=given.get("q", "").strip()[:LONGEST_TEXT],
    )


def selects_for(team_id: int, mode: str, wanted: Wanted) -> list[Select]:
    """What there is to choose from. Models are those of the newest tasks, and the chosen one."""
    people = [(str(one.user_id), str(one.user)) for one in members.members_of(team_id)]
    keys = ApiKey.objects.filter(team_id=team_id, mode=mode).order_by("name", "pk").values_list("pk", "name", "revoked_at")
    names = [(str(pk), _("%(key)s (revoked)") % {"key": name} if revoked_at else name) for pk, name, revoked_at in keys]
    used = tasklist.models_used(team_id, mode) | ({wanted.model} if wanted.model else set())
    chosen = "/".join(wanted.model) if wanted.model else ""
    selects = [
        select_of("status", _("Status"), _("Status"), STATUSES.items(), wanted.status),
        select_of("m", _("Model"), _("Model"), model_choices(used), chosen),
        select_of("member", _("Member"), _("Member"), people, wanted.member or "", unknown=gone()),
        select_of("key", _("API key"), _("Key"), names, wanted.key or "", unknown=_("A key that is gone")),
        select_of("source", _("Source"), _("Source"), SOURCES.items(), wanted.source),
    ]
    days = select_of("days", _("Time"), "", DAYS.items(), wanted.days)
    return [*selects, replace(days, options=days.options[1:])]
