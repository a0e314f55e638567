"""Whether a customer's callback URL may be called at all; asked before a job is made."""

from __future__ import annotations

from django.conf import settings

from playground.catalog.schema import Problem
from playground.core.outbound import BlockedAddress, OutboundPolicy, check_url

POINTER = "/callBackUrl"


def callback_problems(url: str) -> list[Problem]:
    """What is wrong with it; nothing is looked up and nothing is called."""
    if len(url) > 2000:
        return [Problem(POINTER, "max_length", "callBackUrl may have at most 2,000 characters.")]
    # urlsplit drops line breaks and tabs in silence, and other programs along the way do not.
    if not url.isascii() or not url.isprintable() or " " in url:
        return [Problem(POINTER, "format", "callBackUrl must be a URL in ASCII, everything else percent-encoded.")]
    try:
        check_url(url, OutboundPolicy.of(settings.OUTBOUND_ALLOW))
    except BlockedAddress as error:
        return [Problem(POINTER, "blocked_address", f"callBackUrl: {error}. OUTBOUND_ALLOW can permit it.")]
    except ValueError as error:
        return [Problem(POINTER, "format", f"callBackUrl {error}.")]
    return []
