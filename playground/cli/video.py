"""`ads video`: make, look at, price and cancel."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import typer

from playground.cli import downloads, flags, inputs, terminal, waiting
from playground.cli.client import Server
from playground.cli.config import needed_access
from playground.cli.downloads import Place
from playground.cli.problems import ExitCode, Problem, usage
from playground.cli.tasks import WORDS, Task, read_task

DEFAULT_TIMEOUT = "600000"
app = typer.Typer(no_args_is_help=True, help="Make videos, look at them, price and cancel them.")


@app.command()
def generate(
    prompt: flags.Prompt = None,
    scene: flags.Scene = None,
    provider: flags.Provider = None,
    model: flags.Model = None,
    image_input: flags.ImageInput = None,
    video_input: flags.VideoInput = None,
    option: flags.Options = None,
    timeout: flags.Timeout = DEFAULT_TIMEOUT,
    out: flags.Out = None,
    overwrite: flags.Overwrite = False,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Print the task's id and do not wait for it.")] = False,
    workspace_id: flags.Workspace = None,
    idempotency_key: Annotated[
        str | None, typer.Option(help="A name for this order: sent again with the same name, it is the same task.")
    ] = None,
    as_json: flags.AsJson = False,
) -> None:
    """Make a video and wait for it."""
    if no_wait and out:
        raise usage("--no-wait and --out do not go together: there is no file before the task has ended.")
    seconds = inputs.seconds_to_wait(timeout)
    order = _Order(prompt, scene, provider, model, image_input or [], video_input or [], option or [], workspace_id)
    place = downloads.place(out, may_overwrite=overwrite) if out else None
    with Server(needed_access()) as server:
        task = _make(server, order.fields(server), idempotency_key or f"ads-{uuid.uuid4()}")
        if no_wait:
            _show(task, (), as_json)
            return
        _finish(waiting.wait(server, task, seconds), place, as_json)


@app.command()
def query(
    task_id: flags.TaskId,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until it has ended.")] = False,
    timeout: flags.Timeout = DEFAULT_TIMEOUT,
    out: flags.Out = None,
    overwrite: flags.Overwrite = False,
    as_json: flags.AsJson = False,
) -> None:
    """Show a task as it is now; with --wait, when it has ended."""
    seconds = inputs.seconds_to_wait(timeout)
    place = downloads.place(out, may_overwrite=overwrite) if out else None
    with Server(needed_access()) as server:
        task = waiting.query(server, task_id)
        if wait and not task.has_ended:
            task = waiting.wait(server, task, seconds)
        if wait or task.has_ended:
            _finish(task, place, as_json)
        else:
            _show(task, (), as_json)


@app.command()
def quote(
    prompt: flags.Prompt = None,
    scene: flags.Scene = None,
    provider: flags.Provider = None,
    model: flags.Model = None,
    image_input: flags.ImageInput = None,
    video_input: flags.VideoInput = None,
    option: flags.Options = None,
    workspace_id: flags.Workspace = None,
    as_json: flags.AsJson = False,
) -> None:
    """Say what a video would cost, and what is wrong with the request. Nothing is made."""
    order = _Order(prompt, scene, provider, model, image_input or [], video_input or [], option or [], workspace_id)
    with Server(needed_access()) as server:
        data = server.ask("ai.video.quote", order.fields(server))
    _show_quote(data, as_json)


@app.command()
def cancel(task_id: flags.TaskId, as_json: flags.AsJson = False) -> None:
    """Cancel a task that has not begun yet. What was held for it is returned."""
    with Server(needed_access()) as server:
        data = server.ask("ai.video.cancel", {"taskId": task_id})
    if as_json:
        terminal.json_object(data)
    else:
        terminal.result(f"Task {task_id} is cancelled.")


class _Order:
    """What was asked for, checked as far as this side can, before a file is sent."""

    def __init__(
        self,
        prompt: str | None,
        scene: str | None,
        provider: str | None,
        model: str | None,
        images: list[str],
        videos: list[str],
        options: list[str],
        workspace_id: str | None,
    ) -> None:
        self._images = inputs.sources("--image-input", images)
        self._videos = inputs.sources("--video-input", videos)
        self._rest = {"prompt": prompt, "scene": scene, "provider": provider, "model": model, "workspaceId": workspace_id}
        self._options = inputs.options(options)

    def fields(self, server: Server) -> dict[str, Any]:
        """The action's input. What was not said is left out: the server knows its defaults. A file that is named twice is sent once."""

        @cache
        def upload(path: Path) -> str:
            return server.upload(path)

        found: dict[str, Any] = {name: value for name, value in self._rest.items() if value is not None}
        for name, sources in (("imageInput", self._images), ("videoInput", self._videos)):
            if sources:
                found[name] = inputs.as_field(sources, upload)
        return found | ({"options": self._options} if self._options else {})


