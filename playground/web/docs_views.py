"""`/docs`: how programs use all this. Made of the catalogue, as the forms are, with code in one language at a time."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe

from playground.accounts.models import Membership
from playground.catalog import registry
from playground.core.wording import Labels
from playground.jobs import upstreams
from playground.web import docs_code
from playground.web.access import member_required
from playground.web.catalogue import card_or_404
from playground.web.codeview import LANGUAGES, Choice, choice_of, code_for, keep_choice
from playground.web.failures import every_failure
from playground.web.htmx import fresh
from playground.web.model_sections import field_rows, rule_words
from playground.web.snippets import KEY_VARIABLE

SECTIONS = Labels(
    {
        "start": gettext_noop("The first request"),
        "tasks": gettext_noop("Tasks"),
        "families": gettext_noop("Veo, Runway and Aleph"),
        "files": gettext_noop("Files"),
        "actions": gettext_noop("Actions"),
        "cli": gettext_noop("The command line"),
        "callbacks": gettext_noop("Callbacks"),
        "limits": gettext_noop("Keys and limits"),
        "errors": gettext_noop("Errors"),
        "modkie": gettext_noop("ModKie’s variant"),
    }
)

CODES = (400, 401, 402, 403, 404, 405, 413, 422, 429, 433, 500, 507)
_MEANS: Labels[int] = Labels(
    {
        400: gettext_noop("The request cannot be read, or a 1080p version is not there yet."),
        401: gettext_noop("The key is missing, wrong, ended or revoked."),
        402: gettext_noop("The credits do not reach, or a budget has no room."),
        403: gettext_noop("The key may not do this, or not from this address."),
        404: gettext_noop("There is no such address or model."),
        405: gettext_noop("The address takes another method."),
        413: gettext_noop("The body or the file is too large."),
        422: gettext_noop("Something is not allowed; data.errors names each field and rule. Also a task that does not exist."),
        429: gettext_noop("Too many requests; Retry-After says how many seconds to wait."),
        433: gettext_noop("The cap of this key is reached."),
        500: gettext_noop("Something failed here. The message has the number under which the log knows it."),
        507: gettext_noop("The disk of this server is full."),
    }
)
_PAGES_SAY: Labels[int] = Labels(
    {
        402: gettext_noop("How many credits are needed and how many are left, beside Run."),
        403: gettext_noop("Which role is needed."),
        404: gettext_noop("That it was removed or never there."),
        413: gettext_noop("How large the file may be, beside the field."),
        422: gettext_noop("The same sentence, beside the field."),
        429: gettext_noop("In how many seconds the next run is possible."),
        500: gettext_noop("That it could not be done, with the request’s number."),
        507: gettext_noop("That the disk is full and nothing was stored."),
    }
)


@require_safe
@member_required
def docs(request: HttpRequest, membership: Membership) -> HttpResponse:
    context = _context(request) | {"sections": list(SECTIONS.items()), **_errors("KIE")}
    language = context["code_language"]
    context |= {
        "code": docs_code.examples(language, settings.PUBLIC_URL),
        "checker": docs_code.checker(language),
        "scene_models": settings.SCENE_MODELS.items(),
        "tasks_per_minute": f"{settings.CREATE_TASKS_PER_MINUTE:,}",
        "uploads_per_minute": f"{settings.UPLOADS_PER_MINUTE:,}",
        "upload_mb": f"{settings.UPLOAD_MAX_BYTES // 1024**2:,}",
    }
    return keep_choice(request, fresh(request, "docs/docs.html", context))


@require_safe
@member_required
def models(request: HttpRequest, membership: Membership) -> HttpResponse:
    cards = sorted(registry.live_cards(), key=lambda card: card.vendor.lower())
    vendors = [(vendor, list(found)) for vendor, found in groupby(cards, key=lambda card: card.vendor)]
    return keep_choice(request, fresh(request, "docs/models.html", _context(request) | {"vendors": vendors}))


@require_safe
@member_required
def model(request: HttpRequest, membership: Membership, gateway: str, model_id: str) -> HttpResponse:
    card = card_or_404(gateway, model_id)
    context = _context(request)
    context |= {
        "card": card,
        "fields": field_rows(card),
        "rules": rule_words(card),
        "snippet": code_for(card, card.example, choice=Choice(context["code_language"])).shown,
        **_errors(upstreams.provider_title(card.gateway)),
    }
    return keep_choice(request, fresh(request, "docs/model.html", context))


def _context(request: HttpRequest) -> dict[str, Any]:
    return {
        "nav": "docs",
        "code_language": choice_of(request).language,
        "languages": LANGUAGES.items(),
        "base_url": settings.PUBLIC_URL,
        "key_variable": KEY_VARIABLE,
    }


def _errors(provider: str) -> dict[str, Any]:
    codes = [(code, _MEANS[code], _PAGES_SAY.get(code, "")) for code in CODES]
    return {"codes": codes, "failures": every_failure(provider)}
