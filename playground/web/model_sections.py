"""What there is to read about a model, from its card: what it can do, costs and takes, and how to call it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from playground.accounts.models import Mode
from playground.catalog.card import Card
from playground.catalog.intent import intent
from playground.catalog.roles import field_for
from playground.core.speech import lowered, said
from playground.core.wording import Labels
from playground.credits.prices import own_prices_of
from playground.jobs.models import DONE_STATES, Job, Take
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
        rules=rule_words(card),
        snippets=(code.request, *code.languages),
        key_command=f".venv/bin/python manage.py create_key --name first --mode {mode}",
    )


def rule_words(card: Card) -> list[str]:
    """What holds between the fields, each said once."""
    words = [*(said(str(rule["message"])) for rule in card.rules), *(check_words(card, check) for check in card.checks)]
    return list(dict.fromkeys(words))


def newest_takes(card: Card, team_id: int, mode: Mode) -> list[Take]:
    jobs = Job.objects.filter(team_id=team_id, mode=mode, gateway=card.gateway, model_id=card.id, state__in=DONE_STATES)
    newest = list(jobs.order_by("-created_at", "-id").values_list("pk", flat=True)[:TAKES])
    takes = Take.objects.filter(job_id__in=newest, deleted_at=None).select_related("job", "thumb", "preview")
    return list(takes.order_by("-job__created_at", "-job_id", "index")[:TAKES])


def capabilities(card: Card) -> Iterable[tuple[str, str]]:
    """(what, which), for what the card says something about."""
    example = intent(card, card.example)
    yield _("Starts from"), scene_words(card)
    duration = field_for(card, "duration")
    if duration:
        yield _("Length"), _length_words(card, duration)
    elif example.seconds:
        yield _("Length"), f"{example.seconds:g} s"
    resolution = choices(card, "resolution") or ((f"{example.short_side}p",) if example.short_side else ())
    if resolution:
        yield _("Resolution"), ", ".join(resolution)
    if ratios := choices(card, "ratio"):
        yield _("Shape"), ", ".join(ratios)
    if field_for(card, "audio"):
        yield _("Sound"), _("on a switch")
    elif example.has_audio is not None:
        yield _("Sound"), _("always") if example.has_audio else _("none")
    for field in card.properties.values():
        if "x-accept" in field or field.get("x-ref") == "task":
            yield said(str(field["title"])), allowed_words(field)


def _length_words(card: Card, name: str) -> str:
    """Zero and -1 are no lengths: they leave it to the input or to the model."""
    field = card.properties[name]
    low = field.get("minimum", 1)
    if "enum" in field or low > 0:
        return allowed_words(field)
    if card.pricing.get("seconds", {}).get("zero_means_media"):
        words = _("up to %(most)s s, or the input’s length with %(least)s")
    else:
        words = _("up to %(most)s s, or the model’s choice with %(least)s")
    return words % {"most": field["maximum"], "least": low}


def field_rows(card: Card) -> list[FieldRow]:
    effects = prices_by(card)
    return [
        FieldRow(
            name=name,
            title=said(str(field["title"])),
            text=said(str(field.get("description", ""))),
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
        if items.get("type") == "object":
            return _("array of objects")
        return _("array of URLs") if items.get("format") == "uri" else _("array")
    return "URL" if field.get("format") == "uri" else str(field.get("type", ""))


def allowed_words(field: Mapping[str, Any]) -> str:
    """`4, 6, 8 s`, `4 to 15 s`, `up to 9; JPEG, PNG; up to 30 MB each; 300 to 6000 px a side`."""
    unit = f" {field['x-unit']}" if field.get("x-unit") else ""
    if "enum" in field:
        return _choice_words([spelled(value) for value in field["enum"]]) + unit
    if field.get("type") == "boolean":
        return "true, false"
    if field.get("x-ref") == "task":
        return _("the id of an earlier take")
    if "x-accept" in field:
        return "; ".join(_file_words(field))
    if "minimum" in field:
        return _("%(low)s to %(high)s") % {"low": field["minimum"], "high": field["maximum"]} + unit
    if field.get("type") == "array":
        return _list_words(field)
    return _("up to %(count)s characters") % {"count": f"{field['maxLength']:,}"} if "maxLength" in field else ""


def _choice_words(choices: Sequence[str]) -> str:
    """A long row of whole numbers without a gap is a span."""
    numbers = [int(choice) for choice in choices if choice.isdecimal()]
    if len(choices) == len(numbers) > 4 and numbers == list(range(numbers[0], numbers[0] + len(numbers))):
        return _("%(low)s to %(high)s") % {"low": choices[0], "high": choices[-1]}
    return ", ".join(choices)


def _list_words(field: Mapping[str, Any]) -> str:
    inner = field.get("items", {}).get("properties", {})
    if inner:
        parts = ", ".join(said(str(part["title"]).lower()) for part in inner.values())
        return _("up to %(count)s of %(parts)s") % {"count": field["maxItems"], "parts": parts}
    return _("up to %(count)s") % {"count": field["maxItems"]}


def _file_words(field: Mapping[str, Any]) -> Iterable[str]:
    if field.get("type") == "array":
        if field.get("minItems"):
            yield _("%(low)s to %(high)s") % {"low": field["minItems"], "high": field["maxItems"]}
        else:
            yield _("up to %(count)s") % {"count": field["maxItems"]}
    yield ", ".join(dict.fromkeys(_KINDS.get(kind, kind) for kind in field["x-accept"]))
    if "x-max-mb" in field:
        words = _("up to %(size)s MB each") if field.get("type") == "array" else _("up to %(size)s MB")
        yield words % {"size": field["x-max-mb"]}
    yield from _media_words(field.get("x-media", {}))


def _media_words(limits: Mapping[str, Any]) -> Iterable[str]:
    if "min_s" in limits or "max_s" in limits:
        yield _span(limits.get("min_s"), limits.get("max_s"), "%(span)s s")
    if "total_s" in limits:
        yield _("together up to %(count)s s") % {"count": limits["total_s"]}
    for name, words in _SPANS.items():
        low, high = limits.get(name, (limits.get(f"min_{name}"), limits.get(f"max_{name}")))
        if low is not None or high is not None:
            yield _span(low, high, words)
    if "max_pages" in limits:
        yield ngettext("up to %(count)s page", "up to %(count)s pages", limits["max_pages"]) % {"count": limits["max_pages"]}


_SPANS = Labels(
    {
        "side_px": gettext_noop("%(span)s px a side"),
        "ratio": gettext_noop("width to height %(span)s"),
        "pixels": gettext_noop("%(span)s pixels"),
        "fps": gettext_noop("%(span)s frames a second"),
    }
)


def _span(low: float | None, high: float | None, words: str) -> str:
    if low is None:
        span = _("up to %(high)s") % {"high": f"{high:,}"}
    elif high is None:
        span = _("from %(low)s") % {"low": f"{low:,}"}
    else:
        span = _("%(low)s to %(high)s") % {"low": f"{low:,}", "high": f"{high:,}"}
    return words % {"span": span}


def check_words(card: Card, check: Mapping[str, Any]) -> str:
    """A named check as a sentence."""
    title = {key: card.field_title(str(check[key])) for key in ("media", "list", "field") if key in check}
    kind = f"{check['check']}, advice" if check.get("advice") else check["check"]
    words = _CHECKS[kind] % {**check, **title, "terms": _terms(card, check)}
    when = check.get("when") or {}
    conditions = [_("%(field)s is %(value)s") % {"field": card.field_title(name), "value": spelled(value)} for name, value in when.items()]
    if check.get("when_present"):
        conditions.append(_("%(field)s is given") % {"field": card.field_title(check["when_present"])})
    if not conditions:
        return words
    joined = " {} ".format(_("and")).join(conditions)
    return _("When %(conditions)s: %(rule)s") % {"conditions": joined, "rule": lowered(words)}


_CHECKS = Labels(
    {
        "media_total_seconds_lte": gettext_noop("%(media)s may last %(max)s s together."),
        "media_seconds_lte": gettext_noop("Each of %(media)s may last %(max)s s."),
        "media_seconds_plus_field_lte": gettext_noop("%(media)s and %(field)s may last %(max)s s together."),
        "count_sum_lte": gettext_noop("%(terms)s may be %(max)s together."),
        "count_lte": gettext_noop("%(field)s may be %(max)s at most."),
        "sum_field_equals": gettext_noop("The seconds of %(list)s must add up to %(field)s."),
        "sum_field_lte": gettext_noop("The seconds of %(list)s may add up to %(field)s at most."),
        "item_range": gettext_noop("Each of %(list)s must end after it starts, and last %(max)s s at most."),
        "item_range_ms": gettext_noop("The cut of each of %(list)s must last %(min)s to %(max)s ms."),
        "names_used_in_prompt": gettext_noop("Each name of %(list)s must stand in %(field)s, as %(prefix)sname."),
        "names_used_in_prompt, advice": gettext_noop("Each name of %(list)s should stand in %(field)s, as %(prefix)sname."),
        "unique": gettext_noop("Each of %(list)s needs a name of its own."),
    }
)


def _terms(card: Card, check: Mapping[str, Any]) -> str:
    counted = [(card.field_title(str(term["count"])), term.get("weight", 1)) for term in check.get("terms", ())]
    weighted = _("%(field)s (each counting %(weight)s)")
    return ", ".join(title if weight == 1 else weighted % {"field": title, "weight": weight} for title, weight in counted)
