"""`GET /api/openapi.json`: the document for programs that make clients and forms of it. Public, as the contracts are."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import quote_etag
from django.views.decorators.csrf import csrf_exempt

from playground.api.envelopes import ApiError, failure
from playground.api.openapi.whole import served

_SECONDS = 300


@csrf_exempt
def openapi(request: HttpRequest) -> HttpResponse:
    if request.method not in ("GET", "HEAD"):
        return failure(request, ApiError(405, "This address takes GET only.", allow="GET, HEAD"))
    found = served()
    is_packed = "gzip" in request.headers.get("Accept-Encoding", "")
    etag = quote_etag(f"{found.etag}-gzip" if is_packed else found.etag)
    response = HttpResponse(found.packed if is_packed else found.plain, content_type="application/json")
    if is_packed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = f"public, max-age={_SECONDS}"
    # Viewers of such documents run in browsers, at other addresses.
    response.headers["Access-Control-Allow-Origin"] = "*"
    patch_vary_headers(response, ("Accept-Encoding",))
    answer = get_conditional_response(request, etag=etag, response=response)
    assert isinstance(answer, HttpResponse)
    return answer
