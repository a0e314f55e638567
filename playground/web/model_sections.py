"""What there is to read about a model, from its card: what it can do, costs and takes, and how to call it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from playground.accounts.services import Mode
from playground.catalog.card import Card
from playground.catalog.intent import intent
from playground.catalog.roles import field_for
from playground.credits.prices import own_prices_of
from playground.jobs.models import Job, State, Take
from playground.web.catalogue import Offer, choices, offer_of
from playground.web.codeview import Snippet, code_for
from playground.web.model_prices import PriceTable, own_words, price_table, prices_by
from playground.web.switching import scene_words

TAKES = 4
_KINDS = {
    "image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WebP", "image/bmp": "BMP", "image/tiff": "TIFF", "image/gif": "GIF",
    "image/heic": "HEIC", "video/mp4": "MP4", "video/quicktime": "MOV", "video/x-matroska": "MKV", "video/webm": "WebM",
    "video/x-msvideo": "AVI", "audio/mpeg": "MP3", "audio/wav": "WAV", "audio/x-wav": "WAV", "audio/aac": "AAC",
    "audio/mp4": "M4A", "audio/ogg": "OGG", "audio/flac": "FLAC",
    "application/pdf": "PDF", "text/plain": "TXT", "text/markdown": "Markdown", "image/heif": "HEIF", "image/jpg": "JPEG",
    "video/avi": "AVI", "audio/mp3": "MP3", "audio/m4a": "M4A", "audio/x-ms-wma": "WMA",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PPTX",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "DOCX",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "XLSX",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FieldRow:
    name: str
    title: str
    text: str
    kind: str
    is_required: bool
    allowed: str
    default: str
    price: str


@dataclass(frozen=True, slots=True)
class About:
    """All sections of one model. `takes` are the team's newest; where there are none a drawn picture stands for them."""

    offer: Offer
    own_price: str
    scenes: str
    takes: list[Take]
    capabilities: list[tuple[str, str]]
    prices: PriceTable
    fields: list[FieldRow]
    rules: list[str]
    snippets: tuple[Snippet, ...]
    key_command: str

    @property
    def card(self) -> Card:
        return self.offer.card


def about(card: Card, *, team_id: int, mode: Mode) -> About:
    code = code_for(card, card.example)
    own = own_prices_of(team_id).get(card.key)
    return About(
        offer=offer_of(card, own),
        own_price=own_words(own, str(card.pricing["unit"])),
        scenes=scene_words(card),
        takes=newest_takes(card, team_id, mode),
        capabilities=list(capabilities(card)),
        prices=price_table(card),
        fields=field_rows(card),
        rules=list(dict.fromkeys([*(str(rule["message"]) for rule in card.rules), *(check_words(card, check) for check in card.checks)])),
        snippets=(code.request, *code.languages),
        key_command=f".venv/bin/python manage.py create_key --name first --mode {mode}",
    )


def newest_takes(card: Card, team_id: int, mode: Mode) -> list[Take]:
    jobs = Job.objects.filter(team_id=team_id, mode=mode, gateway=card.gateway, model_id=card.id, state=State.SUCCESS)
    newest = list(jobs.order_by("-created_at", "-id").values_list("pk", flat=True)[:TAKES])
    takes = Take.objects.filter(job_id__in=newest, deleted_at=None).select_related("job", "thumb", "preview")
    return list(takes.order_by("-job__created_at", "index")[:TAKES])


def capabilities(card: Card) -> Iterable[tuple[str, str]]:
    """(what, which), for what the card says something about."""
    example = intent(card, card.example)
    yield "Starts from", scene_words(card)
    duration = field_for(card, "duration")
    if duration:
        yield "Length", _length_words(card, duration)
    elif example.seconds:
        yield "Length", f"{example.seconds:g} s"
    resolution = choices(card, "resolution") or ((f"{example.short_side}p",) if example.short_side else ())
    if resolution:
        yield "Resolution", ", ".join(resolution)
    if ratios := choices(card, "ratio"):
        yield "Shape", ", ".join(ratios)
    if field_for(card, "audio"):
        yield "Sound", "on a switch"
    elif example.has_audio is not None:
        yield "Sound", "always" if example.has_audio else "none"
    for field in card.properties.values():
        if "x-accept" in field or field.get("x-ref") == "task":
            yield str(field["title"]), allowed_words(field)


def _length_words(card: Card, name: str) -> str:
    """Zero and -1 are no lengths: they leave it to the input or to the model."""
    field = card.properties[name]
    low = field.get("minimum", 1)
    if "enum" in field or low > 0:
        return allowed_words(field)
    chooser = "the input’s length" if card.pricing.get("seconds", {}).get("zero_means_media") else "the model’s choice"
    return f"up to {field['maximum']} s, or {chooser} with {low}"


def field_rows(card: Card) -> list[FieldRow]:
    effects = prices_by(card)
    return [
        FieldRow(
            name=name,
            title=str(field["title"]),
            text=str(field.get("description", "")),
            kind=kind_words(field),
            is_required=name in card.required,
            allowed=allowed_words(field),
            default=spelled(field["default"]) if "default" in field else "",
            price=effects.get(name, ""),
        )
        for name, field in card.properties.items()
    ]


