"""Which server and which key: the environment first, then a file that nobody else can read."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from tests.cli.terminal import HOST, KEY, Stub, Terminal, envelope

LOGIN = ("login", "--host", HOST, "--api-key", KEY)
CREDIT, BALANCE = "/api/v1/chat/credit", "/api/actions/credits.balance"


@pytest.fixture
def server(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> Stub:
    """A server that takes the key, and a shell that knows neither."""
    monkeypatch.delenv("ADS_HOST")
    monkeypatch.delenv("ADS_API_KEY")
    return stub.on(CREDIT, envelope(9940))


def file_in(home: Path) -> Path:
    (found,) = home.rglob("ads.json")
    return found


def test_login_keeps_server_and_key_where_only_their_owner_reads(ads: Terminal, server: Stub, home: Path) -> None:
    before = os.umask(0)
    try:
        ran = ads.ok(*LOGIN)
    finally:
        os.umask(before)

    path = file_in(home)
    assert path == home / ".config" / "rushes" / "ads.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert json.loads(path.read_text()) == {"host": HOST, "apiKey": KEY}
    assert [entry.name for entry in path.parent.iterdir()] == ["ads.json"], "nothing half written stays behind"
    assert str(path) in ran.err
    assert KEY not in ran.out + ran.err


def test_a_file_that_others_could_read_is_one_no_longer_after_login(ads: Terminal, server: Stub, home: Path) -> None:
    ads.ok(*LOGIN)
    file_in(home).chmod(0o644)
    ads.ok(*LOGIN)
    assert stat.S_IMODE(file_in(home).stat().st_mode) == 0o600


def test_login_asks_the_server_first_and_keeps_no_key_that_it_refuses(ads: Terminal, server: Stub, home: Path) -> None:
    server.on(CREDIT, envelope(None, code=401, msg="Unauthorized"))
    ran = ads.run(*LOGIN)
    assert ran.exit_code == 4
    assert not list(home.rglob("ads.json"))
    ads.ok(*LOGIN, "--no-check")
    assert file_in(home).exists()


def test_a_key_may_come_from_stdin_so_that_no_list_of_processes_shows_it(
    ads: Terminal, server: Stub, home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "key").write_text(f"{KEY}\n")
    with (tmp_path / "key").open() as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        ads.ok("login", "--host", HOST, "--api-key", "-")
    assert json.loads(file_in(home).read_text())["apiKey"] == KEY


def test_a_script_that_forgets_the_key_is_told_and_not_asked(ads: Terminal, server: Stub) -> None:
    ran = ads.run("login", "--host", HOST)
    assert (ran.exit_code, "--api-key is missing" in ran.err) == (2, True)


def test_config_get_masks_the_key_and_says_where_it_comes_from(ads: Terminal, server: Stub, home: Path) -> None:
    ads.ok(*LOGIN)
    ran = ads.ok("config", "get")
    assert HOST in ran.out
    assert KEY[:12] in ran.out
    assert KEY[12:] not in ran.out
    assert str(file_in(home)) in ran.out
    shown = ads.ok("config", "get", "--json").object
    assert shown == {
        "host": HOST,
        "apiKey": f"{KEY[:12]}…",
        "hostFrom": str(file_in(home)),
        "apiKeyFrom": str(file_in(home)),
        "path": str(file_in(home)),
    }


def test_a_short_key_is_masked_too(ads: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADS_API_KEY", "sk-secret1")
    assert ads.ok("config", "get", "--json").object["apiKey"] == "sk-…"


def test_the_environment_wins_each_variable_by_itself(ads: Terminal, server: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    ads.ok(*LOGIN)
    monkeypatch.setenv("ADS_API_KEY", "sk-test-from-the-environment")
    server.on(BALANCE, envelope({"available": 9940, "held": 60, "mode": "test"}))
    ads.ok("credits")
    assert server.requests[-1].headers["Authorization"] == "Bearer sk-test-from-the-environment"
    assert server.requests[-1].url == f"{HOST}{BALANCE}"
    monkeypatch.setenv("ADS_HOST", "https://elsewhere.example.com")
    ads.ok("credits")
    assert server.requests[-1].url == f"https://elsewhere.example.com{BALANCE}"
    shown = ads.ok("config", "get", "--json").object
    assert (shown["hostFrom"], shown["apiKeyFrom"]) == ("ADS_HOST", "ADS_API_KEY")


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("https://rushes.example.com/", "https://rushes.example.com"),
        ("rushes.example.com", "https://rushes.example.com"),
        ("localhost:8000", "http://localhost:8000"),
        ("127.0.0.1:8000/", "http://127.0.0.1:8000"),
        ("https://example.com/rushes/", "https://example.com/rushes"),
        ("https://modkie.com/api/v1", "https://modkie.com"),
    ],
)
def test_addresses_are_understood_as_people_write_them(ads: Terminal, monkeypatch: pytest.MonkeyPatch, written: str, address: str) -> None:
    monkeypatch.setenv("ADS_HOST", written)
    assert ads.ok("config", "get", "--json").object["host"] == address


@pytest.mark.parametrize(
    "written", ["ftp://example.com", "https://", "https://a:b@example.com", "https://example.com?x=1", "http://[", "://"]
)
def test_what_is_no_address_is_a_mistake_of_usage(ads: Terminal, server: Stub, written: str, home: Path) -> None:
    ran = ads.run("login", "--host", written, "--api-key", KEY)
    assert (ran.exit_code, "is no address of a server" in ran.err) == (2, True), ran
    assert not list(home.rglob("ads.json"))


def test_a_key_that_would_travel_in_the_clear_is_warned_of(ads: Terminal, server: Stub) -> None:
    assert "not encrypted" in ads.ok("login", "--host", "http://rushes.example.com", "--api-key", KEY).err
    assert "not encrypted" not in ads.ok("login", "--host", "http://localhost:8000", "--api-key", KEY).err


@pytest.mark.parametrize("content", ["{", "[]", "\x00", '"text"'])
def test_a_broken_file_is_named_with_the_way_out(ads: Terminal, server: Stub, home: Path, content: str) -> None:
    ads.ok(*LOGIN)
    file_in(home).write_text(content)
    ran = ads.run("credits")
    assert ran.exit_code == 2
    assert str(file_in(home)) in ran.err
    assert "ads login" in ran.err
    ads.ok(*LOGIN)


@pytest.mark.parametrize(("name", "code"), [("ADS_API_KEY", 2), ("ADS_HOST", 4)])
def test_what_is_missing_is_said_with_the_command_that_gives_it(
    ads: Terminal, monkeypatch: pytest.MonkeyPatch, name: str, code: int
) -> None:
    monkeypatch.setenv(name, KEY if name == "ADS_API_KEY" else HOST)
    ran = ads.run("credits")
    assert (ran.exit_code, ran.out) == (code, "")
    assert "ads login" in ran.err
