"""`/modkie/api/v1/*`: ModKie's variant of the jobs contract. Real HTTP statuses (402 where credits do not reach), objects
where KIE has JSON in a string, and its own words for two states.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from playground.accounts.access import KeyIdentity
from playground.accounts.models import Scope
from playground.api.bodies import json_object
from playground.api.entry import endpoint
from playground.api.envelopes import Mistake, invalid, success
from playground.api.jobs import asked_job, told
from playground.api.making import card_of, count_task, make
from playground.api.models import listed_models
from playground.api.prices import number
from playground.api.taskrequests import TaskRequest, task_request
from playground.catalog import registry
from playground.catalog.card import Card
from playground.catalog.pricelist import rates_of
from playground.credits.prices import own_prices_of
from playground.jobs.outbox import record_for
from playground.wire import doors
from playground.wire import modkie as wire

GATEWAY = "modkie"
VIDEO = "video"


@endpoint("POST", Scope.GENERATE)
def create_task(request: HttpRequest, identity: KeyIdentity) -> HttpResponse:
    count_task(identity)
    body = json_object(request)
    _check_capability(body.get("capability"))
    wanted = task_request(body)
    created = make(request, identity, _card(wanted), wanted.payload, callback_url=wanted.callback_url, served_as=doors.MODKIE)
    return told(created, wire.created(created.job.pk.hex))


@endpoint("GET", Scope.READ)
def record_info(request: HttpRequest, identity: KeyIdentity) -> HttpResponse:
    _check_capability(request.GET.get("capability"))
    return success(wire.record_data(record_for(asked_job(request, identity))))


@endpoint("GET", Scope.READ)
def models(request: HttpRequest, identity: KeyIdentity) -> HttpResponse:
    """ModKie's models, each with the lowest of its prices as `creditCost`, per `creditUnit`; null where none is published."""
    listed = listed_models(identity, gateway=GATEWAY)
    own = own_prices_of(identity.team_id)
    for entry in listed["models"]:
        card = registry.get(entry["model"], GATEWAY)
        rates = [rate.credits for rate in rates_of(card, own.get(card.key))]
        entry |= {"creditCost": number(min(rates)) if rates else None, "creditUnit": card.pricing["unit"]}
    return success(listed)


def _check_capability(value: object) -> None:
    if value not in (None, "", VIDEO):
        raise invalid([Mistake("/capability", "enum", 'capability must be "video"; there is nothing else here.')])


def _card(wanted: TaskRequest) -> Card:
    """An id that both gateways have means ModKie's here."""
    if wanted.gateway:
        return card_of(wanted.model, wanted.gateway)
    try:
        return registry.get(wanted.model, GATEWAY)
    except registry.UnknownModel:
        return card_of(wanted.model, None)
