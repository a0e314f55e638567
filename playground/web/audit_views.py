"""For owners: who changed what, and from where; as a page and as a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from playground.accounts import audit, members
from playground.accounts.models import AuditEvent, Membership
from playground.accounts.permissions import Permission
from playground.web import csvexport
from playground.web.access import allowed
from playground.web.auditlines import line_of, words_of
from playground.web.htmx import fresh, is_htmx

PAGE_SIZE = 50
NOBODY = "server"
_HEADING = ["time", "who", "via", "ip", "request", "action", "what", "subject", "detail"]


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for; whatever is not one of ours asks for everything."""

    kind: str
    person: str

    @classmethod
    def of(cls, request: HttpRequest) -> Filters:
        kind, person = request.GET.get("kind", ""), request.GET.get("person", "")
        is_person = person == NOBODY or (person.isascii() and person.isdecimal() and len(person) < 19)
        return cls(kind if kind in audit.KINDS else "", person if is_person else "")

    def events(self, team_id: int) -> QuerySet[AuditEvent]:
        user_id = int(self.person) if self.person.isdecimal() else None
        return audit.of_team(team_id, kind=self.kind, user_id=user_id, by_nobody=self.person == NOBODY)

    def query(self, **more: Any) -> str:
        return urlencode({name: value for name, value in {"kind": self.kind, "person": self.person, **more}.items() if value})


@require_safe
@allowed(Permission.AUDIT)
def audit_log(request: HttpRequest, membership: Membership) -> HttpResponse:
    """The page, or with `before` from htmx the next lines of its table."""
    filters = Filters.of(request)
    given = request.GET.get("before", "")
    before = int(given) if given.isascii() and given.isdecimal() and len(given) < 19 else None
    events = filters.events(membership.team_id).filter(**({} if before is None else {"pk__lt": before}))
    found = list(events[: PAGE_SIZE + 1])
    more = filters.query(before=found[PAGE_SIZE - 1].pk) if len(found) > PAGE_SIZE else ""
    context: dict[str, Any] = {"lines": [line_of(event) for event in found[:PAGE_SIZE]], "more": more}
    if before is not None and is_htmx(request):
        return fresh(request, "audit/_lines.html", context)
    context |= {
        "nav": "audit",
        "filters": filters,
        "query": filters.query(),
        "is_first_page": before is None,
        "kinds": [(name, _(label)) for name, (label, _actions) in audit.KINDS.items()],
        "people": _people(membership.team_id, filters.person),
    }
    return fresh(request, "audit/audit.html", context)


def _people(team_id: int, person: str) -> list[tuple[str, str]]:
    """The team's members, and whoever is asked for although they left."""
    people = {str(member.user_id): str(member.user) for member in members.members_of(team_id)}
    if person.isdecimal() and person not in people:
        last = audit.of_team(team_id, user_id=int(person)).first()
        people[person] = last.actor_words if last else _("Nobody of this team")
    return [*people.items(), (NOBODY, _("The server or the command line"))]


@require_safe
@allowed(Permission.AUDIT)
def audit_csv(request: HttpRequest, membership: Membership) -> HttpResponseBase:
    """The same lines, all of them, newest first."""
    events = Filters.of(request).events(membership.team_id)
    return csvexport.stream(_rows(events), f"audit-{membership.team.slug}-{timezone.localdate():%Y-%m-%d}.csv")


def _rows(events: QuerySet[AuditEvent]) -> Iterator[list[object]]:
    yield list(_HEADING)
    for event in csvexport.below(events):
        detail = json.dumps(event.detail, ensure_ascii=False) if event.detail else ""
        who = [event.at, event.actor_words, event.via, event.ip, event.request_id]
        yield [*who, event.action, words_of(event), event.subject, detail]
