"""How the program ends: one code for each kind of ending, one sentence on stderr, and tries where they cost nothing."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.cli.terminal import GENERATE, HOST, QUERY, TASK, Clock, Stub, Terminal, envelope, record

MAKE, LOOK, BALANCE = "/api/actions/ai.video.generate", "/api/actions/ai.video.query", "/api/actions/credits.balance"
PENDING, DONE = envelope(record("pending")), envelope(record("success"))


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("video", "query"),
        ("video", "generate", "--promt", "x"),
        ("video", "generate", "--prompt", "x", "--timeout", "soon"),
        ("video", "generate", "--prompt", "x", "--timeout", "60"),
        ("video", "generate", "--prompt", "x", "--option", "duration"),
        ("video", "generate", "--prompt", "x", "--image-input", "no-such-file.png"),
        ("video", "generate", "--prompt", "x", "--no-wait", "--out", "video.mp4"),
    ],
    ids=" ".join,
)
def test_2_is_a_command_that_cannot_be_meant_and_asks_nobody(ads: Terminal, stub: Stub, arguments: tuple[str, ...]) -> None:
    ran = ads.run(*arguments)
    assert (ran.exit_code, ran.out) == (2, "")
    assert ran.err
    assert stub.requests == []


@pytest.mark.parametrize("status", [200, None], ids=["in the body", "as HTTP status"])
@pytest.mark.parametrize(
    ("code", "message", "exit_code"),
    [
        (400, "The body is not JSON.", 3),
        (404, "There is no action of this name.", 3),
        (413, "The body is too large.", 3),
        (422, "prompt: prompt is required.", 3),
        (401, "Unauthorized", 4),
        (403, "This key may only read.", 4),
        (402, "Credits insufficient.", 5),
        (433, "The key's cap is reached.", 5),
        (500, "Credits insufficient", 5),
        (501, "The model made nothing.", 6),
        (429, "Too many new tasks.", 8),
        (455, "Under maintenance.", 8),
        (500, "Something went wrong.", 8),
        (505, "Switched off.", 8),
    ],
)
def test_each_code_of_the_server_is_one_exit_code(
    ads: Terminal, stub: Stub, code: int, message: str, exit_code: int, status: int | None
) -> None:
    stub.on(MAKE, envelope(None, code=code, msg=message, status=status or code))
    ran = ads.run(*GENERATE, "--json")
    assert (ran.exit_code, ran.out) == (exit_code, ""), ran
    assert message in ran.err


def test_3_names_every_field_that_is_wrong_once(ads: Terminal, stub: Stub) -> None:
    errors = [
        {"pointer": "/prompt", "rule": "required", "message": "prompt is required."},
        {"pointer": "/model", "rule": "unknown_model", "message": "Nearest: google/veo-3-1."},
    ]
    stub.on(MAKE, envelope({"errors": errors}, code=422, msg="prompt: prompt is required."))
    ran = ads.run(*GENERATE)
    assert ran.exit_code == 3
    assert ran.err.count("prompt is required.") == 1
    assert "/model: Nearest: google/veo-3-1." in ran.err


def test_6_is_a_video_that_failed_with_the_reason_and_the_object(ads: Terminal, stub: Stub) -> None:
    error = {"reason": "output", "code": "501", "message": "The clip was blocked."}
    stub.on(MAKE, PENDING).on(LOOK, envelope(record("fail", error=error)))
    ran = ads.run(*GENERATE, "--json")
    assert ran.exit_code == 6
    assert "The clip was blocked. (code 501)" in ran.err
    assert (ran.object["status"], ran.object["error"]) == ("fail", error)


def test_7_is_a_video_that_is_still_being_made_and_goes_on(ads: Terminal, stub: Stub, clock: Clock) -> None:
    stub.on(MAKE, PENDING).on(LOOK, envelope(record("processing")))
    ran = ads.run(*GENERATE, "--timeout", "30s", "--json")
    assert ran.exit_code == 7
    assert sum(clock.slept) == pytest.approx(30), "not a moment longer than it was told"
    assert (ran.object["taskId"], ran.object["status"]) == (TASK, "processing")
    assert f"ads video query --task-id {TASK} --wait" in ran.err


@pytest.mark.parametrize("word", ["waiting", "queueing", "a word of next year", ""])
def test_a_state_that_nobody_knows_is_one_that_goes_on(ads: Terminal, stub: Stub, word: str) -> None:
    stub.on(MAKE, PENDING).on(LOOK, envelope(record(word)), DONE)
    assert ads.run(*GENERATE).exit_code == 0


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text="<html>Sign in to the hotel's network</html>", headers={"Content-Type": "text/html"}),
        httpx.Response(502, text="Bad gateway"),
        httpx.Response(200, json={"hello": "world"}),
        httpx.Response(200, json=["code", 200]),
        httpx.Response(200, json={"code": True, "data": {"taskId": TASK}}),
        httpx.Response(200, content=b'{"code": 200, "data": {"taskId'),
        httpx.Response(200, content=b"\xff\xfe\x00"),
        httpx.Response(200, content=b"[" * 100_000),
        httpx.Response(301, headers={"Location": "https://www.example.com/"}),
        envelope({"task": "no id"}),
        envelope(None),
        envelope([]),
        httpx.ConnectError("Name or service not known"),
        httpx.ReadTimeout("timed out"),
        httpx.RemoteProtocolError("Server disconnected"),
    ],
    ids=repr,
)
def test_8_is_a_server_that_is_not_there_or_is_another(ads: Terminal, stub: Stub, answer: httpx.Response | Exception) -> None:
    stub.on(MAKE, answer)
    ran = ads.run(*GENERATE, "--json")
    assert (ran.exit_code, ran.out) == (8, ""), ran
    assert "Traceback" not in ran.err
    assert "--idempotency-key ads-" in ran.err, "nobody knows whether it was made, and there is a way to ask without paying twice"


def test_a_redirect_says_which_address_to_use(ads: Terminal, stub: Stub) -> None:
    stub.on(BALANCE, httpx.Response(301, headers={"Location": "https://www.example.com/"}))
    assert "https://www.example.com/" in ads.run("credits").err


@pytest.mark.parametrize("transient", [429, 500, 502, 503, 504, httpx.ReadTimeout("slow"), httpx.ConnectError("refused")], ids=repr)
def test_what_a_moment_can_mend_is_tried_again(ads: Terminal, stub: Stub, clock: Clock, transient: Any) -> None:
    bad = transient if isinstance(transient, Exception) else envelope(None, code=transient, msg="busy", status=transient)
    stub.on(BALANCE, bad, bad, envelope({"available": 1, "held": 0, "mode": "test"}))
    ads.ok("credits")
    assert len(stub.requests) == 3
    assert 0 < clock.slept[0] < clock.slept[1], "each pause is longer"


@pytest.mark.parametrize("code", [400, 401, 402, 403, 404, 422, 501])
def test_what_no_moment_can_mend_is_not(ads: Terminal, stub: Stub, code: int) -> None:
    stub.on(BALANCE, envelope(None, code=code, msg="no"))
    ads.run("credits")
    assert len(stub.requests) == 1


def test_the_tries_have_an_end(ads: Terminal, stub: Stub) -> None:
    stub.on(BALANCE, httpx.ConnectError("refused"))
    ran = ads.run("credits")
    assert (ran.exit_code, len(stub.requests)) == (8, 5)
    assert f"{HOST} cannot be reached: refused" in ran.err


def test_the_server_says_how_long_to_wait(ads: Terminal, stub: Stub, clock: Clock) -> None:
    good = envelope({"available": 1, "held": 0, "mode": "test"})
    stub.on(BALANCE, envelope(None, code=429, msg="busy", Retry_After="17"), good)
    ads.ok("credits")
    assert clock.slept == [17]


@pytest.mark.parametrize("asked", ["3600", "Fri, 31 Dec 2199 23:59:59 GMT"])
def test_a_wait_that_a_person_should_decide_on_is_said_and_not_waited(ads: Terminal, stub: Stub, clock: Clock, asked: str) -> None:
    stub.on(BALANCE, envelope(None, code=429, msg="A day's rate is used up.", Retry_After=asked))
    ran = ads.run("credits")
    assert (ran.exit_code, clock.slept) == (8, [])
    assert "It asks to wait" in ran.err


@pytest.mark.parametrize("asked", ["soon", "-5", "1e9", "٣", "Fri, 99 Foo"])
def test_a_wait_that_is_no_time_is_ours_to_choose(ads: Terminal, stub: Stub, clock: Clock, asked: str) -> None:
    raw = httpx.Response(200, json={"code": 429, "msg": "busy"}, headers=[(b"Retry-After", asked.encode())])
    stub.on(BALANCE, raw, envelope({"available": 1, "held": 0, "mode": "test"}))
    ads.ok("credits")
    assert 0 < clock.slept[0] < 2


def test_an_order_that_is_sent_again_is_the_same_order(ads: Terminal, stub: Stub) -> None:
    stub.on(MAKE, httpx.ReadTimeout("slow"), envelope(None, code=500, msg="restarting"), PENDING).on(LOOK, DONE)
    ads.ok(*GENERATE)
    ads.ok(*GENERATE)
    keys = [request.headers["Idempotency-Key"] for request in stub.asked(MAKE)]
    assert len(keys) == 4
    assert len(set(keys[:3])) == 1, "the tries of one order share a key"
    assert keys[3] != keys[0], "another order is another one"


def test_an_order_can_be_given_its_name(ads: Terminal, stub: Stub) -> None:
    stub.on(MAKE, PENDING).on(LOOK, DONE)
    ads.ok(*GENERATE, "--idempotency-key", "order-7")
    assert stub.asked(MAKE)[0].headers["Idempotency-Key"] == "order-7"


def test_a_server_that_is_away_while_a_video_is_made_ends_no_waiting_at_once(ads: Terminal, stub: Stub) -> None:
    away = httpx.ConnectError("refused")
    stub.on(MAKE, PENDING).on(LOOK, envelope(record("processing")), away, away, away, DONE)
    assert ads.run(*GENERATE).exit_code == 0


def test_a_server_that_stays_away_leaves_the_task_to_go_on(ads: Terminal, stub: Stub) -> None:
    stub.on(MAKE, PENDING).on(LOOK, httpx.ConnectError("refused"))
    ran = ads.run(*GENERATE)
    assert ran.exit_code == 8
    assert f"Task {TASK} goes on" in ran.err


def test_interrupting_the_wait_says_that_the_task_goes_on(ads: Terminal, stub: Stub, clock: Clock) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    stub.on(MAKE, PENDING).on(LOOK, envelope(record("processing")))
    clock.meanwhile = interrupt
    ran = ads.run(*GENERATE, "--json")
    assert (ran.exit_code, ran.out) == (130, "")
    assert f"Task {TASK} goes on" in ran.err


def test_interrupting_the_order_says_how_to_ask_for_it_again(ads: Terminal, stub: Stub) -> None:
    def interrupt(request: httpx.Request) -> httpx.Response:
        raise KeyboardInterrupt

    stub.on(MAKE, interrupt)
    ran = ads.run(*GENERATE)
    key = stub.asked(MAKE)[0].headers["Idempotency-Key"]
    assert ran.exit_code == 130
    assert f"--idempotency-key {key}" in ran.err


def test_a_query_of_a_failed_task_is_told_by_the_code_too(ads: Terminal, stub: Stub) -> None:
    stub.on(LOOK, envelope(record("fail")))
    assert ads.run(*QUERY).exit_code == 6
    stub.on(LOOK, envelope(record("processing")))
    assert ads.run(*QUERY).exit_code == 0, "nobody waited, so nothing took too long"


def test_a_quote_of_what_would_be_refused_is_a_refusal(ads: Terminal, stub: Stub) -> None:
    errors = [{"pointer": "/options/duration", "rule": "enum", "message": "duration must be 5 or 10."}]
    verdict = {"valid": False, "errors": errors, "hints": [], "quote": None}
    stub.on("/api/actions/ai.video.quote", envelope(verdict))
    ran = ads.run("video", "quote", "--prompt", "x", "--json")
    assert (ran.exit_code, ran.object) == (3, verdict)
    assert "/options/duration: duration must be 5 or 10." in ran.err
    assert json.loads(stub.requests[0].content) == {"prompt": "x"}
