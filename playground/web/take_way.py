"""From which gallery a take was opened: its address carries the gallery's query, so that its arrows and its close lead back."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from playground.accounts.models import Membership
from playground.gallery import queries
from playground.gallery.filters import Filters
from playground.jobs.models import Job, Take
from playground.web.galleryfilters import SCOPES, Choices
from playground.web.take_links import take_url, tile_id


@dataclass(frozen=True, slots=True)
class Way:
    """`query` is the gallery's, as far as it narrows; where it stands (`after`, `n`) is not. Without one the team's takes are meant."""

    team_id: int
    mode: str
    filters: Filters
    query: str = ""

    @classmethod
    def of(cls, request: HttpRequest, membership: Membership, mode: str) -> Way:
        scope = request.GET.get("scope", "")
        wanted = Choices(membership, mode).wanted_of(request.GET, scope if scope in SCOPES else "team")
        return cls(membership.team_id, mode, wanted.filters(membership.user_id), wanted.query if scope else "")

    def jobs(self, jobs: QuerySet[Job]) -> QuerySet[Job]:
        return queries.narrowed(jobs, self.team_id, self.mode, self.filters)

    def takes(self, takes: QuerySet[Take]) -> QuerySet[Take]:
        return queries.narrowed_takes(takes, self.filters)

    def to(self, take: Take | None) -> str:
        """The page of another take on the same way; "" for none."""
        return f"{take_url(take)}{self._suffix}" if take else ""

    def back_to(self, take: Take) -> str:
        """The gallery, at this take's tile."""
        return f"{reverse('gallery')}{self._suffix}#{tile_id(take.job, take)}"

    @property
    def _suffix(self) -> str:
        return f"?{self.query}" if self.query else ""
