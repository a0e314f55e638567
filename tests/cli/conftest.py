from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from playground.cli import client, pauses
from tests.cli.terminal import HOST, KEY, Clock, Stub, Terminal


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A person with an empty home, who works in an empty folder and has told the shell nothing."""
    home, work = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    work.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_CONFIG_HOME", "ADS_HOST", "ADS_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    return home


@pytest.fixture
def ads(capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(capsys)


@pytest.fixture
def logged_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADS_HOST", HOST)
    monkeypatch.setenv("ADS_API_KEY", KEY)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(pauses, "sleep", clock.sleep)
    monkeypatch.setattr(pauses, "now", clock.now)
    return clock


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch, logged_in: None) -> Stub:
    stub = Stub()
    monkeypatch.setattr(client, "transport", httpx.MockTransport(stub.handle))
    return stub
