"""A translation is one file: whatever people read on a page is among the messages that `makemessages` finds."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.conf import LazySettings, settings
from django.http import HttpResponseBase, QueryDict
from django.test import Client
from django.urls import reverse
from django.utils.translation import trans_real

from playground.accounts.models import ApiKey, AuditEvent, Invitation, Team, User
from playground.api.actions.catalogue import ACTIONS
from playground.api.actions.schemas import SCENES
from playground.catalog import registry
from playground.gallery.models import Collection
from playground.jobs.models import Event, FailReason, Job
from playground.media.models import Upload
from playground.web.catalogue import gateway_title
from playground.webhooks.models import Endpoint, TaskSigner
from tests.web.matrix_world import Side
from tests.web.pseudo import LANGUAGE, TOOLS, Bracketed, bare_words, extract
from tests.web.route_table import GROUPS, Answer, Route, Who

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"gettext's tools are not installed: {', '.join(missing)}")
    return extract(tmp_path_factory.mktemp("messages"))


@pytest.fixture
def brackets(catalogue: Path, settings: LazySettings) -> Bracketed:
    """The pages speak it to whoever asks for it."""
    settings.LOCALE_PATHS = [catalogue]
    settings.LANGUAGES = [("en", "English"), (LANGUAGE, "Brackets")]
    language = Bracketed(catalogue / LANGUAGE / "LC_MESSAGES" / "django.mo")
    trans_real._translations[LANGUAGE] = language  # type: ignore[attr-defined]
    return language


@pytest.fixture
def side() -> Side:
    return Side("northlight")


def pages(group: str) -> list[tuple[Route, Answer]]:
    """What answers an owner's GET with a page."""
    asked = [(route, route.answers["GET"]) for route in GROUPS[group] if "GET" in route.answers]
    return [(route, answer) for route, answer in asked if answer.to[Who.OWNER] == 200 and not route.names[0].startswith((".", "api-"))]


def open_page(route: Route, answer: Answer, side: Side, **headers: str) -> HttpResponseBase:
    client = Client(headers={"Accept-Language": LANGUAGE, **headers})
    client.force_login(side.owner.user)
    path = reverse(route.names[0], kwargs={name: text.format(**side.objects) for name, text in route.args.items()})
    return client.get(f"{path}?{answer.query.format(**side.objects)}")


def data_of(side: Side, route: Route, answer: Answer) -> list[str]:
    """What people of this world typed; the page of the log prints what was changed as it was recorded."""
    typed = [
        (User, "name"), (User, "email"), (Team, "name"), (ApiKey, "name"), (ApiKey, "prefix"), (Collection, "name"), (Upload, "name"),
        (Invitation, "email"), (AuditEvent, "subject"), (Endpoint, "description"),
    ]  # fmt: skip
    found = [str(value) for model, field in typed for value in model._default_manager.values_list(field, flat=True)]
    jobs = Job.objects.all()
    # The price is kept in the words in which it was asked for.
    kept = [text for job in jobs for text in (str(job.payload["prompt"]), job.price_formula)]
    asked = [text for texts in QueryDict(answer.query).lists() for text in texts[1]]
    logged = [str(value) for event in AuditEvent.objects.all() for value in event.detail.values()] if "audit" in route.names else []
    cards = [name for card in registry.live_cards() for name in (card.title, card.vendor, gateway_title(card.gateway))]
    secrets = [signer.shown for model in (Endpoint, TaskSigner) for signer in model._default_manager.all()]
    of_the_api = (
        [*ACTIONS, *SCENES, *FailReason.values] if route.names[0] == "docs" else FailReason.values if "docs-model" in route.names else []
    )
    given = [*found, *kept, *asked, *logged, *cards, *of_the_api, settings.SITE_NAME, *secrets, f"the note of {side.slug}", side.slug]
    return [text for text in given if text]


@pytest.mark.parametrize("group", [group for group in GROUPS if pages(group)])
def test_every_word_on_an_owner_s_pages_can_be_translated(group: str, brackets: Bracketed, side: Side) -> None:
    bare = {}
    for route, answer in pages(group):
        response = open_page(route, answer, side)
        assert response.status_code == 200, route.names[0]
        if not response.headers["Content-Type"].startswith("text/html") or response.streaming:
            continue
        found = bare_words(response.content.decode(), data_of(side, route, answer))  # type: ignore[attr-defined]
        if found:
            bare[route.names[0]] = found
    assert bare == {}


def test_what_a_job_keeps_of_its_end_is_english_whoever_ended_it(brackets: Bracketed, side: Side) -> None:
    client = Client(headers={"Accept-Language": LANGUAGE})
    client.force_login(side.owner.user)
    queued = side.objects["queued_job"]

    client.post(reverse("task-cancel", args=[queued]))
    page = client.get(reverse("task", args=[queued])).text

    assert list(Event.objects.filter(job_id=queued, kind="fail").values_list("detail", flat=True)) == ["Cancelled"]
    assert "⟦Cancelled⟧" in page


def test_bare_words_are_found_beside_brackets_within_elements_and_in_attributes() -> None:
    page = """<html><main><p title="Team">⟦Sent by <b>⟦Ada⟧</b> to⟧ everybody <img alt="⟦A take⟧"> <code>GET</code>
        <span>⟦Cut o…</span> <a aria-label="Last here">12 credits</a></p></main></html>"""

    assert bare_words(page, ["credits"]) == ["Team", "everybody", "Last here"]
