"""The options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout and nothing else.")]
TaskId = Annotated[str, typer.Option("--task-id", help="The task, with or without hyphens.")]
Out = Annotated[str | None, typer.Option("--out", "-o", help="Save the video here: a file, or a folder (ends with /).")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace a file that is there already.")]
Timeout = Annotated[
    str,
    typer.Option("--timeout", help="The longest to wait: milliseconds, or 90s, 10m, 1h. The task goes on after it."),
]
Prompt = Annotated[str | None, typer.Option("--prompt", "-p", help="What the video shows.")]
Scene = Annotated[str | None, typer.Option(help="text-to-video (default), image-to-video, video-to-video or ad-video.")]
Provider = Annotated[str | None, typer.Option(help="The gateway that offers the model.")]
Model = Annotated[str | None, typer.Option("--model", "-m", help="A model's id; without it the scene's own.")]
ImageInput = Annotated[list[str] | None, typer.Option("--image-input", help="A picture's address or a local file; several by commas.")]
VideoInput = Annotated[list[str] | None, typer.Option("--video-input", help="A clip's address or a local file; several by commas.")]
Options = Annotated[
    list[str] | None, typer.Option("--option", "-k", help="A field of the model as name=value, the value as JSON or text. May be repeated.")
]
Workspace = Annotated[str | None, typer.Option("--workspace-id", help="The team, by id or short name; the key's own without it.")]
