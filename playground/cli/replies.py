"""An answer of the API: the envelope `{code, msg, data}`, and which exit code each of its codes is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from playground.cli.problems import ExitCode, Problem

OK = 200
_TRANSIENT = {408, 429, 455, 500, 502, 503, 504}
_AUTH = {401, 403}
# 433 is a cap of the key itself.
_CREDITS = {402, 433}
_FAILED = 501
# A provider of this contract says 500 where others say 402.
_NO_CREDITS = "credits insufficient"
_SHOWN_BODY = 120


@dataclass(frozen=True, slots=True)
class Reply:
    """`code` is the body's code, or the HTTP status where the body has none."""

    code: int
    message: str
    data: Any
    retry_after_seconds: float | None
    is_envelope: bool

    @property
    def is_transient(self) -> bool:
        """Whether the same request may be answered better in a moment."""
        return self.code in _TRANSIENT and not self._lacks_credits

    @property
    def _lacks_credits(self) -> bool:
        return self.code in _CREDITS or (self.code == 500 and _NO_CREDITS in self.message.lower())

    def problem(self) -> Problem:
        return Problem(self._exit_code(), self._words(), details=self._details())

    def _exit_code(self) -> ExitCode:
        if not self.is_envelope:
            return ExitCode.AUTH if self.code in _AUTH else ExitCode.NETWORK
        if self.code in _AUTH:
            return ExitCode.AUTH
        if self._lacks_credits:
            return ExitCode.CREDITS
        if self.code == _FAILED:
            return ExitCode.FAILED
        return ExitCode.NETWORK if self.is_transient or self.code >= 500 else ExitCode.VALIDATION

    def _words(self) -> str:
        if self.code == 401 and self.is_envelope:
            return f"The server does not accept the API key: {self.message} Run: ads login --host URL --api-key KEY"
        if self.code == 429:
            wait = f" It asks to wait {self.retry_after_seconds:.0f} seconds." if self.retry_after_seconds else ""
            return f"Too many requests: {self.message}{wait}"
        return self.message if self.is_envelope and self.code < 500 else f"{self.message} (code {self.code})"

    def _details(self) -> list[str]:
        """What `msg` does not say already."""
        errors = self.data.get("errors") if isinstance(self.data, Mapping) else None
        words = []
        for error in errors if isinstance(errors, list) else []:
            if isinstance(error, Mapping) and str(error.get("message", "")) not in self.message:
                words.append(f"{error.get('pointer') or 'body'}: {error.get('message', '')}")
        return words


def read(response: httpx.Response) -> Reply:
    """Never fails: what is no envelope becomes a reply that says so."""
    retry_after = retry_after_seconds(response)
    if response.is_redirect:
        words = f"The server redirects to {response.headers.get('Location', 'nowhere')}. Use that address as host."
        return Reply(response.status_code, words, None, retry_after, is_envelope=False)
    try:
        body = response.json()
    except (ValueError, RecursionError):
        body = None
    code = body.get("code") if isinstance(body, dict) else None
    if isinstance(code, bool) or not isinstance(code, int):
        return Reply(_code_of(response), _no_envelope(response), None, retry_after, is_envelope=False)
    assert isinstance(body, dict)
    words = body.get("msg") or body.get("message") or f"The server answered {code}."
    return Reply(code, str(words), body.get("data"), retry_after, is_envelope=True)


def retry_after_seconds(response: httpx.Response) -> float | None:
    """Both spellings of the header: seconds, or a date."""
    written = response.headers.get("Retry-After", "").strip()
    if written.isascii() and written.isdigit():
        return float(written[:9])
    try:
        return max(0.0, (parsedate_to_datetime(written) - datetime.now(UTC)).total_seconds()) if written else None
    except (TypeError, ValueError):
        return None


def _code_of(response: httpx.Response) -> int:
    # A page that is served with 200 is no success.
    return response.status_code if response.status_code != OK else 0


def _no_envelope(response: httpx.Response) -> str:
    kind = response.headers.get("Content-Type", "no content type").partition(";")[0]
    start = " ".join(response.text[: 4 * _SHOWN_BODY].split())[:_SHOWN_BODY]
    return f"{response.url.host} answered HTTP {response.status_code} with {kind} that is not this API's: {start or 'nothing'}"
