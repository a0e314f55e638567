"""Where the prompt asks for something else than the form: another length, shape or resolution, or sound while it is off."""

from __future__ import annotations

import re
from collections.abc import Iterator

from playground.catalog.draft import Draft, Hint
from playground.catalog.intent import parse_ratio
from playground.catalog.roles import field_for, tier_lines
from playground.catalog.values import number_of, plain, spelled
from playground.core.speech import gettext as _

_NUMBERS = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen",
)  # fmt: skip
_SECONDS = re.compile(
    rf"\b(?P<number>\d{{1,2}}|{'|'.join(_NUMBERS)})[\s-]?(?:s|secs?|seconds?|sekunden|secondes?|segundos?|secondi)\b", re.IGNORECASE
)
# "After 3 seconds", "2 seconds later": a moment in the clip, not the length of it.
_BEFORE_A_MOMENT = re.compile(
    r"\b(?:after|at|in|within|every|each|first|last|next|another|nach|alle|après)\s+(?:the\s+)?(?:first\s+|last\s+)?$", re.IGNORECASE
)
_AFTER_A_MOMENT = re.compile(r"^\s*(?:later|ago|into|in\b|before|after|apart|mark|pause|delay|später)", re.IGNORECASE)


# How far from the number a word is looked for.
_NEAR = 40


def other_length(draft: Draft) -> Iterator[Hint]:
    name = field_for(draft.card, "duration")
    shots = field_for(draft.card, "shots")
    matches = list(_SECONDS.finditer(draft.beginning))
    asked = {_number(match["number"]) for match in matches}
    if not name or len(asked) != 1 or (shots and draft.payload.get(shots)) or any(_is_moment(draft.beginning, match) for match in matches):
        return
    seconds = asked.pop()
    now = number_of(draft.current(name))
    if now == seconds:
        return
    value: int | str = str(seconds) if draft.card.properties[name].get("type") == "string" else seconds
    if now is not None and now > 0:
        values = {"asked": seconds, "field": draft.card.field_name(name), "seconds": plain(now)}
        message = _("The prompt asks for %(asked)s s, %(field)s is %(seconds)s s.") % values
    else:
        message = _("The prompt asks for %(asked)s s, the length is left to the model.") % {"asked": seconds}
    never = _("%(model)s cannot make %(asked)s s.") % {"model": draft.card.title, "asked": seconds}
    label = _("Set to %(seconds)s s") % {"seconds": seconds}
    yield draft.suggestion("duration", draft.prompt_field, message, name, value, label, never)


def _number(word: str) -> int:
    return int(word) if word.isdigit() else _NUMBERS.index(word.lower()) + 1


def _is_moment(prompt: str, match: re.Match[str]) -> bool:
    before = prompt[max(0, match.start() - _NEAR) : match.start()]
    return bool(_BEFORE_A_MOMENT.search(before) or _AFTER_A_MOMENT.search(prompt[match.end() : match.end() + _NEAR]))


# "At 9:16 am" is a time of day.
_RATIO = re.compile(r"(?<![\d:])(16:9|9:16|4:3|3:4|1:1|21:9|9:21|3:2|2:3|4:5|5:4)(?![\d:])(?!\s*[ap]\.?m\b)", re.IGNORECASE)
_THING = r"(?:video|clip|shot|format|orientation|frame|framing|aspect|mode|film)"
_RATIO_WORDS = {
    "9:16": re.compile(rf"\b(?:vertical|portrait)[\s-]{_THING}\b", re.IGNORECASE),
    "16:9": re.compile(rf"\b(?:(?:horizontal|landscape)[\s-]{_THING}|wide-?screen)\b", re.IGNORECASE),
    "1:1": re.compile(rf"\bsquare[\s-]{_THING}\b", re.IGNORECASE),
    "21:9": re.compile(r"\bultra-?wide(?:[\s-]?screen)?\b(?!\s+(?:lens|angle))", re.IGNORECASE),
}


