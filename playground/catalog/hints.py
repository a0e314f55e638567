"""Friendly remarks on a payload that is allowed but perhaps not meant. They never block Run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from playground.catalog.card import Card
from playground.catalog.roles import field_for

SHORT_PROMPT_CHARACTERS = 12


@dataclass(frozen=True, slots=True)
class Hint:
    """`fix` is a change of the payload that one button applies; `fix_label` is what the button says."""

    code: str
    level: Literal["warn", "bad"]
    field: str
    message: str
    fix: tuple[str, Any] | None = None
    fix_label: str = ""


def hints(card: Card, payload: Mapping[str, Any]) -> list[Hint]:
    """All hints, the serious ones first."""
    name = field_for(card, "prompt")
    prompt = payload.get(name) if name else None
    if not name or not isinstance(prompt, str) or not prompt.strip():
        return []
    found = [hint for check in _CHECKS for hint in check(card, payload, name, prompt)]
    return sorted(found, key=lambda hint: hint.level != "bad")


def _is_choice(card: Card, name: str, value: object) -> bool:
    schema = card.properties[name]
    if "enum" in schema:
        return value in schema["enum"]
    return isinstance(value, int) and schema.get("minimum", value) <= value <= schema.get("maximum", value)


_NUMBERS = (
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
)
_SECONDS = re.compile(rf"\b(\d{{1,2}}|{'|'.join(_NUMBERS)})[\s-]?(?:s|sec|secs|seconds?)\b", re.IGNORECASE)


def _number(word: str) -> int:
    return int(word) if word.isdigit() else _NUMBERS.index(word.lower()) + 1


def _other_duration(card: Card, payload: Mapping[str, Any], name: str, prompt: str) -> Iterator[Hint]:
    duration = field_for(card, "duration")
    asked = {_number(word) for word in _SECONDS.findall(prompt)}
    if not duration or len(asked) != 1:
        return
    seconds = asked.pop()
    current = payload.get(duration, card.defaults.get(duration))
    if str(current) == str(seconds):
        return
    value: int | str = str(seconds) if isinstance(card.defaults.get(duration), str) else seconds
    message = f"The prompt asks for {seconds} s, duration is {current} s."
    if _is_choice(card, duration, value):
        yield Hint("duration", "warn", name, message, (duration, value), f"Set to {seconds} s")
    else:
        yield Hint("duration", "warn", name, f"{message} {card.title} cannot make {seconds} s.")


_RATIO = re.compile(r"\b(16:9|9:16|4:3|1:1|3:4|21:9)\b")
_RATIO_WORDS = {"vertical video": "9:16", "portrait format": "9:16", "square format": "1:1", "ultrawide": "21:9"}


def _other_ratio(card: Card, payload: Mapping[str, Any], name: str, prompt: str) -> Iterator[Hint]:
    ratio = field_for(card, "ratio")
    asked = set(_RATIO.findall(prompt)) | {value for words, value in _RATIO_WORDS.items() if words in prompt.lower()}
    if not ratio or len(asked) != 1:
        return
    value = asked.pop()
    current = payload.get(ratio, card.defaults.get(ratio))
    if current != value and _is_choice(card, ratio, value):
        yield Hint("ratio", "warn", name, f"The prompt asks for {value}, the aspect ratio is {current}.", (ratio, value), f"Set to {value}")


_RESOLUTION = re.compile(r"\b(480p|720p|1080p|4k)\b", re.IGNORECASE)


def _other_resolution(card: Card, payload: Mapping[str, Any], name: str, prompt: str) -> Iterator[Hint]:
    resolution = field_for(card, "resolution")
    asked = {value.lower() for value in _RESOLUTION.findall(prompt)}
    if not resolution or len(asked) != 1:
        return
    wanted = asked.pop()
    current = payload.get(resolution, card.defaults.get(resolution))
    choice = next((value for value in card.properties[resolution].get("enum", ()) if str(value).lower() == wanted), None)
    if choice is not None and choice != current:
        message = f"The prompt asks for {choice}, {card.field_title(resolution).lower()} is {current}."
        yield Hint("resolution", "warn", name, message, (resolution, choice), f"Set to {choice}")


_SOUND = re.compile(r"\b(audio|sound|music|dialogue|voice-?over|says|whispers|sings|soundtrack)\b", re.IGNORECASE)


def _sound_while_off(card: Card, payload: Mapping[str, Any], name: str, prompt: str) -> Iterator[Hint]:
    audio = field_for(card, "audio")
    if audio and not payload.get(audio, card.defaults.get(audio)) and (word := _SOUND.search(prompt)):
        message = f"The prompt describes sound (“{word.group(0).lower()}”), audio is off."
        yield Hint("audio", "warn", name, message, (audio, True), "Turn audio on")


def _too_short(card: Card, payload: Mapping[str, Any], name: str, prompt: str) -> Iterator[Hint]:
    if len(prompt.strip()) < SHORT_PROMPT_CHARACTERS:
        yield Hint("short", "warn", name, "A prompt this short leaves everything to chance.")


def _unbalanced_quotes(card: Card, payload: Mapping[str, Any], name: str, prompt: str) -> Iterator[Hint]:
    if prompt.count('"') % 2 or prompt.count("“") != prompt.count("”"):
        yield Hint("quotes", "warn", name, "A quotation mark is not closed; dialogue may be cut off.")


def _over_soft_limit(card: Card, payload: Mapping[str, Any], name: str, prompt: str) -> Iterator[Hint]:
    field = card.properties[name]
    limit = field.get("x-soft-max-length")
    # Over the ceiling it is not sent at all, and the field says so.
    if limit and limit < len(prompt) <= field.get("maxLength", len(prompt)):
        yield Hint("long", "warn", name, f"{len(prompt) - limit:,} characters over the usual limit of {limit:,}; sent unchanged.")


_CHECKS: tuple[Callable[[Card, Mapping[str, Any], str, str], Iterator[Hint]], ...] = (
    _other_duration,
    _other_ratio,
    _other_resolution,
    _sound_while_off,
    _unbalanced_quotes,
    _too_short,
    _over_soft_limit,
)
