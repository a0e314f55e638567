"""The program: its commands, and how it ends."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache
from importlib import metadata
from typing import Annotated, NoReturn

import typer
from typer.core import TyperGroup

from playground.cli import catalogue, config, flags, terminal, video
from playground.cli.client import Server
from playground.cli.config import Access
from playground.cli.problems import ExitCode, Problem, usage

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Make videos on a Rushes server, from the command line.",
    epilog="Exit codes: 0 ok, 2 usage, 3 validation, 4 API key, 5 credits, 6 the video failed, 7 still running, 8 network.",
)
config_app = typer.Typer(no_args_is_help=True, help="Show what is configured.")
app.add_typer(video.app, name="video")
app.add_typer(catalogue.models_app, name="models")
app.add_typer(catalogue.actions_app, name="actions")
app.add_typer(config_app, name="config")


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    try:
        _command()(args=arguments, prog_name="ads")
    except Problem as problem:
        terminal.complain(problem)
        sys.exit(problem.exit_code)
    except OSError as error:
        terminal.complain(Problem(ExitCode.OTHER, str(error)))
        sys.exit(ExitCode.OTHER)
    sys.exit(0)


@cache
def _command() -> TyperGroup:
    """Built from the signatures once."""
    return typer.main.get_group(app)


def _print_version(is_wanted: bool) -> None:
    if is_wanted:
        try:
            terminal.result(f"ads {metadata.version('rushes')}")
        except metadata.PackageNotFoundError:
            terminal.result("ads, not installed as a package")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    pass


@app.command()
def login(
    host: Annotated[str | None, typer.Option(help="The server, such as https://rushes.example.com")] = None,
    api_key: Annotated[str | None, typer.Option(help="A key of the server's API keys page; - reads it from stdin.")] = None,
    check: Annotated[bool, typer.Option("--check/--no-check", help="Ask the server whether the key is good before it is kept.")] = True,
) -> None:
    """Keep server and key in a file that nobody else can read."""
    address = config.normal_host(host or _prompt("Server", "--host"))
    secret = sys.stdin.readline() if api_key == "-" else api_key or _prompt("API key", "--api-key", is_hidden=True)
    key = config.checked_key(secret)
    if not key:
        raise usage("The API key is empty.")
    if config.is_plain(address):
        terminal.note(f"Warning: {address} is not encrypted; everybody on the way can read the key.")
    if check:
        with Server(Access(address, key, "--host", "--api-key")) as server:
            server.get("/api/v1/chat/credit")
    path = config.save(address, key)
    terminal.note(f"Saved to {path}")


def _prompt(words: str, flag: str, *, is_hidden: bool = False) -> str:
    """Asked in a terminal; a script is told what it forgot."""
    if not sys.stdin.isatty():
        raise usage(f"{flag} is missing.")
    return str(typer.prompt(words, hide_input=is_hidden, err=True))


@config_app.command("get")
def config_get(as_json: flags.AsJson = False) -> None:
    """Show server and key, the key masked, and where each of them comes from."""
    access = config.known_access()
    if as_json:
        terminal.json_object(
            {
                "host": access.host or None,
                "apiKey": access.masked_key or None,
                "hostFrom": access.host_from if access.host else None,
                "apiKeyFrom": access.api_key_from if access.api_key else None,
                "path": str(config.config_path()),
            }
        )
        return
    for name, value, origin in (("host", access.host, access.host_from), ("apiKey", access.masked_key, access.api_key_from)):
        terminal.result(f"{name}: {value} (from {origin})" if value else f"{name}: not set")


@app.command()
def credits(as_json: flags.AsJson = False) -> None:
    """Show the credits that the key can spend."""
    with Server(config.needed_access()) as server:
        data = server.ask("credits.balance")
    catalogue.show_credits(data, as_json)
