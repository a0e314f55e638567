"""`/api/actions` and what is below it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from playground.accounts.access import KeyIdentity
from playground.accounts.models import Scope
from playground.api.actions.catalogue import ACTIONS, Action
from playground.api.actions.running import RUN, Call
from playground.api.actions.waits import resumed
from playground.api.admission import require_scope
from playground.api.entry import endpoint
from playground.api.envelopes import ApiError, success


@endpoint("GET", Scope.READ)
def actions(request: HttpRequest, identity: KeyIdentity) -> HttpResponse:
    return success({"total": len(ACTIONS), "actions": [_summary(action) for action in ACTIONS.values()]})


@endpoint("GET", Scope.READ)
def schema(request: HttpRequest, identity: KeyIdentity, name: str) -> HttpResponse:
    action = _action(name)
    return success({**_summary(action), "input": action.input, "output": action.output})


@endpoint("POST")
def run(request: HttpRequest, identity: KeyIdentity, name: str) -> HttpResponse:
    action = _action(name)
    require_scope(identity, action.scope)
    return resumed(request, identity) or RUN[name](Call(action, request, identity))


def _action(name: str) -> Action:
    try:
        return ACTIONS[name]
    except KeyError:
        raise ApiError(404, "There is no action of this name. GET /api/actions lists them.") from None


def _summary(action: Action) -> dict[str, Any]:
    """ModKie calls the name an id."""
    return {
        "id": action.name,
        "name": action.name,
        "title": action.title,
        "description": action.description,
        "scope": action.scope.value,
        "method": "POST",
        "path": action.path,
    }
