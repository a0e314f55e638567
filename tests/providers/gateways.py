"""Two upstreams that speak KIE's contract, as an adapter sees them over a socket: the stand-in's server, and this house itself."""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from django.db import connection

from playground.core.outbound import OutboundPolicy
from playground.providers.base import Snapshot
from playground.providers.kie.adapter import Kie
from playground.providers.modkie import ModKie
from tests.browser.product import Product
from tests.databases import FILE
from tests.upstream.client import Upstream
from tests.waiting import wait_until

MOST_BYTES = 10 * 1024**2
# Tasks take about as long as the stand-in's, clips are as coarse as they can be, and nobody is asked to slow down.
HASTE: dict[str, Any] = {
    "SANDBOX_SPEED": "5",
    "SANDBOX_DETAIL": "0.1",
    "SANDBOX_MAX_SECONDS": "1",
    "POLL_FACTOR": "0.05",
    "MEDIA_WORKERS": "1",
    "CREATE_TASKS_PER_MINUTE": "10000",
}


@dataclass(frozen=True)
class Gateway:
    """Where it is and what opens it; `address` is what the guard of outgoing connections is to let through."""

    url: str
    modkie_url: str
    api_key: str
    address: str

    def adapter(self, key: str | None = None) -> Kie:
        return Kie(base_url=self.url, upload_base_url=self.url, **self._common(key))

    def modkie(self) -> ModKie:
        return ModKie(base_url=self.modkie_url, **self._common(None))

    def _common(self, key: str | None) -> dict[str, Any]:
        return {"api_key": key or self.api_key, "policy": OutboundPolicy.of([self.address]), "max_result_bytes": MOST_BYTES}


def stand_in(upstream: Upstream) -> Gateway:
    return Gateway(upstream.base_url, upstream.modkie_url, upstream.api_key, upstream.address)


@contextmanager
def our_own(data_dir: Path, file_host: str) -> Iterator[Gateway]:
    """The whole product with web server, queue and media worker; `file_host` is where a file to be fetched may lie."""
    if connection.vendor == "sqlite":
        # The tests' own tables, which are made already; elsewhere, the product makes its own.
        with closing(sqlite3.connect(connection.settings_dict["NAME"])) as made, closing(sqlite3.connect(data_dir / FILE)) as copy:
            made.backup(copy)
    with Product(data_dir, OUTBOUND_ALLOW=file_host, **HASTE) as product:
        product.manage("create_owner", "--email", "alice@example.com")
        key = product.manage("create_key", "--name", "a gateway in front", "--mode", "test").splitlines()[-1]
        yield Gateway(product.url, f"{product.url}/modkie", key, f"localhost:{product.port}")


def ended(task_id: str, look: Callable[[], Snapshot]) -> Snapshot:
    def there() -> Snapshot | None:
        return found if (found := look()).state in ("success", "fail") else None

    snapshot = wait_until(there, what=task_id)
    assert snapshot is not None
    return snapshot


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """A test's output is no place for it."""


@contextmanager
def files_served(folder: Path) -> Iterator[str]:
    """The files of a folder over HTTP; yields host and port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(folder))) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
