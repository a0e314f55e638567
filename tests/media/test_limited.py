"""A child process may do anything at all; the parent gets an answer or a named error, and nothing is left behind."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from playground.media.limited import LimitedError, run_limited

LIMITS: dict[str, Any] = {
    "cpu_seconds": 20,
    "memory_bytes": 1024**3,
    "wall_seconds": 120.0,
    "file_bytes": 1024 * 1024,
}


def run(name: str, *args: Any, **changes: Any) -> Any:
    return run_limited(f"tests.media.hogs.{name}", *args, **{**LIMITS, **changes})


def is_alive(pid: int) -> bool:
    """A zombie is dead: in a container nobody may reap what was orphaned."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def wait_until_dead(pid: int) -> None:
    """A kill is delivered asynchronously, so the end is waited for; the test's own timeout bounds it."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        import select

        assert select.select([descriptor], [], [], 300)[0], f"process {pid} is still alive"
    finally:
        os.close(descriptor)
    assert not is_alive(pid)


def test_arguments_and_results_travel_as_json() -> None:
    value = {"text": "ü\n\u2028'\"", "list": [1, 2.5, None, True], "long": "x" * 200_000}
    assert run("echo", value) == value


def test_secrets_do_not_reach_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECRET_KEY", "DATABASE_URL", "MODKIE_API_KEY", "KIE_API_KEY_FILE", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "secret-value")
    seen = run("environment", environment={"GIVEN": "on purpose"})
    assert "secret-value" not in seen.values()
    assert seen["GIVEN"] == "on purpose"


def test_a_processor_hog_is_stopped() -> None:
    with pytest.raises(LimitedError) as caught:
        run("spin", cpu_seconds=1)
    assert caught.value.kind == "cpu"


def test_a_memory_hog_is_refused() -> None:
    with pytest.raises(LimitedError) as caught:
        run("eat_memory")
    assert caught.value.kind == "memory"


def test_a_hanging_child_is_killed_with_its_descendants(tmp_path: Path) -> None:
    pids = tmp_path / "pids"

    class Seen(Exception):
        pass

    def until_both_run() -> None:
        if pids.exists() and len(pids.read_text().split()) == 2:
            raise Seen

    with pytest.raises(Seen):
        run("hang_with_child", str(pids), on_tick=until_both_run, tick_seconds=0.05)
    for pid in map(int, pids.read_text().split()):
        wait_until_dead(pid)


def test_the_wall_clock_ends_a_hanging_child() -> None:
    with pytest.raises(LimitedError) as caught:
        run("hang", wall_seconds=0.5)
    assert caught.value.kind == "time"


def test_a_descendant_that_outlives_the_child_is_killed_and_the_answer_kept(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    assert run("leave_child_behind", str(pid_file)) == "done"
    wait_until_dead(int(pid_file.read_text()))


def test_what_on_tick_raises_ends_the_child_and_reaches_the_caller(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    ticks: list[None] = []

    class LeaseLost(Exception):
        pass

    def renew() -> None:
        ticks.append(None)
        if pid_file.exists() and pid_file.read_text() and len(ticks) >= 3:
            raise LeaseLost

    with pytest.raises(LeaseLost):
        run("hang", str(pid_file), on_tick=renew, tick_seconds=0.05)
    wait_until_dead(int(pid_file.read_text()))


def test_any_amount_of_stderr_is_swallowed_and_only_its_end_kept() -> None:
    assert run("chatter", 5_000_000) == 5_000_000


def test_a_child_that_never_stops_talking_cannot_stop_the_clock() -> None:
    with pytest.raises(LimitedError) as caught:
        run("chatter_for_ever", wall_seconds=0.5)
    assert caught.value.kind == "time"
    assert len(caught.value.diagnostics) <= 4096


def test_files_cannot_grow_beyond_the_limit(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with pytest.raises(LimitedError) as caught:
        run("write_file", str(target), 5_000_000)
    assert caught.value.kind == "refused"
    assert target.stat().st_size <= LIMITS["file_bytes"]


@pytest.mark.parametrize("name", ["crash", "leave"])
def test_a_crash_is_a_crash(name: str) -> None:
    with pytest.raises(LimitedError) as caught:
        run(name)
    assert caught.value.kind == "crash"


def test_an_exception_arrives_with_its_type_words_and_plain_attributes() -> None:
    with pytest.raises(LimitedError) as caught:
        run("refuse")
    error = caught.value
    assert (error.kind, error.message, error.error_type) == (
        "refused",
        "I would rather not.",
        "tests.media.hogs.Refusal",
    )
    assert error.details == {"code": "418"}


@pytest.mark.parametrize("path", ["tests.media.hogs.answer_nonsense", "tests.media.nowhere.go", "nodots"])
def test_what_cannot_be_called_or_answered_is_refused(path: str) -> None:
    with pytest.raises(LimitedError) as caught:
        run_limited(path, **LIMITS)
    assert caught.value.kind == "refused"
