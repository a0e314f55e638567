"""The guard of outgoing connections: an address that somebody gave us never leads into our own network."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpcore
import httpx
import pytest

from playground.core.outbound import BlockedAddress, OutboundPolicy, TooLarge, check_url, download, guarded_client, is_public_address

NOBODY = OutboundPolicy()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to/"))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = b"x" * 5000
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def server() -> Iterator[int]:
    """A server on loopback; its port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever, daemon=True)
        thread.start()
        yield http.server_address[1]
        http.shutdown()
        thread.join()


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.215.14", "2606:4700::1111", "::ffff:8.8.8.8", "2002:0808:0808::1"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.9.9.9",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "2002:7f00:0001::1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "2001:db8::1",
        "no address",
        "",
    ],
)
def test_everything_else_is_not(address: str) -> None:
    assert not is_public_address(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://127.1/",
        "http://0/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "https://10.0.0.1:8443/x",
        "http://localhost/",
        "http://LOCALHOST./",
        "http://app.localhost/",
        "http://redis:6379/",
        "http://printer.local/",
        "http://metadata.google.internal/",
    ],
)
def test_the_form_of_an_internal_address_is_refused_at_the_door(url: str) -> None:
    with pytest.raises(BlockedAddress):
        check_url(url, NOBODY)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com",
        "//example.com/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://",
        "http://u:p@example.com/",
        "http://example.com:99999/",
        "http://[::1/",
    ],
)
def test_what_is_no_plain_web_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"URL|password"):
        check_url(url, NOBODY)


@pytest.mark.parametrize(
    "url", ["https://example.com/hook?x=1#y", "http://example.com:8080/", "https://8.8.8.8/", "https://xn--bcher-kva.example/"]
)
def test_public_addresses_pass_unchanged(url: str) -> None:
    assert check_url(url, NOBODY) == url


def test_an_exception_is_for_a_host_or_for_one_port_of_it() -> None:
    policy = OutboundPolicy.of([" 127.0.0.1:9000 ", "Hooks.internal", ""])

    assert check_url("http://127.0.0.1:9000/x", policy)
    assert check_url("http://hooks.internal:1234/x", policy)
    with pytest.raises(BlockedAddress):
        check_url("http://127.0.0.1:9001/x", policy)


def test_a_loopback_server_is_not_reached_unless_it_is_allowed(server: int) -> None:
    with guarded_client(NOBODY) as client, pytest.raises(BlockedAddress):
        client.get(f"http://127.0.0.1:{server}/")
    with guarded_client(OutboundPolicy.of([f"127.0.0.1:{server}"])) as client:
        assert client.get(f"http://127.0.0.1:{server}/").status_code == 200


def test_a_redirect_into_our_network_is_stopped(server: int) -> None:
    """The first host is allowed, the second is not: every connection of a chain is judged by itself."""
    policy = OutboundPolicy.of([f"127.0.0.1:{server}"])
    with guarded_client(policy, follow_redirects=True) as client, pytest.raises(BlockedAddress):
        client.get(f"http://127.0.0.1:{server}/to/http://localhost:{server}/")


def test_endless_redirects_end(server: int, tmp_path: Path) -> None:
    policy = OutboundPolicy.of([f"127.0.0.1:{server}"])
    with pytest.raises(httpx.TooManyRedirects):
        download(f"http://127.0.0.1:{server}/to//to//to//to//to/x", tmp_path / "x", policy, max_bytes=10_000)


def resolve_to(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Each look-up gets the next answer, the last one again and again; returns the names that were asked for."""
    asked: list[str] = []

    def getaddrinfo(host: str, port: int, *_args: Any, **_kwargs: Any) -> list[Any]:
        found = answers[min(len(asked), len(answers) - 1)]
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


@pytest.mark.parametrize(
    "addresses", [["127.0.0.1"], ["10.1.2.3"], ["169.254.169.254"], ["::ffff:127.0.0.1"], ["8.8.8.8", "127.0.0.1"], []], ids=str
)
def test_a_name_that_leads_inside_is_blocked_where_the_connection_is_made(monkeypatch: pytest.MonkeyPatch, addresses: list[str]) -> None:
    asked = resolve_to(monkeypatch, addresses)
    check_url("http://innocent.example/", NOBODY)
    with guarded_client(NOBODY) as client, pytest.raises(BlockedAddress):
        client.get("http://innocent.example/")

    assert asked == ["innocent.example"]


def test_the_address_that_was_judged_is_the_one_that_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that changes its answer after the check has nothing to gain: it is looked up once."""
    asked = resolve_to(monkeypatch, ["93.184.215.14"], ["127.0.0.1"])
    connected: list[str] = []

    def connect_tcp(_self: object, host: str, *_args: Any, **_kwargs: Any) -> None:
        connected.append(host)
        raise httpcore.ConnectError("no network in this test")

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect_tcp)
    with guarded_client(NOBODY) as client, pytest.raises(httpx.ConnectError):
        client.get("http://changing.example/")

    assert (asked, connected) == (["changing.example"], ["93.184.215.14"])


def test_proxies_of_the_environment_do_not_open_a_way_around(server: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{server}")
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{server}")
    resolve_to(monkeypatch, ["10.0.0.1"])
    with guarded_client(NOBODY) as client, pytest.raises(BlockedAddress):
        client.get("http://inside.example/")


def test_a_download_is_written_and_counted(server: int, tmp_path: Path) -> None:
    policy = OutboundPolicy.of([f"127.0.0.1:{server}"])

    assert download(f"http://127.0.0.1:{server}/", tmp_path / "x", policy, max_bytes=5000) == 5000
    assert (tmp_path / "x").read_bytes() == b"x" * 5000


def test_a_download_over_the_limit_is_cut_off(server: int, tmp_path: Path) -> None:
    policy = OutboundPolicy.of([f"127.0.0.1:{server}"])
    with pytest.raises(TooLarge):
        download(f"http://127.0.0.1:{server}/", tmp_path / "x", policy, max_bytes=4999)
