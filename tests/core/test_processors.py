"""A web worker stays on a processor of its own, and what it starts does not: asked of real processes, as the kernel tells it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

TWO = sorted(os.sched_getaffinity(0))[:2] if hasattr(os, "sched_getaffinity") else []
pytestmark = pytest.mark.skipif(len(TWO) < 2, reason="there is nothing to choose from on one processor")
BIND = """
import json, os, sys
from playground.core import processors
from playground.media.nursery import Nursery
before = set(map(int, sys.argv[2].split(",")))
os.sched_setaffinity(0, before)
bound = processors.keep_to_one(sys.argv[1])
nursery = Nursery({"PATH": os.environ["PATH"]})
children = os.sched_getaffinity(nursery._process.pid)
policies = [os.sched_getscheduler(0), os.sched_getscheduler(nursery._process.pid)]
nursery.close()
print(json.dumps({
    "bound": bound, "ours": [*os.sched_getaffinity(0)], "children": [*children], "before": [*before], "policies": policies
}), flush=True)
sys.stdin.read()
"""


FORBIDDEN = """
import os
real = os.sched_setaffinity
def forbidding(pid, processors):
    if len(processors) == 1:
        raise PermissionError(1, "Operation not permitted")
    real(pid, processors)
os.sched_setaffinity = forbidding
"""


@contextmanager
def binding(claims: str, before: str = "") -> Iterator[dict[str, Any]]:
    argv = [sys.executable, "-c", before + BIND, claims, ",".join(map(str, TWO))]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin and process.stdout
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()


@pytest.fixture
def claims() -> str:
    """Names of this test's own: the products of other tests claim processors too."""
    return f"rushes-test-{os.getpid()}"


def test_each_process_is_bound_to_a_processor_of_its_own_until_none_is_free(claims: str) -> None:
    with ExitStack() as stack:
        found = [stack.enter_context(binding(claims)) for _ in range(3)]
    assert {answer["bound"] for answer in found[:-1]} == set(TWO)
    assert all(answer["ours"] == [answer["bound"]] for answer in found[:-1])
    assert found[-1]["bound"] is None
    assert set(found[-1]["ours"]) == set(TWO)


def test_a_processor_is_free_again_when_its_process_has_ended(claims: str) -> None:
    with binding(claims) as first:
        pass
    with binding(claims) as second:
        assert second["bound"] == first["bound"]


def test_a_helper_of_a_bound_process_may_run_everywhere(claims: str) -> None:
    with binding(claims) as found:
        assert len(found["ours"]) == 1
        assert found["children"] == found["before"]


def test_threads_of_a_bound_process_do_not_interrupt_each_other_and_its_helpers_are_as_any_process(claims: str) -> None:
    with binding(claims) as found:
        assert found["policies"] == [os.SCHED_BATCH, os.SCHED_OTHER]


def test_a_system_that_forbids_it_changes_nothing_and_keeps_no_claim(claims: str) -> None:
    with binding(claims, before=FORBIDDEN) as refused, binding(claims) as other:
        assert (refused["bound"], set(refused["ours"])) == (None, set(TWO))
        assert other["bound"] == max(TWO)
