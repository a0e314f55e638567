"""Whatever the server says is printed as data: it colours, hides, moves, links and fakes nothing."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from rich.console import Console

from playground.cli import terminal
from tests.cli.terminal import GENERATE, QUERY, TASK, Stub, Terminal, envelope, record
from tests.web.playground import HOSTILE

LOOK, MAKE = "/api/actions/ai.video.query", "/api/actions/ai.video.generate"
NASTY = HOSTILE + "[link=https://evil.example.com]click[/link] [red]red[/red] :skull: \x9b2J \x1b]0;title\x07 \x7f \u2066 \ue000 \x00"
SURROGATE = "\ud800"


def is_harmless(text: str) -> bool:
    return all(character == "\n" or unicodedata.category(character) not in ("Cc", "Cf", "Co", "Cs") for character in text)


def texts_in(value: object) -> set[str]:
    if isinstance(value, dict):
        return set().union(*(texts_in(inner) for inner in value.values()))
    if isinstance(value, list):
        return set().union(*map(texts_in, value))
    return {value} if isinstance(value, str) else set()


def everything(word: str) -> dict[str, Any]:
    """Each command with the word in every text of its answer."""
    task = record("success", taskId=TASK, videoUrl=f"https://x/{word}", scene=word, provider=word, model=word)
    model = {"model": word, "gateway": word, "title": word, "description": word, "status": word, "taskType": [word], "pricingDesc": word}
    field = {"type": "string", "enum": [word], "default": word}
    shown = model | {"scenes": [word], "price": {"pricingDesc": word}, "schema": {"properties": {word: field}, "required": [word]}}
    hint = {"code": word, "level": "bad", "message": word}
    quote = {"valid": True, "quote": {"credits": 1, "usd": 1, "formula": word, "note": word}, "hints": [hint], "model": word}
    return {
        "/api/actions/ai.video.query": task,
        "/api/actions/ai.video.quote": quote | {"provider": word, "errors": []},
        "/api/actions/credits.balance": {"available": word, "held": 1, "mode": word},
        "/api/actions/models.list": {"models": [model]},
        "/api/actions/models.schema": shown,
        "/api/actions": {"actions": [{"name": word, "description": word}]},
    }


COMMANDS = [
    QUERY,
    ("video", "quote", "--prompt", "x"),
    ("credits",),
    ("models", "list"),
    ("models", "show", "x"),
    ("actions", "list"),
]


@pytest.fixture(params=[False, True], ids=["piped", "in a window"])
def window(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Both kinds of output, the window's without its colours, which are ours."""
    if request.param:
        options: dict[str, Any] = {"markup": False, "highlight": False, "emoji": False, "soft_wrap": True}
        for name in ("out", "err"):
            console = Console(force_terminal=True, no_color=True, width=200, stderr=name == "err", **options)
            monkeypatch.setattr(terminal, name, console)
    return bool(request.param)


def without_own_styles(text: str) -> str:
    """A window's bold headings are our own."""
    return text.replace("\x1b[1m", "").replace("\x1b[0m", "")


@pytest.mark.parametrize("word", [NASTY, SURROGATE], ids=["nasty", "half a character"])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_result_is_printed_as_it_is_and_does_nothing(
    ads: Terminal, stub: Stub, window: bool, command: tuple[str, ...], word: str
) -> None:
    for path, data in everything(word).items():
        stub.on(path, envelope(data))
    ran = ads.ok(*command)
    assert is_harmless(without_own_styles(ran.out)), ran.out
    if word is NASTY and not window:
        assert "[link=x]" in ran.out
        assert "[red]red[/red]" in ran.out
        assert ":skull:" in ran.out
        assert "\\x1b[31m" in ran.out


@pytest.mark.parametrize("command", [*COMMANDS, ("actions", "schema", "x")], ids=" ".join)
def test_json_is_one_object_in_ascii_whatever_is_in_it(ads: Terminal, stub: Stub, command: tuple[str, ...]) -> None:
    known = everything(NASTY)
    for path, data in known.items():
        stub.on(path, envelope(data))
    stub.on("/api/actions/x/schema", envelope({"name": NASTY}))
    ran = ads.ok(*command, *(() if command[0] == "actions" and command[1] == "schema" else ("--json",)))
    assert ran.out.isascii()
    assert is_harmless(ran.out)
    assert NASTY in texts_in(ran.object), "and a program reads exactly what the server said"


@pytest.mark.parametrize(
    "answer",
    [
        lambda: envelope({"errors": [{"pointer": NASTY, "message": NASTY + "2"}]}, code=422, msg=NASTY),
        lambda: envelope(None, code=500, msg=NASTY),
        lambda: httpx.Response(200, content=NASTY.encode(), headers=[(b"Content-Type", b"text/\x9bhtml")]),
        lambda: httpx.Response(302, headers=[(b"Location", b"https://x/\x1b[31m")]),
        lambda: envelope(record("fail", error={"code": NASTY, "message": NASTY})),
    ],
    ids=["mistakes", "an error", "no JSON", "a redirect", "a failed video"],
)
def test_a_refusal_is_printed_as_data_too(ads: Terminal, stub: Stub, window: bool, answer: Callable[[], httpx.Response]) -> None:
    stub.on(LOOK, answer())
    ran = ads.run(*QUERY)
    assert ran.exit_code > 2
    assert is_harmless(without_own_styles(ran.err)), ran.err
    assert ran.err.count("\n") <= 2, "no line of its own for whatever would look like ours"


def test_a_wait_in_a_window_moves_nothing_for_the_server(ads: Terminal, stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    class Screen(Console):
        """Draws the wait, and has no colours of its own."""

    monkeypatch.setattr(terminal, "err", Screen(force_terminal=True, stderr=True, markup=False, emoji=False, width=400, color_system=None))
    stub.on(MAKE, envelope(record("pending") | {"taskId": NASTY})).on(LOOK, envelope(record("success") | {"taskId": NASTY}))
    ran = ads.ok(*GENERATE)
    assert "\\x1b[31m" in ran.err
    assert "[link=x]" in ran.err
    for nasty in ("\x1b[31m", "\x1b]", "\x9b", "\u202e", "\x07"):
        assert nasty not in ran.err


def test_what_people_write_in_their_languages_stays(ads: Terminal, stub: Stub) -> None:
    word = "海 😀 e\u0301 👩\u200d🚀 Привет"
    stub.on("/api/actions", envelope({"actions": [{"name": word, "description": word}]}))
    assert ads.ok("actions", "list").out.count(word) == 2
