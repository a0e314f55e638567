"""Read a request's body as one JSON object, strictly: what two parsers could read differently is refused."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, UnreadablePostError

from playground.api.envelopes import ApiError

# Far beyond any model's input, far below the recursion that validators and serialisers can follow.
DEEPEST_NESTING = 64


class _NotStrict(ValueError):
    """Legal for Python's parser, not for us."""


def json_object(request: HttpRequest, *, most_bytes: int | None = None) -> dict[str, Any]:
    """The body's object. Content-Type is not asked: programs that forget it mean JSON. Raises ApiError 400 or 413.

    `most_bytes` is for bodies that carry a file, in place of the usual limit.
    """
    raw = _raw(request, most_bytes)
    if not raw.strip():
        raise ApiError(400, "The body is empty; a JSON object is expected.")
    body = _parsed(raw)
    if not isinstance(body, dict):
        raise ApiError(400, "The body must be a JSON object.")
    if _is_too_deep(body):
        raise ApiError(400, "The body is nested too deeply.")
    return body


def _parsed(raw: bytes) -> Any:
    try:
        # Some clients begin with a byte order mark, which RFC 8259 allows a reader to ignore.
        return _STRICT.decode(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ApiError(400, "The body is not UTF-8.") from None
    except _NotStrict as error:
        raise ApiError(400, str(error)) from None
    except json.JSONDecodeError as error:
        raise ApiError(400, f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from None
    except ValueError:
        # Python refuses to build integers of more than 4,300 digits.
        raise ApiError(400, "The body holds a number that is too long.") from None
    except RecursionError:
        raise ApiError(400, "The body is nested too deeply.") from None


def _raw(request: HttpRequest, most_bytes: int | None) -> bytes:
    limit = most_bytes or settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    announced = request.META.get("CONTENT_LENGTH") or "0"
    if not announced.isascii() or not announced.isdigit() or int(announced[:20]) > limit:
        raise _too_large(limit)
    try:
        # Read as a stream, what is announced within our own limit is not measured by Django's.
        return request.body if most_bytes is None else request.read(most_bytes)
    except RequestDataTooBig:
        raise _too_large(limit) from None
    except UnreadablePostError:
        raise ApiError(400, "The body did not arrive in full.") from None


def _too_large(limit: int) -> ApiError:
    return ApiError(413, f"The body may have at most {limit:,} bytes.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _NotStrict(f"The body names {twice[:80]!r} twice in one object.")
    return found


def _refuse_constant(word: str) -> NoReturn:
    raise _NotStrict(f"The body is not JSON: {word} is not a number there.")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise _NotStrict("The body holds a number that is too large.")
    return number


_STRICT = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_refuse_constant, parse_float=_finite)


def _is_too_deep(body: object) -> bool:
    level = [body]
    for _ in range(DEEPEST_NESTING):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)  # type: ignore[attr-defined]
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True
