"""From what a payload asks for to the clip that this machine draws: the nearest one, and a note for each wish unmet."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from playground.catalog.card import Card
from playground.catalog.facts import NOTHING_KNOWN, Facts
from playground.catalog.intent import Intent, intent

from .choice import choose_scene
from .colours import Tint, tint_of
from .directives import strip_directives

FRAMES_PER_SECOND = 24
MAX_SHORT_SIDE = 1080
MIN_SHORT_SIDE = 64
DEFAULT_SHORT_SIDE = 720
DEFAULT_SECONDS = 5.0
# Sides beyond this come from absurd ratios; x264's level and the budget of the renderer both end about here.
MAX_LONG_SIDE = 2560
NOTHING_ASKED = Intent(None, "", None, None, True, None, (), "text-to-video")


@dataclass(frozen=True, slots=True)
class ClipSpec:
    """Everything but the input files that decides the frames of a clip; equal specs draw equal frames.

    `detail` is how finely scenes and input files are drawn before they are enlarged to the clip's size: 1 is the
    sandbox's best, a tenth is ten times fewer pixels.
    """

    scene: str
    width: int
    height: int
    seconds: float
    seed: int
    audio: bool = True
    title: str = ""
    model_id: str = ""
    fps: int = FRAMES_PER_SECOND
    tint: Tint | None = None
    detail: float = 1.0

    @property
    def frame_count(self) -> int:
        return max(1, round(self.seconds * self.fps))

    @property
    def size(self) -> tuple[int, int]:
        return self.width, self.height


@dataclass(frozen=True, slots=True)
class Plan:
    """The clip of a job: `spec` says how it looks, `asked` which input files play which part, `notes` what was lowered."""

    spec: ClipSpec
    asked: Intent
    notes: tuple[str, ...]


def plan_clip(
    card: Card | None,
    payload: Mapping[str, Any],
    seed: int,
    *,
    max_seconds: float,
    facts: Facts = NOTHING_KNOWN,
    detail: float = 1.0,
) -> Plan:
    """The nearest clip to what is asked for. `seed` is the job's own draw and only counts where the payload names none.

    Without a card (it was removed while its job ran) a clip of the usual kind is drawn.
    """
    notes: list[str] = []
    asked = intent(card, payload, facts) if card else NOTHING_ASKED
    prompt = strip_directives(prompt_of(payload))
    own_seed = _seed(payload)
    width, height = _size(asked, facts, notes)
    spec = ClipSpec(
        scene=choose_scene(prompt),
        width=width,
        height=height,
        seconds=_seconds(asked, max_seconds, notes),
        seed=seed if own_seed is None else own_seed,
        audio=asked.has_audio is not False,
        title=_title(prompt),
        model_id=card.id if card else "",
        tint=tint_of(prompt),
        detail=detail,
    )
    if payload.get("reference_file_urls") or payload.get("reference_link_urls"):
        notes.append("The sandbox does not read documents: the scene follows the prompt.")
    if any(file.part == "continued" and file.field != "first_clip_url" for file in asked.inputs):
        notes.append(f"Shows the {spec.seconds:g} s that are added, beginning with the last picture of the clip before.")
    return Plan(spec, asked, tuple(notes))


def seed_of_job(job_id: str) -> int:
    """A job's own draw, the same at every look: the sandbox keeps no table."""
    return int.from_bytes(hashlib.sha256(job_id.encode()).digest()[:4], "big") >> 1


def drawn_seed(payload: Mapping[str, Any], job_id: str) -> int:
    """The seed that a job's clip is drawn with."""
    own = _seed(payload)
    return seed_of_job(job_id) if own is None else own


def prompt_of(payload: Mapping[str, Any]) -> str:
    """The words of a payload; shots of a multi-shot prompt are read as one text."""
    prompt = payload.get("prompt")
    if isinstance(prompt, str) and prompt.strip():
        return prompt
    shots = payload.get("multi_prompt")
    if isinstance(shots, Sequence) and not isinstance(shots, str):
        return " ".join(str(shot.get("prompt", "")) for shot in shots if isinstance(shot, Mapping)).strip()
    return prompt if isinstance(prompt, str) else ""


def scene_of(payload: Mapping[str, Any]) -> str:
    """The scene that a payload's words choose."""
    return choose_scene(strip_directives(prompt_of(payload)))


def _size(asked: Intent, facts: Facts, notes: list[str]) -> tuple[int, int]:
    # Shapes beyond 5:1 cannot be enlarged from a small drawing with any grace.
    ratio = min(max(asked.ratio or 16 / 9, 0.2), 5.0)
    wanted = asked.short_side or _side_of_clip(asked, facts) or DEFAULT_SHORT_SIDE
    short = min(max(wanted, MIN_SHORT_SIDE), MAX_SHORT_SIDE)
    if wanted > MAX_SHORT_SIDE:
        notes.append(f"Drawn in {MAX_SHORT_SIDE}p, the sandbox's limit; {_tier_word(wanted)} was asked for.")
    # One longer side decides both limits, so that a ratio survives the reduction.
    longest = int(MAX_LONG_SIDE / max(ratio, 1 / ratio))
    if short > longest:
        notes.append(f"Drawn with {MAX_LONG_SIDE} pixels on the longer side, the sandbox's limit for this shape.")
        short = longest
    long = _even(short * max(ratio, 1 / ratio))
    return (long, _even(short)) if ratio >= 1 else (_even(short), long)


def _side_of_clip(asked: Intent, facts: Facts) -> int | None:
    """Edits keep the size of their clip where nothing else is said; a picture's size says nothing about a clip's."""
    clip = next((file for file in asked.files("source", "motion", "continued") if file.url == asked.shape_of), None)
    found = facts.media.get(clip.url) if clip else None
    return min(found.width, found.height) if found and found.width and found.height else None


def _seconds(asked: Intent, max_seconds: float, notes: list[str]) -> float:
    if asked.seconds is None:
        wanted = min(DEFAULT_SECONDS, max_seconds)
        notes.append(f"Drawn for {wanted:g} s: the length was left to the model, or to a file that could not be measured.")
        return max(wanted, 1 / FRAMES_PER_SECOND)
    wanted = float(asked.seconds)
    if wanted > max_seconds:
        notes.append(f"Drawn for {max_seconds:g} s, the sandbox's limit; {wanted:g} s were asked for.")
    return max(min(wanted, max_seconds), 1 / FRAMES_PER_SECOND)


def _seed(payload: Mapping[str, Any]) -> int | None:
    for name in ("seed", "seeds"):
        value = payload.get(name)
        value = value[0] if isinstance(value, list) and value else value
        if isinstance(value, str) and value.strip().isdecimal() and value.isascii():
            value = int(value.strip()[:18])
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e18:
            return int(value)
    return None


def _title(prompt: str) -> str:
    words = " ".join("".join(char if char.isprintable() else " " for char in prompt).split())
    return words if len(words) <= 80 else words[:79].rstrip() + "…"


def _tier_word(short_side: int) -> str:
    return {1440: "2K", 2160: "4K"}.get(short_side, f"{short_side}p")


def _even(length: float) -> int:
    return max(2, round(length / 2) * 2)
