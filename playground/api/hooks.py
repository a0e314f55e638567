"""Where providers call back. No API key: the address itself is the secret, and a signature where the provider signs."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from playground.api.envelopes import answer
from playground.jobs import inbound, upstreams
from playground.wire.envelope import envelope

MOST_BYTES = 256 * 1024


@csrf_exempt
@require_POST
def hook(request: HttpRequest, provider: str, token: str) -> HttpResponse:
    """POST /hooks/<provider>/<token>. 404 for whatever is not accepted, without a word about why."""
    try:
        body = request.read(MOST_BYTES + 1)
    except UnreadablePostError:
        body = b""
    text = body.decode("utf-8", "replace") if len(body) <= MOST_BYTES else ""
    if provider not in upstreams.LIVE or not inbound.receive(provider, token, text, request.headers):
        return answer(envelope(404, "Not found"), 404)
    return answer(envelope(200, "success"))
