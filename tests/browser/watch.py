"""What a page must never do, whichever test it is in: complain on the console, crash, or ask another host."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from playwright.sync_api import ConsoleMessage, Page, Request, Response

_STATUS = re.compile(r"responded with a status of (\d+)")


@dataclass
class Watch:
    """Complaints about one page. A test that provokes an error names its status in `expected`."""

    origin: str
    expected: set[int] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)

    def attach(self, page: Page) -> None:
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on("request", self._on_request)
        page.on("response", self._on_response)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        status = _STATUS.search(message.text)
        # Chromium reports every 4xx as an error of the console.
        if status is None or int(status[1]) not in self.expected:
            self.complaints.append(f"console {message.type}: {message.text} ({message.location.get('url', '')})")

    def _on_request(self, request: Request) -> None:
        if request.url.startswith(("http:", "https:", "ws:", "wss:")) and not request.url.startswith(self.origin + "/"):
            self.complaints.append(f"another host: {request.url}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 500 and response.status not in self.expected:
            self.complaints.append(f"{response.status}: {response.url}")
