"""The front's threads: one after the other, and yet nobody behind slow work."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import pytest

from playground.serving.threads import Threads
from tests.waiting import wait_until

FOR_EVER = 3600


def play(story: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(asyncio.wait_for(story, 60))


def test_quick_work_is_done_one_after_the_other_by_the_thread_that_is_warm() -> None:
    threads = Threads(4, at_once=1, patience_seconds=FOR_EVER)

    async def story() -> set[int]:
        return set(await asyncio.gather(*(threads.run(threading.get_ident) for _ in range(50))))

    assert len(play(story())) == 1


def test_as_many_as_may_work_at_once() -> None:
    threads = Threads(4, at_once=3, patience_seconds=FOR_EVER)
    three = threading.Barrier(3)

    async def story() -> list[int]:
        return list(await asyncio.gather(*(threads.run(three.wait) for _ in range(3))))

    assert sorted(play(story())) == [0, 1, 2]


@pytest.mark.parametrize("slow", [1, 3])
def test_nobody_waits_behind_slow_work(slow: int) -> None:
    threads, is_over = Threads(slow + 1, at_once=1), threading.Event()

    async def story() -> list[bool]:
        waiting = [asyncio.ensure_future(threads.run(is_over.wait)) for _ in range(slow)]
        await threads.run(is_over.set)
        return list(await asyncio.gather(*waiting))

    assert play(story()) == [True] * slow


def test_a_thread_that_was_overtaken_works_on() -> None:
    threads = Threads(2, at_once=1)

    async def story() -> set[int]:
        for _ in range(5):
            is_over = threading.Event()
            waiting = asyncio.ensure_future(threads.run(is_over.wait))
            await threads.run(is_over.set)
            await waiting
        return set(await asyncio.gather(*(threads.run(threading.get_ident) for _ in range(20))))

    assert play(story())


def test_slow_work_has_no_more_than_the_threads() -> None:
    threads, is_over, begun = Threads(2, at_once=1, patience_seconds=0.001), threading.Event(), threading.Semaphore(0)

    def be_slow() -> None:
        begun.release()
        is_over.wait()

    async def story() -> int:
        waiting = [asyncio.ensure_future(threads.run(be_slow)) for _ in range(3)]
        for _ in range(2):
            await asyncio.to_thread(begun.acquire)
        third = begun.acquire(blocking=False)
        is_over.set()
        await asyncio.gather(*waiting)
        return third

    assert play(story()) is False


@pytest.mark.parametrize(("work", "raised"), [(lambda: 1 // 0, ZeroDivisionError), (lambda: next(iter(())), RuntimeError)])
def test_an_error_reaches_whoever_asked_and_the_thread_works_on(work: Callable[[], Any], raised: type[Exception]) -> None:
    threads = Threads(1, at_once=1)

    async def story() -> int:
        with pytest.raises(raised):
            await threads.run(work)
        return int(await threads.run(lambda number: number + 1, 1))

    assert play(story()) == 2


def test_who_leaves_before_the_turn_is_not_worked_for() -> None:
    threads, is_over, done = Threads(1, at_once=1), threading.Event(), list[str]()

    async def story() -> None:
        first = asyncio.ensure_future(threads.run(is_over.wait))
        gone = asyncio.ensure_future(threads.run(done.append, "gone"))
        await asyncio.sleep(0)
        gone.cancel()
        with suppress(asyncio.CancelledError):
            await gone
        is_over.set()
        await first
        await threads.run(done.append, "there")

    play(story())
    assert done == ["there"]


def test_who_leaves_meanwhile_stops_nobody() -> None:
    threads, has_begun, is_over = Threads(1, at_once=1), threading.Event(), threading.Event()

    def be_slow() -> None:
        has_begun.set()
        is_over.wait()

    async def story() -> str:
        gone = asyncio.ensure_future(threads.run(be_slow))
        await asyncio.to_thread(has_begun.wait)
        gone.cancel()
        is_over.set()
        return str(await threads.run(lambda: "there"))

    assert play(story()) == "there"


def test_another_loop_may_ask_after_the_first_has_ended() -> None:
    threads, is_over = Threads(2, at_once=1), threading.Event()

    async def leave_early() -> None:
        asyncio.ensure_future(threads.run(is_over.wait))  # noqa: RUF006  (its loop ends before it does)
        await asyncio.sleep(0)

    async def story() -> str:
        return str(await threads.run(lambda: "there"))

    play(leave_early())
    assert play(story()) == "there"
    is_over.set()


def test_the_threads_end_with_their_object() -> None:
    before = set(threading.enumerate())
    assert play(Threads(3, at_once=1).run(int)) == 0
    gc.collect()
    started = set(threading.enumerate()) - before
    wait_until(lambda: not any(thread.is_alive() for thread in started))
