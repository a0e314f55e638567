"""What a search finds: models, the newest takes of the team and mode, and pages, only those that the person may open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from playground.accounts import permissions
from playground.accounts.models import Membership, Mode
from playground.accounts.permissions import Permission
from playground.catalog import registry
from playground.jobs import queries
from playground.jobs.models import Job
from playground.jobs.search import terms_of
from playground.web.catalogue import Offer, offer_of
from playground.web.tiles import Tile, tiles_of

QUERY_LENGTH = 200
MOST_MODELS, MOST_TAKES = 6, 12


@dataclass(frozen=True, slots=True)
class Page:
    """A page by its route. `also` is what it is called beside its name; `permission` is what it takes to open it."""

    route: str
    name: str
    icon: str
    also: str
    permission: Permission = Permission.VIEW

    @property
    def title(self) -> str:
        return _(self.name)

    @property
    def url(self) -> str:
        return reverse(self.route)


PAGES = (
    Page("models", gettext_noop("Models"), "layout-grid", gettext_noop("catalogue vendors prices")),
    Page("compare", gettext_noop("Compare"), "columns-2", gettext_noop("side by side"), Permission.RUN),
    Page("gallery", gettext_noop("Gallery"), "film", gettext_noop("takes videos collections favourites")),
    Page("tasks", gettext_noop("Tasks"), "list-video", gettext_noop("jobs queue failed running")),
    Page("credits", gettext_noop("Credits"), "coins", gettext_noop("ledger balance usage budgets spend")),
    Page("credits-add", gettext_noop("Add credits"), "plus", gettext_noop("top up adjust"), Permission.CREDITS),
    Page("credits-proof", gettext_noop("Proof of the ledger"), "scale", gettext_noop("verify check"), Permission.CREDITS),
    Page("budgets", gettext_noop("Budgets"), "gauge", gettext_noop("limits spend"), Permission.BUDGETS),
    Page("team", gettext_noop("Team"), "users", gettext_noop("members invite roles")),
    Page("keys", gettext_noop("API keys"), "braces", gettext_noop("secret token"), Permission.OWN_KEYS),
    Page("audit", gettext_noop("Audit log"), "scroll-text", gettext_noop("history security"), Permission.AUDIT),
    Page("providers", gettext_noop("Providers"), "plug", gettext_noop("kie modkie accounts losses"), Permission.PROVIDERS),
    Page("account", gettext_noop("Your account"), "circle-user-round", gettext_noop("name passkeys sessions")),
    Page("password", gettext_noop("Password"), "key-round", gettext_noop("change")),
)


@dataclass(frozen=True, slots=True)
class Found:
    """`more_models` is how many further models match."""

    models: Sequence[Offer]
    more_models: int
    takes: Sequence[Tile]
    pages: Sequence[Page]

    @property
    def is_empty(self) -> bool:
        return not (self.models or self.takes or self.pages)


def found_for(membership: Membership, mode: Mode, text: str) -> Found:
    """Without a word only the pages: a list of where one can go."""
    words = text.lower().split()
    models = [card for card in registry.live_cards() if words and all(word in offer_of(card).profile.words for word in words)]
    # Whoever types a model's name wants the model, and not one that mentions it.
    models.sort(key=lambda card: (not all(word in card.title.lower() for word in words), card.title.lower(), card.gateway))
    return Found(
        [offer_of(card) for card in models[:MOST_MODELS]],
        max(0, len(models) - MOST_MODELS),
        [tile for job in _jobs(membership.team_id, mode, text) for tile in tiles_of(job)[:1]],
        [page for page in PAGES if _matches(page, words) and permissions.allows(membership.role, page.permission) and _exists(page)],
    )


def _jobs(team_id: int, mode: Mode, text: str) -> Sequence[Job]:
    return queries.search_listed(team_id, mode, text, limit=MOST_TAKES) if terms_of(text) else []


def _matches(page: Page, words: Sequence[str]) -> bool:
    known = f"{page.title} {_(page.also)}".lower()
    return all(word in known for word in words)


def _exists(page: Page) -> bool:
    try:
        return bool(page.url)
    except NoReverseMatch:
        return False
