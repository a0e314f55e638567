"""The supervisor, with real small children: what dies or freezes comes back, and nothing is left behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from django.test import override_settings

from playground.supervisor import ports
from playground.supervisor.checks import check_queue_timing, shortest_retry_seconds
from playground.supervisor.children import ChildSpec
from playground.supervisor.supervisor import Duty, Pace, Supervisor
from playground.supervisor.watchdog import Watchdog
from tests.processes.processes import children_of, is_alive
from tests.processes.waiting import wait_until

BASE = Path(__file__).resolve().parent.parent.parent
IMPATIENT = Pace(first_restart_seconds=0.01, slowest_restart_seconds=0.05, watch_seconds=0.01)
SLEEPS = "import time; time.sleep(1000)"


def python(code: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-c", textwrap.dedent(code), *arguments)


def pids_in(file: Path) -> list[int]:
    return [int(line) for line in file.read_text().split()] if file.exists() else []


@pytest.fixture
def supervise() -> Iterator[Callable[..., Supervisor]]:
    made: list[Supervisor] = []

    def make(*specs: ChildSpec, **options: object) -> Supervisor:
        made.append(Supervisor(specs, pace=IMPATIENT, **options))  # type: ignore[arg-type]
        made[-1].tick()
        return made[-1]

    yield make
    for supervisor in made:
        # The tests that stop it themselves have closed it already.
        with suppress(OSError):
            supervisor.stop()


def tick_until(supervisor: Supervisor, condition: Callable[[], object]) -> None:
    def ticked() -> object:
        supervisor.tick()
        return condition()

    wait_until(ticked)


def test_each_child_leads_a_session_of_its_own(supervise: Callable[..., Supervisor]) -> None:
    supervisor = supervise(ChildSpec("one", python(SLEEPS)), ChildSpec("two", python(SLEEPS)))
    pids = supervisor.running()
    assert {os.getsid(pid) for pid in pids.values()} == set(pids.values())


@pytest.mark.parametrize("code", [0, 1])
def test_a_child_that_ends_is_started_again_whatever_its_exit_code(supervise: Callable[..., Supervisor], tmp_path: Path, code: int) -> None:
    log = tmp_path / "starts"
    supervisor = supervise(
        ChildSpec(
            "brief",
            python("import sys, os; open(sys.argv[1], 'a').write(f'{os.getpid()}\\n'); sys.exit(int(sys.argv[2]))", str(log), str(code)),
        )
    )
    tick_until(supervisor, lambda: len(pids_in(log)) >= 3)
    assert len(set(pids_in(log))) == len(pids_in(log))


def test_orphans_of_a_dead_child_are_killed_before_it_comes_back(supervise: Callable[..., Supervisor], tmp_path: Path) -> None:
    log = tmp_path / "workers"
    code = """
        import subprocess, sys, time
        worker = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
        open(sys.argv[1], "a").write(f"{worker.pid}\\n")
        time.sleep(1000)
    """
    supervisor = supervise(ChildSpec("leader", python(code, str(log))))
    tick_until(supervisor, lambda: len(pids_in(log)) == 1)
    os.kill(supervisor.running()["leader"], signal.SIGKILL)
    tick_until(supervisor, lambda: len(pids_in(log)) == 2)
    first, second = pids_in(log)
    assert not is_alive(first)
    assert is_alive(second)


def test_a_command_that_does_not_exist_is_tried_again_and_harms_nobody(supervise: Callable[..., Supervisor]) -> None:
    supervisor = supervise(ChildSpec("missing", ("/nowhere/at/all",)), ChildSpec("fine", python(SLEEPS)))
    first = supervisor.running()
    tick_until(supervisor, lambda: "missing" not in supervisor.running())
    tick_until(supervisor, lambda: "missing" in supervisor.running())
    assert supervisor.running()["missing"] != first["missing"]
    assert supervisor.running()["fine"] == first["fine"]


def test_a_frozen_child_is_killed_with_its_group_and_comes_back(supervise: Callable[..., Supervisor]) -> None:
    clock = [100.0]
    watchdog = Watchdog(lambda: "the same for ever", silence_seconds=90)
    supervisor = supervise(ChildSpec("queue", python(SLEEPS)), watchdogs={"queue": watchdog}, clock=lambda: clock[0])
    frozen = supervisor.running()["queue"]
    os.kill(frozen, signal.SIGSTOP)
    clock[0] += 89
    supervisor.tick()
    assert is_alive(frozen)
    clock[0] += 10
    supervisor.tick()

    def is_replaced() -> bool:
        clock[0] += 0.1
        return supervisor.running().get("queue", frozen) != frozen

    tick_until(supervisor, is_replaced)
    assert not is_alive(frozen)


def test_a_changing_sign_of_life_keeps_the_watchdog_quiet() -> None:
    sign = [0]
    watchdog = Watchdog(lambda: sign[0], silence_seconds=90)
    watchdog.start(0)
    for now in range(0, 1000, 50):
        sign[0] += 1
        assert not watchdog.is_silent(now)
    assert not watchdog.is_silent(1030)
    assert watchdog.is_silent(1041)


def test_a_sign_of_life_that_cannot_be_read_is_no_reason_to_kill() -> None:
    def broken() -> object:
        raise OSError("the database is away")

    watchdog = Watchdog(broken, silence_seconds=90)
    watchdog.start(0)
    assert not watchdog.is_silent(1000)


def test_a_restarted_child_has_the_whole_time_again() -> None:
    watchdog = Watchdog(lambda: None, silence_seconds=90)
    watchdog.start(0)
    assert watchdog.is_silent(91)
    watchdog.start(92)
    assert not watchdog.is_silent(180)


def test_children_stop_in_order(supervise: Callable[..., Supervisor], tmp_path: Path) -> None:
    log = tmp_path / "ends"
    code = """
        import signal, sys
        def end(*_):
            open(sys.argv[1], "a").write(sys.argv[2] + "\\n")
            sys.exit()
        signal.signal(signal.SIGTERM, end)
        open(sys.argv[1] + sys.argv[2], "w").close()
        while True: signal.pause()
    """
    names = ["media", "web", "queue"]
    orders = {"web": 0, "queue": 1, "media": 2}
    supervisor = supervise(*(ChildSpec(name, python(code, str(log), name), stop_order=orders[name]) for name in names))
    wait_until(lambda: all(Path(f"{log}{name}").exists() for name in names))
    supervisor.stop()
    assert log.read_text().split() == ["web", "queue", "media"]
    assert supervisor.running() == {}


def test_a_child_that_ignores_the_request_is_killed(supervise: Callable[..., Supervisor], tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    code = "import signal, sys; signal.signal(15, signal.SIG_IGN); open(sys.argv[1], 'w').close(); signal.pause()"
    supervisor = supervise(ChildSpec("deaf", python(code, str(ready)), stop_seconds=0.05))
    wait_until(ready.exists)
    pid = supervisor.running()["deaf"]
    supervisor.stop()
    assert not is_alive(pid)


def test_duties_are_done_and_a_failing_one_disturbs_nothing(supervise: Callable[..., Supervisor]) -> None:
    done: list[str] = []

    def fails() -> None:
        done.append("fails")
        raise ValueError("on purpose")

    def once() -> bool:
        done.append("once")
        return True

    supervisor = supervise(ChildSpec("one", python(SLEEPS)), duties=[Duty("a", 0, fails), Duty("b", 0, once)])
    supervisor.tick()
    assert done == ["fails", "once", "fails"]
    assert set(supervisor.running()) == {"one"}


LEADER = """
    import os, subprocess, sys, time
    worker = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
    open(sys.argv[1], "a").write(f"{os.getpid()} {worker.pid} ")
    time.sleep(1000)
