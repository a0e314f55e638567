"""A request that has to wait takes no thread, is asked again when it is time, and ends with its client."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from playground.serving.front import Front
from playground.serving.later import later_of
from playground.serving.limits import Limits
from tests.processes.test_front import Client, ask, scope

BODY = b"what is wanted"


@dataclass
class Patient:
    """A WSGI application that waits for whoever calls `wake`, and then answers how it was asked again."""

    seconds: float = 600
    first_status: str = "202 Accepted"
    calls: list[tuple[bool, bytes]] = field(default_factory=list)
    left: int = 0
    stopped: int = 0
    wake: Callable[[], None] | None = None
    is_listening: threading.Event = field(default_factory=threading.Event)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        later = later_of(environ)
        assert later is not None
        self.calls.append((later.is_resumed, environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))))
        if later.is_resumed:
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [str(later.subject).encode()]
        later.seconds, later.listen, later.leave, later.subject = self.seconds, self._listen, self._leave, "the end"
        start_response(self.first_status, [])
        return []

    def _listen(self, wake: Callable[[], None]) -> Callable[[], None]:
        self.wake = wake
        self.is_listening.set()
        return self._stop

    def _stop(self) -> None:
        self.stopped += 1

    def _leave(self) -> None:
        self.left += 1


def wake_from_another_thread(patient: Patient) -> None:
    def run() -> None:
        assert patient.is_listening.wait(300)
        assert patient.wake is not None
        patient.wake()

    threading.Thread(target=run, daemon=True).start()


def test_the_application_is_asked_again_without_the_body_when_it_is_time() -> None:
    patient = Patient()
    wake_from_another_thread(patient)

    client = ask(patient, Client([BODY]), scope(content_length=str(len(BODY))))

    assert (client.status, client.body, client.is_whole) == (200, b"the end", True)
    assert patient.calls == [(False, BODY), (True, b"")]
    assert (patient.left, patient.stopped) == (1, 1)


def test_it_is_asked_again_when_time_is_up() -> None:
    patient = Patient(seconds=0.01)

    assert ask(patient, Client(), scope(content_length="0")).body == b"the end"
    assert (patient.left, patient.stopped) == (1, 1)


def test_a_client_that_goes_away_ends_the_waiting() -> None:
    patient = Patient()
    client = ask(patient, Client([], leaves=True), scope(content_length="0"))

    assert client.status == 0
    assert [is_resumed for is_resumed, _body in patient.calls] == [False]
    assert (patient.left, patient.stopped) == (1, 1)


@pytest.mark.parametrize("status", ["429 Too Many Requests", "500 Internal Server Error"])
def test_any_other_answer_than_not_yet_is_sent_and_the_place_given_back(status: str) -> None:
    patient = Patient(first_status=status)
    client = ask(patient, Client(), scope(content_length="0"))

    assert client.status == int(status[:3])
    assert (patient.left, patient.stopped) == (1, 0)


def test_many_who_wait_take_no_thread_from_the_others() -> None:
    patients = [Patient() for _ in range(50)]
    waiting = iter(patients)

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        if environ["PATH_INFO"] == "/wait":
            later = later_of(environ)
            return (patients[0] if later is not None and later.is_resumed else next(waiting))(environ, start_response)
        start_response("200 OK", [])
        return [b"at once"]

    front = Front(application, Limits(threads=1, queued_requests=0))
    waiters, other = [Client() for _ in patients], Client()

    async def play() -> None:
        asks = []
        for patient, client in zip(patients, waiters, strict=True):
            asks.append(asyncio.ensure_future(front(scope("GET", "/wait"), client.receive, client.send)))
            await asyncio.to_thread(patient.is_listening.wait, 300)
        await front(scope("GET", "/"), other.receive, other.send)
        assert not any(one.done() for one in asks)
        for patient in patients:
            assert patient.wake is not None
            patient.wake()
        await asyncio.gather(*asks)

    asyncio.run(play())
    assert other.body == b"at once"
    # At the end nobody is sent away, although there is one thread and no queue.
    assert {client.status for client in waiters} == {200}
