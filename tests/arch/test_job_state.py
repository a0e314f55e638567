"""One module changes the state of a job. Two writers that do not know each other would be how a job is charged twice."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.arch.sources import ROOT, Source, name_called, python_files

# The services are the writers; creation makes the first row.
WRITERS = ("playground/jobs/services", "playground/jobs/creation.py")
BULK_WRITES = {"bulk_create", "bulk_update", "update_or_create", "get_or_create", "aupdate", "asave"}


def knows_jobs(source: Source) -> bool:
    """Whether the module has the Job model in its hands; deliveries and others have states of their own."""
    return any(
        isinstance(node, ast.ImportFrom)
        and (node.module or "").endswith("jobs.models")
        and any(alias.name == "Job" for alias in node.names)
        for node in ast.walk(source.tree)
    )


def writes_of_state(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        match node:
            case ast.Assign(targets=targets):
                if any(isinstance(target, ast.Attribute) and target.attr == "state" for target in targets):
                    yield source.at(node)
            case ast.Call() if name_called(node) in {"update", "Job"} | BULK_WRITES:
                if any(keyword.arg == "state" for keyword in node.keywords):
                    yield source.at(node)
            case ast.Call() if name_called(node) == "setattr":
                if any(isinstance(argument, ast.Constant) and argument.value == "state" for argument in node.args):
                    yield source.at(node)


def creations_of_jobs(source: Source) -> Iterator[str]:
    for call in source.calls():
        if ast.unparse(call.func) in {"Job", "Job.objects.create", "Job.objects.bulk_create", "Job.objects.get_or_create"}:
            yield source.at(call)


def test_only_the_services_of_jobs_change_the_state_of_a_job() -> None:
    others = [source for source in python_files("playground") if not source.name.startswith(WRITERS) and knows_jobs(source)]
    assert others
    assert [place for source in others for place in writes_of_state(source)] == []


def test_only_one_module_creates_jobs() -> None:
    others = [source for source in python_files("playground") if source.name != "playground/jobs/creation.py"]
    assert [place for source in others for place in creations_of_jobs(source)] == []


def test_the_scan_finds_a_state_that_is_written_elsewhere() -> None:
    source = Source(ROOT / "playground" / "example.py")
    source.__dict__["text"] = "Job.objects.filter(pk=1).update(state='fail')\njob.state = 'fail'\nsetattr(job, 'state', 'fail')\n"
    assert len(list(writes_of_state(source))) == 3
