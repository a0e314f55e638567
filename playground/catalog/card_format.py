"""The form of a card file as a JSON Schema: which keys there are, what each must be, and which keywords a field may use.

What the form cannot say (a rule that names an unknown field, a combination without a price) is asked by `card_check`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TEXT_WIDGETS = ("textarea", "text")
MEDIA_WIDGETS = {"image": "image", "images": "image", "video": "video", "videos": "video", "audio": "audio", "audios": "audio", "files": ""}
WIDGETS = (*TEXT_WIDGETS, "select", "switch", "number", *MEDIA_WIDGETS, "list", "ids")
SCENES = (
    "text-to-video", "image-to-video", "reference-to-video", "video-to-video", "document-to-video", "speech-to-video",
    "motion-control", "character", "extend", "upscale",
)  # fmt: skip
_NAME = "^[A-Za-z][A-Za-z0-9_]*$"
# A title is a label, a description the line of help below a field.
_LONGEST_TITLE, _LONGEST_HELP = 60, 120


def _text(longest: int = 2000, **more: Any) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": longest, **more}


def _texts(longest: int = 2000, **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": _text(longest), **more}


def _whole(least: int = 0) -> dict[str, Any]:
    return {"type": "integer", "minimum": least}


def _object(required: tuple[str, ...], /, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


_NUMBER = {"type": "number"}
_FLAG = {"const": True}
_PAIR = {"type": "array", "items": _NUMBER, "minItems": 2, "maxItems": 2}
_LENGTHS = {name: {"type": "number", "exclusiveMinimum": 0} for name in ("min_s", "max_s", "total_s")}
_SIZES = {name: _whole(1) for name in ("min_side_px", "max_side_px", "max_pixels", "max_pages")}
_MEDIA = _object((), **_LENGTHS, **_SIZES, side_px=_PAIR, pixels=_PAIR, ratio=_PAIR, fps=_PAIR, min_fps=_NUMBER)
# JSON Schema's own keywords that validator, form and documentation all understand.
_KEYWORDS: dict[str, Any] = {
    "type": {"enum": ["string", "integer", "number", "boolean", "array"]},
    "enum": {"type": "array", "minItems": 1},
    "const": {},
    "default": {},
    "minimum": _NUMBER,
    "maximum": _NUMBER,
    "multipleOf": {"type": "number", "exclusiveMinimum": 0},
    "minLength": _whole(),
    "maxLength": _whole(1),
    "pattern": _text(),
    "format": {"const": "uri"},
    "items": {"$ref": "#/$defs/entry"},
    "minItems": _whole(),
    "maxItems": _whole(1),
    "uniqueItems": {"type": "boolean"},
    "anyOf": {"type": "array", "items": {"type": "object"}, "minItems": 1},
    "deprecated": _FLAG,
}
_ANNOTATIONS: dict[str, Any] = {
    "x-widget": {"enum": list(WIDGETS)},
    "x-unit": {"enum": ["s", "ms", "fps", "%", "px"]},
    "x-advanced": _FLAG,
    "x-assumed": _texts(minItems=1, uniqueItems=True),
    "x-number-string": _FLAG,
    "x-minimum": _NUMBER,
    "x-maximum": _NUMBER,
    "x-soft-max-length": _whole(1),
    "x-accept": {"type": "array", "items": _text(pattern="^(image|video|audio|application|text)/"), "minItems": 1, "uniqueItems": True},
    "x-max-mb": {"type": "number", "exclusiveMinimum": 0},
    "x-media": _MEDIA,
    "x-ref": {"const": "task"},
    "x-parents": _texts(minItems=1, uniqueItems=True),
    "x-parent-days": _whole(1),
}
_FIELD = _object(
    ("type", "title", "description", "x-widget"),
    title=_text(_LONGEST_TITLE), description=_text(_LONGEST_HELP), **_KEYWORDS, **_ANNOTATIONS,
)  # fmt: skip
_FIELDS = {"type": "object", "additionalProperties": {"$ref": "#/$defs/field"}, "propertyNames": {"pattern": _NAME}}
_ENTRY = _object(
    ("type",),
    **_KEYWORDS | {"type": {"enum": ["string", "object"]}}, **{"x-assumed": _ANNOTATIONS["x-assumed"]},
    properties=_FIELDS, required=_texts(), additionalProperties={"const": False},
)  # fmt: skip
_SECONDS = _object(
    (),
    field=_text(), default={}, media=_text(), zero_means_media=_text(), else_media=_text(),
    ratio={"type": "array", "minItems": 4, "maxItems": 4},
)  # fmt: skip
_AXIS = _object(
    (),
    field=_text(), default={}, default_when={"type": "object", "required": ["value"], "minProperties": 2},
    name=_text(), nonempty=_texts(minItems=1), from_task=_text(),
)  # fmt: skip
# Above this somebody forgot a decimal point.
_PRICE = {"type": "number", "minimum": 0, "maximum": 100_000}
_CREDITS = _PRICE | {"type": ["number", "object", "null"], "additionalProperties": _PRICE, "minProperties": 1}
_EXTRA = _object(("count_of", "free", "credits_each"), count_of=_texts(minItems=1), free=_whole(), credits_each=_PRICE)
_FORMER = _object(("as_of", "credits", "source"), as_of=_text(), credits=_CREDITS, source=_text())
_PRICING = _object(
    ("unit", "axes", "credits", "source", "as_of", "confidence"),
    unit={"enum": ["job", "second"]}, axes={"type": "array", "items": _AXIS, "maxItems": 3}, credits=_CREDITS, seconds=_SECONDS,
    plus_input_seconds=_text(), unpublished=_FLAG, undetermined=_text(), note=_text(), source=_text(), as_of=_text(),
    confidence={"enum": ["documented", "low", "assumed", "none"]},
    extras={"type": "array", "items": _EXTRA}, history={"type": "array", "items": _FORMER},
)  # fmt: skip
_RULE = {**_object(("if", "then", "message"), then={"type": "object", "minProperties": 1}, message=_text(200))}
_RULE["properties"]["if"] = {"type": "object"}
_ENDPOINT = _text(pattern="^(GET|POST) /")

FORMAT: Mapping[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$defs": {"field": _FIELD, "entry": _ENTRY},
    **_object(
        ("gateway", "id", "vendor", "family", "title", "summary", "good_at", "use_cases", "scenes", "contract", "status",
         "typical_seconds", "deadline_seconds", "input", "rules", "checks", "pricing", "example", "sources", "confidence"),
        gateway=_text(pattern="^[a-z]+$"),
        id=_text(120, pattern="^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*$"),
        aliases=_texts(uniqueItems=True),
        vendor=_text(40), family=_text(40), title=_text(60), summary=_text(160),
        good_at=_texts(60, minItems=3, maxItems=3), use_cases=_texts(120, minItems=2, maxItems=3),
        scenes={"type": "array", "items": {"enum": list(SCENES)}, "minItems": 1, "uniqueItems": True},
        contract={"enum": ["jobs", "veo", "runway", "aleph"]}, endpoint=_ENDPOINT, detail_endpoint=_ENDPOINT,
        status={"enum": ["live", "retired"]},
        typical_seconds=_whole(1), deadline_seconds=_whole(1),
        output=_object((), seconds=_whole(1), resolution=_text(), audio={"enum": [True, False, "input"]}, shape={"const": "first_frame"}),
        input=_object(
            ("type", "properties", "required", "additionalProperties"),
            type={"const": "object"}, properties=_FIELDS | {"minProperties": 1}, required=_texts(uniqueItems=True),
            additionalProperties={"const": False},
        ),
        rules={"type": "array", "items": _RULE},
        checks={"type": "array", "items": {"type": "object", "required": ["check"]}},
        pricing=_PRICING, example={"type": "object"},
        notes=_texts(), sources=_texts(minItems=1), confidence={"enum": ["documented", "partly", "guess"]},
    ),
}  # fmt: skip
