"""The sandbox: a provider that draws its videos on this machine, for test mode and for rehearsing faults.

Entry point: `Sandbox`, which speaks the provider protocol; `draw_poster` for a still. Its answers are a pure function
of task id, clock and prompt. A table of fake tasks was rejected: it would be a second truth beside the job's row,
with clean-up, locks and crashes of its own, only to remember what the id can say.
"""

from __future__ import annotations

from .adapter import Sandbox
from .clip import ClipSpec, Plan, plan_clip, scene_of
from .directives import callback_directive, parse_directives, strip_directives
from .footage import Footage, NoFootage
from .pictures import load_picture
from .render import draw_poster, poster_frame, render
from .sound import SAMPLE_RATE

__all__ = [
    "SAMPLE_RATE",
    "ClipSpec",
    "Footage",
    "NoFootage",
    "Plan",
    "Sandbox",
    "callback_directive",
    "draw_poster",
    "load_picture",
    "parse_directives",
    "plan_clip",
    "poster_frame",
    "render",
    "scene_of",
    "strip_directives",
]
