"""Waiting for a task: what it does now, how long it has taken, and how long such tasks take."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

from playground.cli import pauses, terminal
from playground.cli.client import Server
from playground.cli.problems import ExitCode, Problem
from playground.cli.tasks import WORDS, Task, read_task

QUERY = "ai.video.query"
_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 5.0


def query(server: Server, task_id: str, *, until: float | None = None) -> Task:
    return read_task(server.ask(QUERY, {"taskId": task_id}, until=until), task_id)


def wait(server: Server, task: Task, timeout_seconds: float) -> Task:
    """Until the task has ended or the time is over; then it goes on, and so says the task that is returned."""
    began = pauses.now()
    until, pause = began + timeout_seconds, _FIRST_PAUSE_SECONDS
    with going_on(task.id), _shown() as show:
        while True:
            task = query(server, task.id, until=until)
            show(task, pauses.now() - began)
            left = until - pauses.now()
            if task.has_ended or left <= 0:
                return task
            pauses.sleep(min(pause, left))
            pause = min(pause * 1.3, _LONGEST_PAUSE_SECONDS)


@contextmanager
def going_on(task_id: str) -> Iterator[None]:
    """Whatever ends the program now does not end the task."""
    words = f"Task {task_id} goes on. See to it with: ads video query --task-id {task_id} --wait"
    try:
        yield
    except KeyboardInterrupt:
        raise Problem(ExitCode.INTERRUPTED, f"Interrupted. {words}") from None
    except Problem as problem:
        if problem.exit_code is ExitCode.NETWORK:
            raise Problem(problem.exit_code, problem.message, details=[*problem.details, words]) from None
        raise


def timed_out(task: Task) -> Problem:
    words = f"Task {task.id} is still {WORDS[task.status]} and goes on; nothing is lost."
    return Problem(ExitCode.TIMEOUT, words, details=[f"Wait again with: ads video query --task-id {task.id} --wait"])


class _Display:
    """In a window a line that is drawn over, elsewhere a line for each change."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._bar = progress.add_task("", total=None) if progress else None
        self._last_word = ""

    def __call__(self, task: Task, elapsed: float) -> None:
        words = terminal.line(f"Task {task.id}: {WORDS[task.status]}, {_times(task, elapsed)}")
        if self._progress is not None and self._bar is not None:
            total = 100 if task.progress is not None else None
            self._progress.update(self._bar, description=words, completed=task.progress or 0, total=total)
        elif task.status != self._last_word:
            self._last_word = task.status
            terminal.note(words)


@contextmanager
def _shown() -> Iterator[_Display]:
    if not terminal.err.is_terminal:
        yield _Display(None)
        return
    columns = SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(bar_width=20)
    with Progress(*columns, console=terminal.err, transient=True) as progress:
        yield _Display(progress)


def _times(task: Task, elapsed: float) -> str:
    return f"{clock(elapsed)} of about {clock(task.expected_seconds)}" if task.expected_seconds else clock(elapsed)


def clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
