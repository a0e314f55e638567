"""The sandbox: a provider that draws its videos on this machine, for test mode and for rehearsing faults.

Entry point: `Sandbox`, which speaks the provider protocol; `draw_poster` for a still. Its answers are a pure function
of task id, clock and prompt. A table of fake tasks was rejected: it would be a second truth beside the job's row,
with clean-up, locks and crashes of its own, only to remember what the id can say.
"""

from __future__ import annotations

from .adapter import Sandbox
from .clip import ClipSpec, clip_from_payload
from .directives import callback_directive, parse_directives, strip_directives
from .render import draw_poster, poster_frame, render

__all__ = [
    "ClipSpec",
    "Sandbox",
    "callback_directive",
    "clip_from_payload",
    "draw_poster",
    "parse_directives",
    "poster_frame",
    "render",
    "strip_directives",
]
