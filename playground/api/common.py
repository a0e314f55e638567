"""`/api/v1/chat/credit`, and what is answered under `/api/` where there is nothing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from playground.accounts.access import KeyIdentity
from playground.api.entry import endpoint
from playground.api.envelopes import ApiError, failure, success
from playground.core.money import credits_number
from playground.credits.services import account_for


@endpoint("GET")
def credit(request: HttpRequest, identity: KeyIdentity) -> HttpResponse:
    """What the key's mode can still spend; holds are already taken off."""
    return success(credits_number(account_for(identity.team_id, identity.mode).available_millicredits))


@csrf_exempt
def not_found(request: HttpRequest) -> HttpResponse:
    return failure(request, ApiError(404, "There is no such address in this API."))
