"""The adapter for one KIE account."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import httpx

from playground.core.outbound import OutboundPolicy, trust
from playground.providers.base import Limits, ResultUnavailable, Running
from playground.providers.http import Transport, user_agent
from playground.providers.http_provider import HttpProvider
from playground.providers.kie.files import KieFiles
from playground.providers.routes import KIE_ROUTES
from playground.wire.envelope import OK, Unreadable, read_answer

DOWNLOAD_URL_PATH = "/api/v1/common/download-url"
_SYNC_TIMEOUT_SECONDS = 20


class Kie(HttpProvider):
    """Adapter for KIE's contracts; results are fetched by a fresh link where the direct one fails."""

    name = "kie"
    title = "KIE"
    routes = KIE_ROUTES

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str,
        upload_base_url: str,
        policy: OutboundPolicy,
        max_result_bytes: int,
        limits: Limits | None = None,
        timeout_seconds: float = 20,
        transport: Transport | None = None,
        sync_transport: httpx.BaseTransport | None = None,
    ) -> None:
        super().__init__(
            api_key=api_key,
            base_url=base_url,
            policy=policy,
            max_result_bytes=max_result_bytes,
            limits=limits,
            timeout_seconds=timeout_seconds,
            transport=transport,
        )
        self._upload_base_url = upload_base_url
        self._sync_transport = sync_transport

    def file_host(self) -> KieFiles:
        return KieFiles(api_key=self._api_key, base_url=self._upload_base_url, transport=self._sync_transport)

    def collect(self, running: Running, link: str, target: Path) -> Sequence[str]:
        try:
            return super().collect(running, link, target)
        except ResultUnavailable as error:
            fresh = self._fresh_link(link)
            if not fresh or fresh == link:
                raise error
            return super().collect(running, fresh, target)

    def _fresh_link(self, link: str) -> str:
        """KIE's own link for a file of its own, good for 20 minutes; "" where it has none."""
        headers = {"Authorization": f"Bearer {self._api_key}", "User-Agent": user_agent()}
        try:
            with httpx.Client(
                transport=self._sync_transport, verify=trust(), timeout=_SYNC_TIMEOUT_SECONDS, trust_env=False, headers=headers
            ) as client:
                reply = client.post(f"{self._base_url}{DOWNLOAD_URL_PATH}", json={"url": link})
                answer = read_answer(reply.text, reply.status_code)
        except (httpx.HTTPError, httpx.InvalidURL, Unreadable, ValueError):
            return ""
        found = answer.data
        return found if answer.code == OK and isinstance(found, str) and found.startswith(("https://", "http://")) else ""
