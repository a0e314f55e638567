"""What a price depends on, in words for people: `720p`, `with sound`, `from a 480p take`."""

from __future__ import annotations

from collections.abc import Sequence

from playground.catalog.card import Card, JSONObject
from playground.catalog.roles import field_for, tier_lines
from playground.catalog.values import in_words
from playground.core.speech import gettext as _
from playground.core.speech import said


def axis_title(card: Card, axis: JSONObject) -> str:
    """The heading of a column of the price table: a field's title, `With reference videos`, `Source resolution`."""
    if "nonempty" in axis:
        return _("With %(media)s") % {"media": _media(card, axis)}
    if "from_task" in axis:
        return said(axis_name(axis))
    return card.field_title(axis["field"])


def axis_words(card: Card, axis: JSONObject, value: str) -> str:
    """One value of an axis, `value` as the price table spells it. "" for what goes without saying."""
    if "nonempty" in axis:
        return _("with %(media)s") % {"media": _media(card, axis)} if value == "yes" else ""
    if "from_task" in axis:
        return _("from a %(resolution)s take") % {"resolution": value}
    name = axis["field"]
    if value in ("true", "false"):
        what = _("sound") if name == field_for(card, "audio") else card.field_name(name)
        return (_("with %(feature)s") if value == "true" else _("without %(feature)s")) % {"feature": what}
    unit = card.properties.get(name, {}).get("x-unit")
    if unit:
        return f"{value} {unit}"
    is_number = value.replace(".", "", 1).isdigit() and tier_lines(value) is None
    return f"{card.field_name(name)} {value}" if is_number else value


def axis_name(axis: JSONObject) -> str:
    """`Source resolution` for `source_resolution`, as written."""
    return str(axis["name"]).replace("_", " ").capitalize()


def circumstances(card: Card, values: Sequence[str | None]) -> str:
    """All values of a row of the price table that are chosen: `720p with sound`, `6 s, 1080P`."""
    chosen = [(axis, value) for axis, value in zip(card.pricing["axes"], values, strict=True) if value is not None]
    text = ""
    for axis, value in chosen:
        if word := axis_words(card, axis, value):
            text += (" " if _joins(axis, value) else ", ") + word if text else word
    return text


def _joins(axis: JSONObject, value: str) -> bool:
    """Whether its words follow without a comma: `with …`, `without …`, `from …`."""
    return "nonempty" in axis or "from_task" in axis or value in ("true", "false")


def _media(card: Card, axis: JSONObject) -> str:
    return in_words([card.field_name(name) for name in axis["nonempty"]], "or")