def other_shape(draft: Draft) -> Iterator[Hint]:
    name = field_for(draft.card, "ratio")
    asked = set(_RATIO.findall(draft.beginning)) | {ratio for ratio, words in _RATIO_WORDS.items() if words.search(draft.beginning)}
    if not name or len(asked) != 1 or draft.intent.shape_of:
        return
    wanted = asked.pop()
    now = draft.current(name)
    if _is_shape(now, wanted):
        return
    message = _other_than(draft, name, wanted, None if now is None else str(now))
    choice = next((choice for choice in draft.card.properties[name].get("enum", ()) if _is_shape(choice, wanted)), None)
    if choice is None:
        never = _("%(model)s cannot make %(asked)s.") % {"model": draft.card.title, "asked": wanted}
        yield Hint("ratio", "warn", draft.prompt_field, f"{message} {never}")
    else:
        yield draft.suggestion("ratio", draft.prompt_field, message, name, choice, _("Set to %(value)s") % {"value": choice})


def _other_than(draft: Draft, name: str, asked: str, now: str | None) -> str:
    values = {"asked": asked, "field": draft.card.field_name(name), "value": now}
    if now is None:
        return _("The prompt asks for %(asked)s, %(field)s is not set.") % values
    return _("The prompt asks for %(asked)s, %(field)s is %(value)s.") % values


def _is_shape(word: object, wanted: str) -> bool:
    ratio, target = parse_ratio(word), parse_ratio(wanted)
    return ratio is not None and target is not None and abs(ratio - target) < 0.01


_RESOLUTION = re.compile(r"\b(360p|480p|540p|580p|720p|768p|1080p|1440p|2160p|2k|4k|full[\s-]?hd|u(?:ltra[\s-]?)?hd)\b", re.IGNORECASE)
_NAMED = {"fullhd": "1080p", "uhd": "4k", "ultrahd": "4k"}


def other_resolution(draft: Draft) -> Iterator[Hint]:
    """Only what the model has: "8k, ultra detailed" is a figure of speech."""
    name = field_for(draft.card, "resolution")
    asked = {_lines(word) for word in _RESOLUTION.findall(draft.beginning)}
    if not name or len(asked) != 1:
        return
    wanted = asked.pop()
    now = draft.current(name)
    choice = next((value for value in draft.card.properties[name].get("enum", ()) if tier_lines(value) == wanted), None)
    if choice is None or tier_lines(now) == wanted:
        return
    message = _other_than(draft, name, _tier(wanted, choice), None if now is None else spelled(now))
    yield draft.suggestion("resolution", draft.prompt_field, message, name, choice, _("Set to %(value)s") % {"value": choice})


def _lines(word: str) -> int | None:
    plain_word = re.sub(r"[\s-]", "", word.lower())
    return tier_lines(_NAMED.get(plain_word, plain_word))


def _tier(lines: int | None, choice: object) -> str:
    """The choice's own word where it is one for lines; a mode called `pro` is told by its lines."""
    return str(choice) if any(character.isdigit() for character in str(choice)) else f"{lines}p"


_SOUND = re.compile(
    r"(?P<none>\b(?:no|without|zero|ohne|sans|sin)\s+(?:any\s+)?)?"
    r"\b(?P<word>audio|sounds?|music|dialogue|voice-?over|narrat(?:ion|or|es)|says|whispers|sings|soundtrack|birdsong|sound effects?)\b",
    re.IGNORECASE,
)


def sound_while_off(draft: Draft) -> Iterator[Hint]:
    described = next((match["word"].lower() for match in _SOUND.finditer(draft.beginning) if not match["none"]), None)
    if described is None:
        return
    name = field_for(draft.card, "audio")
    if name:
        if not draft.current(name):
            values = {"word": described, "field": draft.card.field_name(name)}
            message = _("The prompt describes sound (“%(word)s”), %(field)s is off.") % values
            yield draft.suggestion("audio", draft.prompt_field, message, name, True, _("Turn %(field)s on") % values)
    elif draft.card.output.get("audio") is False:
        values = {"word": described, "model": draft.card.title}
        message = _("The prompt describes sound (“%(word)s”); %(model)s makes silent clips.") % values
        yield Hint("audio", "warn", draft.prompt_field, message)
