"""KIE's storage for inputs: a streamed upload, and two other ways in where that one is refused or broken.

Documented: files are kept for three days under a public address. So a file gets a name that nobody can guess.
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from playground.core.outbound import trust
from playground.core.redaction import hide, redact
from playground.providers.base import AccountTrouble, RateLimited, Refused, UploadError
from playground.providers.http import user_agent
from playground.providers.http_provider import MAINTENANCE, RATE_LIMIT
from playground.wire import failures, uploads
from playground.wire.envelope import OK, Unreadable, read_answer

KEEPS_SECONDS = 3 * 24 * 3600
# Recommended for base64; larger files go as a stream or by their address.
MOST_BASE64_BYTES = 10 * 1024**2
FOLDER = "rushes"
# Of one read or write: the whole transfer of a large file takes as long as it takes.
_TIMEOUT_SECONDS = 60


class KieFiles:
    """The three upload routes of one account. Synchronous: used in the courier's thread."""

    keeps_seconds = KEEPS_SECONDS

    def __init__(self, *, api_key: str, base_url: str, transport: httpx.BaseTransport | None = None) -> None:
        hide(api_key)
        self._base_url = base_url.rstrip("/")
        headers = {"Authorization": f"Bearer {api_key}", "Accept": "application/json", "User-Agent": user_agent()}
        self._client = httpx.Client(transport=transport, verify=trust(), timeout=_TIMEOUT_SECONDS, trust_env=False, headers=headers)

    def close(self) -> None:
        self._client.close()

    def upload(self, path: Path, *, content_type: str, extension: str, public_url: str) -> str:
        name = f"{uuid.uuid4().hex}.{extension}"
        ways: list[Callable[[], str]] = [lambda: self._stream(path, name, content_type)]
        if path.stat().st_size <= MOST_BASE64_BYTES:
            ways.append(lambda: self._base64(path, name, content_type))
        if public_url:
            ways.append(lambda: self._by_address(public_url, name))
        broken: UploadError | None = None
        refusal: Refused | None = None
        for way in ways:
            try:
                return way()
            except UploadError as error:
                broken = broken or error
            except Refused as error:
                refusal = refusal or error
        # Only what every way refuses is refused: a way that was broken may work later.
        problem = broken or refusal
        assert problem is not None
        raise problem

    def _stream(self, path: Path, name: str, content_type: str) -> str:
        with path.open("rb") as file:
            fields = {"uploadPath": FOLDER, "fileName": name}
            return self._send("/api/file-stream-upload", data=fields, files={"file": (name, file, content_type)})

    def _base64(self, path: Path, name: str, content_type: str) -> str:
        data_url = f"data:{content_type};base64,{base64.b64encode(path.read_bytes()).decode()}"
        return self._send("/api/file-base64-upload", json=uploads.base64_request(data_url, path=FOLDER, name=name))

    def _by_address(self, url: str, name: str) -> str:
        return self._send("/api/file-url-upload", json=uploads.url_request(url, path=FOLDER, name=name))

    def _send(self, path: str, **content: Any) -> str:
        try:
            reply = self._client.post(f"{self._base_url}{path}", **content)
            answer = read_answer(reply.text, reply.status_code)
        except httpx.HTTPError as error:
            raise UploadError(type(error).__name__) from error
        except Unreadable as error:
            raise UploadError(f"HTTP {reply.status_code}: {error}", code=str(reply.status_code)) from error
        if url := uploads.read_upload(answer):
            return url
        words, code = redact(answer.message)[:500], str(answer.code)
        if answer.code == RATE_LIMIT:
            raise RateLimited(words, code=code)
        if answer.code == MAINTENANCE or failures.is_account_trouble(code, words):
            raise AccountTrouble(words, code=code)
        if answer.code == OK or answer.code >= 500:
            raise UploadError(words or "the answer names no file", code=code)
        raise Refused(words, code=code, reason="input_media")
