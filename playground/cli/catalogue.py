"""`ads models` and `ads actions`: what there is to ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote

import typer

from playground.cli import flags, terminal
from playground.cli.client import Server
from playground.cli.config import needed_access
from playground.cli.problems import ExitCode, Problem

models_app = typer.Typer(no_args_is_help=True, help="List the models, or show one.")
actions_app = typer.Typer(no_args_is_help=True, help="List what the server can be asked for.")


@models_app.command("list")
def list_models(
    provider: Annotated[str | None, typer.Option(help="Only those of this gateway.")] = None,
    scene: Annotated[str | None, typer.Option(help="Only those that do this, such as image-to-video.")] = None,
    status: Annotated[str, typer.Option(help="live, retired or all.")] = "live",
    as_json: flags.AsJson = False,
) -> None:
    """List the models with their prices."""
    wanted = {"provider": provider, "scene": scene, "status": None if status == "all" else status}
    with Server(needed_access()) as server:
        data = server.ask("models.list", {name: value for name, value in wanted.items() if value is not None})
    if as_json:
        terminal.json_object(data)
        return
    rows = [(row.get("model"), row.get("gateway"), _words(row.get("taskType")), row.get("pricingDesc")) for row in _rows(data, "models")]
    terminal.table(["model", "provider", "scenes", "price"], rows)


@models_app.command("show")
def show_model(
    model: Annotated[str, typer.Argument(help="A model's id.")], provider: flags.Provider = None, as_json: flags.AsJson = False
) -> None:
    """Show a model: the fields that --option takes, and what it costs."""
    with Server(needed_access()) as server:
        data = server.ask("models.schema", {"model": model} | ({"provider": provider} if provider else {}))
    if as_json:
        terminal.json_object(data)
        return
    found = data if isinstance(data, Mapping) else {}
    price = found.get("price")
    rows = [(name, found.get(name)) for name in ("model", "title", "gateway", "status", "description")]
    rows += [("scenes", _words(found.get("scenes"))), ("price", price.get("pricingDesc") if isinstance(price, Mapping) else None)]
    terminal.pairs(rows)
    schema = found.get("schema")
    terminal.result("")
    terminal.table(["field", "type", "needed", "allowed", "default"], _fields(schema if isinstance(schema, Mapping) else {}))


@actions_app.command("list")
def list_actions(as_json: flags.AsJson = False) -> None:
    """List the actions."""
    with Server(needed_access()) as server:
        data = server.get("/api/actions")
    if as_json:
        terminal.json_object(data)
        return
    rows = [(row.get("name") or row.get("id"), row.get("description")) for row in _rows(data, "actions")]
    terminal.table(["action", "what it does"], rows)


@actions_app.command("schema")
def action_schema(name: Annotated[str, typer.Argument(help="An action's name.")]) -> None:
    """Print the JSON schema of an action's input."""
    with Server(needed_access()) as server:
        terminal.json_object(server.get(f"/api/actions/{quote(name, safe='')}/schema"))


def show_credits(data: Any, as_json: bool) -> None:
    if as_json:
        terminal.json_object(data)
    else:
        found = data if isinstance(data, Mapping) else {"available": data}
        for name in ("available", "held", "mode"):
            value = found.get(name)
            terminal.result(terminal.line(f"{name}: {value:,}" if isinstance(value, int | float) else f"{name}: {value}"))


def _rows(data: Any, name: str) -> list[Mapping[str, Any]]:
    rows = data.get(name) if isinstance(data, Mapping) else data
    if not isinstance(rows, list):
        raise Problem(ExitCode.NETWORK, f"The server answered without {name}.")
    return terminal.objects(rows)


def _fields(schema: Mapping[str, Any]) -> list[tuple[object, ...]]:
    properties, needed = schema.get("properties"), schema.get("required")
    rows: list[tuple[object, ...]] = []
    for name, field in (properties if isinstance(properties, Mapping) else {}).items():
        if isinstance(field, Mapping):
            is_needed = isinstance(needed, list) and name in needed
            rows.append((name, _words(field.get("type")), "yes" if is_needed else "", _allowed(field), _words(field.get("default"))))
    return rows


def _allowed(field: Mapping[str, Any]) -> str:
    if isinstance(field.get("enum"), list):
        return _words(field["enum"])
    low, high = field.get("minimum"), field.get("maximum")
    return f"{_words(low)} to {_words(high)}" if low is not None or high is not None else ""


def _words(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_words(part) for part in value)
    return "" if value is None else str(value)