def _make(server: Server, fields: dict[str, Any], idempotency_key: str) -> Task:
    again = f"It may have been made all the same. Say it again with --idempotency-key {idempotency_key} and it is made and paid once."
    try:
        return read_task(server.make("ai.video.generate", fields, idempotency_key))
    except KeyboardInterrupt:
        raise Problem(ExitCode.INTERRUPTED, "Interrupted before the server had answered.", details=[again]) from None
    except Problem as problem:
        if problem.exit_code is ExitCode.NETWORK:
            raise Problem(problem.exit_code, problem.message, details=[*problem.details, again]) from None
        raise


def _finish(task: Task, place: Place | None, as_json: bool) -> None:
    """The result of a task that was waited for: shown, saved, and told by the exit code."""
    if task.status == "success":
        _show(task, _saved(task, place) if place else (), as_json)
        return
    if as_json:
        terminal.json_object(task.as_json())
    if not task.has_ended:
        raise waiting.timed_out(task)
    code = f" (code {task.fail_code})" if task.fail_code else ""
    raise Problem(ExitCode.FAILED, f"Task {task.id} failed: {task.fail_message or 'no reason was given'}{code}")


def _saved(task: Task, place: Place) -> tuple[str, ...]:
    if not task.urls:
        raise Problem(ExitCode.NETWORK, f"Task {task.id} is done, and the server names no file of it.")
    files = []
    try:
        for index, url in enumerate(task.urls):
            target = place.target(task.id, url, index)
            downloads.fetch(url, target, may_overwrite=place.may_overwrite)
            files.append(str(target))
    except KeyboardInterrupt:
        words = f"Interrupted. Task {task.id} is done; fetch its file with: ads video query --task-id {task.id} --out {place.path}"
        raise Problem(ExitCode.INTERRUPTED, words) from None
    return tuple(files)


def _show(task: Task, files: tuple[str, ...], as_json: bool) -> None:
    if as_json:
        terminal.json_object(task.as_json(files))
        return
    terminal.result(terminal.line(f"Task {task.id}: {WORDS[task.status]}"))
    for words, amount in (("held", task.held), ("charged", task.charged)):
        if amount:
            terminal.result(f"Credits {words}: {amount:,}{' (test mode)' if task.is_sandbox else ''}")
    for url in task.urls:
        terminal.result(terminal.line(f"Video: {url}"))
    for file in files:
        terminal.result(f"Saved: {file}")


def _show_quote(data: Any, as_json: bool) -> None:
    """A request that would be refused is one here, too: exit code 3, with what is wrong with it."""
    found = data if isinstance(data, Mapping) else {}
    if as_json:
        terminal.json_object(data)
    elif found.get("valid") is True:
        terminal.result(terminal.line(f"Model: {found.get('model')} ({found.get('provider')})"))
        terminal.result(terminal.line(f"Price: {_price(found.get('quote'))}"))
    for hint in terminal.objects(found.get("hints")):
        terminal.note(terminal.line(f"Note: {hint.get('message')}"))
    if found.get("valid") is not True:
        mistakes = [f"{error.get('pointer') or 'body'}: {error.get('message')}" for error in terminal.objects(found.get("errors"))]
        raise Problem(ExitCode.VALIDATION, "The request would be refused.", details=mistakes)


def _price(quote: Any) -> str:
    if not isinstance(quote, Mapping):
        return "none is published"
    note = f"; {quote['note']}" if quote.get("note") else ""
    return f"{_amount(quote.get('credits'))} credits, about ${_amount(quote.get('usd'))} ({quote.get('formula')}{note})"


def _amount(amount: Any) -> str:
    """One number, or a span where the length is known only afterwards."""
    if isinstance(amount, Mapping):
        return f"{_amount(amount.get('min'))} to {_amount(amount.get('max'))}"
    return f"{amount:,}" if isinstance(amount, int | float) else str(amount)
