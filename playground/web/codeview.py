"""The JSON and API tabs: the form's payload as a request, and the shown job's reply."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from playground.catalog import registry
from playground.catalog.card import Card
from playground.jobs.models import Job
from playground.jobs.outbox import record_for
from playground.web import snippets
from playground.wire import jobs as wire
from playground.wire.envelope import envelope

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LANGUAGES: Mapping[str, str] = {"curl": "cURL", "python": "Python", "javascript": "JavaScript", "cli": "CLI"}
CONTRACTS: Mapping[str, StrOrPromise] = {"jobs": "createTask", "modkie": "ModKie", "actions": gettext_lazy("Actions")}
COOKIES: Mapping[str, str] = {"in": "code_language", "as": "code_contract"}
A_YEAR_SECONDS = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Snippet:
    """`key` names it in the page; `edited` is the field whose line is marked."""

    key: str
    title: str
    lines: list[snippets.Line]
    edited: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """The language and the contract that somebody reads code in; the same on all pages."""

    language: str = "curl"
    contract: str = "jobs"


@dataclass(frozen=True, slots=True)
class Code:
    """`shown` is the one of the languages that was chosen, sent to `endpoint`."""

    request: Snippet
    languages: tuple[Snippet, ...]
    choice: Choice
    endpoint: str

    @property
    def shown(self) -> Snippet:
        return next(snippet for snippet in self.languages if snippet.key == self.choice.language)

    @property
    def contracts(self) -> list[tuple[str, StrOrPromise]]:
        return list(CONTRACTS.items())


def choice_of(request: HttpRequest) -> Choice:
    """As the request says, else as it was chosen last."""
    default = Choice()
    return Choice(_chosen(request, "in", LANGUAGES, default.language), _chosen(request, "as", CONTRACTS, default.contract))


def _chosen(request: HttpRequest, name: str, known: Collection[str], default: str) -> str:
    wanted = _asked(request, name) or request.COOKIES.get(COOKIES[name], "")
    return wanted if wanted in known else default


def _asked(request: HttpRequest, name: str) -> str:
    """Beside a model's form the names begin with a line, as no field of a model does."""
    sent = request.POST if request.method == "POST" else request.GET
    return sent.get(f"_{name}", "") or request.GET.get(name, "")


def keep_choice(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Remember what this request has chosen."""
    choice = choice_of(request)
    for name, value in (("in", choice.language), ("as", choice.contract)):
        if _asked(request, name) == value and request.COOKIES.get(COOKIES[name]) != value:
            is_secure = request.is_secure()
            response.set_cookie(COOKIES[name], value, max_age=A_YEAR_SECONDS, samesite="Lax", httponly=True, secure=is_secure)
    return response


def code_for(card: Card, payload: Mapping[str, Any], *, edited: str = "", choice: Choice | None = None) -> Code:
    """Exactly what Run sends, for the card's own contract or the one that was chosen."""
    choice = choice or Choice()
    gateway = "" if registry.get(card.id).key == card.key else card.gateway
    body = snippets.task_body(card.id, payload, gateway=gateway)
    contract, sent = snippets.JOBS, body
    if choice.contract == "modkie":
        is_own = card.gateway == "modkie"
        contract, sent = snippets.MODKIE, snippets.task_body(card.id, payload, gateway="" if is_own else card.gateway)
    elif choice.contract == "actions":
        contract, sent = snippets.ACTIONS, snippets.action_body(card.id, payload, gateway=card.gateway)
    base = settings.PUBLIC_URL
    lines = {
        "curl": snippets.curl(base, sent, contract),
        "python": snippets.python(base, sent, contract),
        "javascript": snippets.javascript(base, sent, contract),
        "cli": snippets.cli(base, f"{card.gateway}/{card.id}", payload),
    }
    languages = tuple(Snippet(key, title, lines[key], edited) for key, title in LANGUAGES.items())
    endpoint = snippets.ACTIONS.create if choice.language == "cli" else contract.create
    return Code(Snippet("request", _("Request"), snippets.json_lines(body), edited), languages, choice, endpoint)


def reply_for(job: Job | None) -> str:
    """What recordInfo answers about a job, links minted anew."""
    if job is None:
        return ""
    return json.dumps(envelope(200, "success", wire.record_data(record_for(job))), indent=2, ensure_ascii=False)
