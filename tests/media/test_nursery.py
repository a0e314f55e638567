"""Children come from a helper that has nothing of ours, and whatever becomes of it, an answer comes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from playground.media import limited_process
from playground.media.limited import LimitedError
from tests.media.test_limited import is_alive, run, wait_until_dead

SECRET = "kept-in-the-memory-of-the-worker"


def nursery_pid() -> int:
    run("echo", 1)
    nursery = limited_process._nursery
    assert nursery is not None
    return nursery._process.pid


def test_children_have_the_helper_as_parent_and_lead_sessions_of_their_own() -> None:
    seen = run("whose_child")
    assert seen["parent"] == nursery_pid()
    assert seen["session"] == seen["pid"] != os.getsid(0)


def test_a_child_has_none_of_the_worker_s_descriptors(tmp_path: Path) -> None:
    with (tmp_path / "open").open("w") as file:
        assert str(tmp_path / "open") not in run("open_files").values()
        assert file.writable()
    assert set(run("open_files")) <= {"0", "1", "2", "3", "4"}


def test_children_know_nothing_of_each_other() -> None:
    assert [run("count_calls") for _ in range(3)] == [1, 1, 1]


def test_the_helper_was_given_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIE_API_KEY", SECRET)
    limited_process.close_nursery()
    environment = Path(f"/proc/{nursery_pid()}/environ").read_text()
    assert SECRET not in environment and "KIE_API_KEY" not in environment


def test_many_threads_at_once_get_each_their_own_answer() -> None:
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda number: run("echo", number), range(40))) == list(range(40))


def test_after_the_helper_was_killed_the_next_child_comes_all_the_same() -> None:
    before = nursery_pid()
    os.kill(before, signal.SIGKILL)
    assert run("echo", "still here") == "still here"
    assert nursery_pid() != before


def test_a_child_whose_helper_is_killed_is_a_crash_and_gone(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"

    def kill_the_helper() -> None:
        if pid_file.exists() and pid_file.read_text():
            nursery = limited_process._nursery
            assert nursery is not None
            os.kill(nursery._process.pid, signal.SIGKILL)

    with pytest.raises(LimitedError) as caught:
        run("hang", str(pid_file), on_tick=kill_the_helper, tick_seconds=0.05)
    assert caught.value.kind == "crash"
    wait_until_dead(int(pid_file.read_text()))


WORKER = """
import sys
from playground.media import limited_process
from playground.media.limited import run_limited
run_limited("tests.media.hogs.echo", 1, cpu_seconds=9, memory_bytes=2**30, wall_seconds=60.0, file_bytes=2**20)
print(limited_process._nursery._process.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, None])
def test_a_helper_ends_with_its_worker(end: signal.Signals | None) -> None:
    root = Path(__file__).parents[2]
    env = {**os.environ, "PYTHONPATH": str(root)}
    with subprocess.Popen([sys.executable, "-c", WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env) as worker:
        assert worker.stdout and worker.stdin
        helper = int(worker.stdout.readline())
        assert is_alive(helper)
        if end is None:
            worker.stdin.close()
        else:
            worker.send_signal(end)
        worker.wait(300)
    wait_until_dead(helper)