def spelled(value: object) -> str:
    """As JSON has it, without quotation marks."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def kind_words(field: Mapping[str, Any]) -> str:
    if field.get("type") == "array":
        items = field.get("items", {})
        return "array of objects" if items.get("type") == "object" else "array of URLs" if items.get("format") == "uri" else "array"
    return "URL" if field.get("format") == "uri" else str(field.get("type", ""))


def allowed_words(field: Mapping[str, Any]) -> str:
    """`4, 6, 8 s`, `4 to 15 s`, `up to 9; JPEG, PNG; up to 30 MB each; 300 to 6000 px a side`."""
    unit = f" {field['x-unit']}" if field.get("x-unit") else ""
    if "enum" in field:
        return _choice_words([spelled(value) for value in field["enum"]]) + unit
    if field.get("type") == "boolean":
        return "true, false"
    if field.get("x-ref") == "task":
        return "the id of an earlier take"
    if "x-accept" in field:
        return "; ".join(_file_words(field))
    if "minimum" in field:
        return f"{field['minimum']} to {field['maximum']}{unit}"
    if field.get("type") == "array":
        return _list_words(field)
    return f"up to {field['maxLength']:,} characters" if "maxLength" in field else ""


def _choice_words(choices: Sequence[str]) -> str:
    """A long row of whole numbers without a gap is a span."""
    numbers = [int(choice) for choice in choices if choice.isdecimal()]
    if len(choices) == len(numbers) > 4 and numbers == list(range(numbers[0], numbers[0] + len(numbers))):
        return f"{choices[0]} to {choices[-1]}"
    return ", ".join(choices)


def _list_words(field: Mapping[str, Any]) -> str:
    inner = field.get("items", {}).get("properties", {})
    each = f" of {', '.join(str(part['title']).lower() for part in inner.values())}" if inner else ""
    return f"up to {field['maxItems']}{each}"


def _file_words(field: Mapping[str, Any]) -> Iterable[str]:
    if field.get("type") == "array":
        least = f"{field['minItems']} to " if field.get("minItems") else "up to "
        yield f"{least}{field['maxItems']}"
    yield ", ".join(dict.fromkeys(_KINDS.get(kind, kind) for kind in field["x-accept"]))
    if "x-max-mb" in field:
        yield f"up to {field['x-max-mb']} MB" + (" each" if field.get("type") == "array" else "")
    yield from _media_words(field.get("x-media", {}))


def _media_words(limits: Mapping[str, Any]) -> Iterable[str]:
    if "min_s" in limits or "max_s" in limits:
        yield _span(limits.get("min_s"), limits.get("max_s"), " s")
    if "total_s" in limits:
        yield f"together up to {limits['total_s']} s"
    for name, unit in _SPANS.items():
        low, high = limits.get(name, (limits.get(f"min_{name}"), limits.get(f"max_{name}")))
        if low is not None or high is not None:
            yield ("width to height " if name == "ratio" else "") + _span(low, high, unit)
    if "max_pages" in limits:
        yield f"up to {limits['max_pages']} pages"


_SPANS = {"side_px": " px a side", "ratio": "", "pixels": " pixels", "fps": " frames a second"}


def _span(low: float | None, high: float | None, unit: str) -> str:
    if low is None or high is None:
        return f"up to {high:,}{unit}" if low is None else f"from {low:,}{unit}"
    return f"{low:,} to {high:,}{unit}"


def check_words(card: Card, check: Mapping[str, Any]) -> str:
    """A named check as a sentence."""
    title = {key: card.field_title(str(check[key])) for key in ("media", "list", "field") if key in check}
    words = _CHECKS[check["check"]].format(**{**check, **title, "terms": _terms(card, check)})
    when = check.get("when") or {}
    conditions = [f"{card.field_title(name)} is {spelled(value)}" for name, value in when.items()]
    if check.get("when_present"):
        conditions.append(f"{card.field_title(check['when_present'])} is given")
    return f"When {' and '.join(conditions)}: {words[0].lower()}{words[1:]}" if conditions else words


_CHECKS = {
    "media_total_seconds_lte": "{media} may last {max} s together.",
    "media_seconds_lte": "Each of {media} may last {max} s.",
    "media_seconds_plus_field_lte": "{media} and {field} may last {max} s together.",
    "count_sum_lte": "{terms} may be {max} together.",
    "count_lte": "{field} may be {max} at most.",
    "sum_field_equals": "The seconds of {list} must add up to {field}.",
    "sum_field_lte": "The seconds of {list} may add up to {field} at most.",
    "item_range": "Each of {list} must end after it starts, and last {max} s at most.",
    "item_range_ms": "The cut of each of {list} must last {min} to {max} ms.",
    "names_used_in_prompt": "Each name of {list} must stand in {field}, as {prefix}name.",
    "unique": "Each of {list} needs a name of its own.",
}


def _terms(card: Card, check: Mapping[str, Any]) -> str:
    counted = [(card.field_title(str(term["count"])), term.get("weight", 1)) for term in check.get("terms", ())]
    return ", ".join(title if weight == 1 else f"{title} (each counting {weight})" for title, weight in counted)
