"""Every answer of the API is made here, so that no error leaves in another form than the contract's."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from playground.catalog.registry import UnknownModel
from playground.wire.envelope import envelope

CONTENT_TYPE = "application/json;charset=UTF-8"
# Clients compare these texts, so they are KIE's to the letter, en dash included.
UNAUTHORIZED = "Unauthorized – Authentication failed. Please check that your Authorization and Content-Type headers are correctly set."
UNKNOWN_MODEL = (
    "The model name you specified is not supported. Please verify your input and use one of the supported models provided by KIE."
)
NO_RECORD = "recordInfo is null"
MODKIE_PREFIX = "/modkie/"
_NAMED_PROBLEMS = 5
_LISTED_PROBLEMS = 50
_LONGEST_MESSAGE = 300


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong with a request; `pointer` is a JSON pointer into its body."""

    pointer: str
    rule: str
    message: str


class ApiError(Exception):
    """Ends a request with an envelope. `code` is the body's code and, where asked for, the HTTP status."""

    def __init__(
        self,
        code: int,
        message: str,
        *,
        mistakes: Sequence[Mistake] = (),
        data: Mapping[str, Any] | None = None,
        retry_after_seconds: float | None = None,
        allow: str = "",
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.mistakes = tuple(mistakes)
        self.data = data
        self.retry_after_seconds = retry_after_seconds
        self.allow = allow


def invalid(mistakes: Sequence[Mistake]) -> ApiError:
    """422 whose message says all of it in words; programs find the same in `data.errors`."""
    named = [f"{_field(mistake.pointer)}: {mistake.message}" for mistake in mistakes[:_NAMED_PROBLEMS]]
    if len(mistakes) > _NAMED_PROBLEMS:
        named.append(f"And {len(mistakes) - _NAMED_PROBLEMS} more.")
    return ApiError(422, " ".join(_short(sentence) for sentence in named), mistakes=mistakes)


def unknown_model(error: UnknownModel, code: int = 422) -> ApiError:
    """KIE's words; what may have been meant stands beside them."""
    if not error.nearest:
        return ApiError(code, UNKNOWN_MODEL)
    words = f"{_short(str(error), 160)} Nearest: {', '.join(error.nearest)}."
    return ApiError(code, UNKNOWN_MODEL, mistakes=[Mistake("/model", "unknown_model", words)])


def _field(pointer: str) -> str:
    name = pointer.removeprefix("/input/").removeprefix("/").replace("~1", "/").replace("~0", "~")
    return _short(name or "body", 80)


def _short(text: str, longest: int = _LONGEST_MESSAGE) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def answer(body: dict[str, Any], http_status: int = 200) -> HttpResponse:
    # ASCII escapes: a lone surrogate that a client sent must not break the answer that refuses it.
    response = HttpResponse(json.dumps(body), status=http_status, content_type=CONTENT_TYPE)
    # Answers carry signed links and balances.
    response.headers["Cache-Control"] = "no-store"
    return response


def success(data: object) -> HttpResponse:
    return answer(envelope(200, "success", data))


def failure(request: HttpRequest, error: ApiError) -> HttpResponse:
    body = envelope(error.code, error.message)
    if error.code == 401:
        # Measured: on a refused key `data` is absent, not null.
        del body["data"]
    elif error.mistakes:
        body["data"] = {"errors": listed(error.mistakes)}
    elif error.data is not None:
        body["data"] = error.data
    response = answer(body, error.code if wants_http_status(request) else 200)
    if error.retry_after_seconds is not None:
        response.headers["Retry-After"] = str(max(1, round(error.retry_after_seconds + 0.5)))
    if error.allow:
        response.headers["Allow"] = error.allow
    if error.code == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def listed(mistakes: Sequence[Mistake]) -> list[dict[str, str]]:
    """For programs; cut off where nobody would read on."""
    return [
        {"pointer": _short(mistake.pointer), "rule": mistake.rule, "message": _short(mistake.message)}
        for mistake in mistakes[:_LISTED_PROBLEMS]
    ]


def wants_http_status(request: HttpRequest) -> bool:
    """KIE answers errors with HTTP 200; the setting, or one request by `Prefer: status-code`, asks for real statuses.

    ModKie's documents know real ones (402) only.
    """
    if request.path.startswith(MODKIE_PREFIX):
        return True
    return settings.KIE_HTTP_STATUS_ERRORS or "status-code" in request.headers.get("Prefer", "").lower()