"""
SUPERVISOR = """
    import sys
    from playground.supervisor.children import ChildSpec
    from playground.supervisor.supervisor import Supervisor
    Supervisor([ChildSpec(name, (sys.executable, "-c", sys.argv[2], sys.argv[1])) for name in ("one", "two")]).run()
"""


def start_supervisor(log: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(python(SUPERVISOR, str(log), textwrap.dedent(LEADER)), cwd=BASE, start_new_session=True)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL], ids=lambda number: number.name)
def test_no_process_is_left_however_the_supervisor_ends(tmp_path: Path, number: signal.Signals) -> None:
    log = tmp_path / "pids"
    supervisor = start_supervisor(log)
    try:
        wait_until(lambda: len(pids_in(log)) == 4)
        supervisor.send_signal(number)
        code = supervisor.wait()
        wait_until(lambda: not any(map(is_alive, pids_in(log))), "the end of all processes")
        assert code == (-signal.SIGKILL if number == signal.SIGKILL else 0)
    finally:
        for pid in pids_in(log):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("moment", ["Reaper.add", "Child.let_go"])
def test_a_child_whose_supervisor_is_killed_while_starting_it_never_runs(tmp_path: Path, moment: str) -> None:
    log, born = tmp_path / "pids", tmp_path / "born"
    code = """
        import os, sys
        from playground.supervisor import children
        from playground.supervisor.children import ChildSpec
        from playground.supervisor.supervisor import Supervisor
        def die(self, group=None):
            open(sys.argv[3], "w").write(str(group or self.group))
            os.kill(os.getpid(), 9)
        owner, name = sys.argv[4].split(".")
        setattr(getattr(children, owner), name, die)
        Supervisor([ChildSpec("one", (sys.executable, "-c", sys.argv[2], sys.argv[1]))]).run()
    """
    command = python(code, str(log), textwrap.dedent(LEADER), str(born), moment)
    assert subprocess.run(command, cwd=BASE, start_new_session=True).returncode == -signal.SIGKILL
    (child,) = pids_in(born)
    wait_until(lambda: not is_alive(child), "the end of the child")
    assert pids_in(log) == []


def test_a_killed_reaper_is_replaced(tmp_path: Path) -> None:
    log = tmp_path / "pids"
    supervisor = start_supervisor(log)
    wait_until(lambda: len(pids_in(log)) == 4)
    reapers = [pid for pid in children_of(supervisor.pid) if pid not in pids_in(log)]
    assert len(reapers) == 1
    os.kill(reapers[0], signal.SIGKILL)
    wait_until(lambda: set(children_of(supervisor.pid)) - {*pids_in(log), *reapers}, "a new reaper")
    supervisor.kill()
    supervisor.wait()
    wait_until(lambda: not any(map(is_alive, pids_in(log))), "the end of all processes")


def test_a_busy_port_is_explained_in_one_sentence_with_a_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0), reuse_port=True) as taken:
        port = taken.getsockname()[1]
        reason = ports.why_not("127.0.0.1", port)
        assert reason is not None
        assert reason.startswith(f"Port {port} is in use. Choose another: PORT=")
        assert "\n" not in reason
        assert ports.is_answering("127.0.0.1", port)
    assert ports.why_not("127.0.0.1", port) is None


def test_a_foreign_host_is_explained() -> None:
    reason = ports.why_not("203.0.113.7", 8000)
    assert reason is not None and "HOST=203.0.113.7" in reason


def test_retry_must_outlast_the_longest_delivery() -> None:
    assert shortest_retry_seconds(timeout_seconds=60, queue_limit=1, workers=3) == 120
    cluster = {"timeout": 60, "queue_limit": 1, "workers": 3}
    with override_settings(Q_CLUSTER={**cluster, "retry": 121}):
        assert check_queue_timing(None) == []
    with override_settings(Q_CLUSTER={**cluster, "retry": 120}):
        (error,) = check_queue_timing(None)
        assert error.id == "supervisor.E002" and "120 s" in error.msg
    with override_settings(Q_CLUSTER={"workers": 3}):
        assert "queue_limit, retry, timeout" in check_queue_timing(None)[0].msg
