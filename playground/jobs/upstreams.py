"""Which adapter serves which job, made from the settings; and what a provider can see of us."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from django.conf import settings

from playground.accounts.models import Mode
from playground.core.outbound import BlockedAddress, OutboundPolicy, check_url
from playground.core.redaction import OURS
from playground.jobs import provider_keys
from playground.jobs.models import Attempt, Job
from playground.providers.base import Limits, Provider, Running, Submission
from playground.providers.kie import Kie
from playground.providers.modkie import ModKie
from playground.providers.routes import KIE_ROUTES, MODKIE_ROUTES, Call, Route
from playground.providers.sandbox.adapter import Sandbox
from playground.wire.records import object_in

SANDBOX = "sandbox"
# Live providers, in the order in which people read them.
LIVE = ("kie", "modkie")
TITLES = {SANDBOX: "the sandbox", "kie": "KIE", "modkie": "ModKie"}
# Providers with a storage of their own for inputs; the others read files at our address.
_HOSTS = frozenset({"kie"})
HOOKS_PATH = "/hooks/"
# The key that each adapter was made with.
_keys: WeakKeyDictionary[Provider, str] = WeakKeyDictionary()


def provider_name(gateway: str, mode: Mode) -> str:
    """Test mode is always the sandbox; live mode the gateway's own provider."""
    return SANDBOX if mode == "test" else gateway


def api_key(name: str) -> str:
    """Our key at a provider, or "". Asks the database now and then, so not for the event loop."""
    return provider_keys.read(name)


def is_live_available(gateway: str) -> bool:
    return bool(api_key(gateway))


def live_names() -> list[str]:
    """The live providers that there is a key for."""
    return [name for name in LIVE if is_live_available(name)]


def any_live_available() -> bool:
    return bool(live_names())


def available_names() -> list[str]:
    """The providers that `build` can make just now."""
    return [SANDBOX, *live_names()]


def build(name: str) -> Provider:
    """A fresh adapter; it belongs to the event loop that first uses it. LookupError for a name without a key."""
    if name == SANDBOX:
        return Sandbox(
            speed=settings.SANDBOX_SPEED,
            max_seconds=settings.SANDBOX_MAX_SECONDS,
            detail=settings.SANDBOX_DETAIL,
            child_function="playground.jobs.drawing.draw",
        )
    maker = _MAKERS.get(name)
    # As of this moment: made with an old key, it would be of no use.
    key = provider_keys.read(name, is_remembered=False)
    if maker is None or not key:
        raise LookupError(f"no key for provider {name!r}")
    common = {
        "api_key": key,
        "policy": OutboundPolicy.of(settings.OUTBOUND_ALLOW),
        "max_result_bytes": settings.RESULT_MAX_BYTES,
        "timeout_seconds": settings.PROVIDER_TIMEOUT_SECONDS,
    }
    provider = maker(common)
    _keys[provider] = key
    return provider


def is_outdated(provider: Provider, *, is_remembered: bool = True) -> bool:
    """Whether its key was replaced or removed since it was made."""
    key = _keys.get(provider)
    return key is not None and key != provider_keys.read(provider.name, is_remembered=is_remembered)


def _kie(common: Mapping[str, Any]) -> Provider:
    limits = Limits(settings.KIE_CREATES_PER_10_SECONDS, settings.KIE_READS_PER_SECOND, settings.KIE_RUNNING_CAP)
    return Kie(base_url=settings.KIE_BASE_URL, upload_base_url=settings.KIE_UPLOAD_BASE_URL, limits=limits, **common)


def _modkie(common: Mapping[str, Any]) -> Provider:
    limits = Limits(settings.MODKIE_CREATES_PER_10_SECONDS, settings.MODKIE_READS_PER_SECOND, settings.MODKIE_RUNNING_CAP)
    return ModKie(base_url=settings.MODKIE_BASE_URL, limits=limits, **common)


_MAKERS: dict[str, Callable[[Mapping[str, Any]], Provider]] = {"kie": _kie, "modkie": _modkie}


def provider_title(name: str) -> str:
    return TITLES.get(name, name)


def _route(job: Job) -> Route | None:
    return {"kie": KIE_ROUTES, "modkie": MODKIE_ROUTES}.get(job.provider, {}).get(job.endpoint)


def is_repeatable(job: Job) -> bool:
    """Whether its request may be made twice: the provider makes nothing new then, and takes nothing more."""
    route = _route(job)
    return route is not None and route.is_repeatable


def call_of(job: Job, attempt: Attempt) -> Call | None:
    """The request as it left, for people: our callback address stands there as "(ours)". None for the sandbox."""
    route = _route(job)
    if route is None:
        return None
    payload = object_in(attempt.sent_json) or job.payload
    return route.create(
        Submission(
            job_id=job.pk.hex,
            model_id=job.model_id,
            payload=payload,
            callback_url=OURS if attempt.callback_hash else None,
            gateway=job.gateway,
            endpoint=job.endpoint,
        )
    )


def running(job: Job) -> Running:
    """A job as its adapter knows it; one without an id by the id that a callback named."""
    return Running(
        job_id=job.pk.hex,
        upstream_id=job.upstream_id or job.candidate_id,
        model_id=job.model_id,
        payload=job.payload,
        gateway=job.gateway,
        endpoint=job.endpoint,
    )


# --- what a provider can see of us ----------------------------------------------------------------------------------
def is_reachable() -> bool:
    """Whether providers can reach PUBLIC_URL: by its address, unless the setting knows better."""
    if settings.PUBLIC_URL_REACHABLE != "auto":
        return bool(settings.PUBLIC_URL_REACHABLE == "yes")
    try:
        check_url(settings.PUBLIC_URL, OutboundPolicy())
    except (BlockedAddress, ValueError):
        return False
    return True


def takes_files(gateway: str) -> bool:
    """Whether an upload of ours can be given to the gateway's provider at all."""
    return hosts_files(gateway) or is_reachable()


def hosts_files(provider: str) -> bool:
    return provider in _HOSTS


def callback_url(provider: str, token: str) -> str:
    """The address at which a provider may call back for one job. Never shown, never logged."""
    return f"{settings.PUBLIC_URL}{HOOKS_PATH}{provider}/{token}"
