"""Which adapter serves which job, made from the settings."""

from __future__ import annotations

from django.conf import settings

from playground.accounts.services import Mode
from playground.core.outbound import OutboundPolicy
from playground.providers.base import Provider
from playground.providers.modkie import ModKie
from playground.providers.sandbox.adapter import Sandbox

SANDBOX = "sandbox"


def provider_name(gateway: str, mode: Mode) -> str:
    """Test mode is always the sandbox; live mode the gateway's own provider."""
    return SANDBOX if mode == "test" else gateway


def is_live_available(gateway: str) -> bool:
    return gateway == "modkie" and bool(settings.MODKIE_API_KEY)


def any_live_available() -> bool:
    return is_live_available("modkie")


def available_names() -> list[str]:
    """The providers that `build` can make just now."""
    return [SANDBOX, *(["modkie"] if is_live_available("modkie") else [])]


def build(name: str) -> Provider:
    """A fresh adapter; it belongs to the event loop that first uses it. LookupError for a name without a key."""
    if name == SANDBOX:
        return Sandbox(
            speed=settings.SANDBOX_SPEED,
            max_seconds=settings.SANDBOX_MAX_SECONDS,
            detail=settings.SANDBOX_DETAIL,
            child_function="playground.jobs.drawing.draw",
        )
    if name == "modkie" and settings.MODKIE_API_KEY:
        return ModKie(
            api_key=settings.MODKIE_API_KEY,
            base_url=settings.MODKIE_BASE_URL,
            policy=OutboundPolicy.of(settings.OUTBOUND_ALLOW),
            max_result_bytes=settings.RESULT_MAX_BYTES,
            timeout_seconds=settings.PROVIDER_TIMEOUT_SECONDS,
        )
    raise LookupError(f"no key for provider {name!r}")


def provider_title(name: str) -> str:
    return {"sandbox": "the sandbox", "modkie": "ModKie", "kie": "KIE"}.get(name, name)
