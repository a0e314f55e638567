"""Remarks on what was given and will not count, and on sums and names that one button sets right."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playground.catalog.card import JSONObject
from playground.catalog.checks import counts_here, sum_of
from playground.catalog.draft import Draft, Hint
from playground.catalog.intent import parse_ratio
from playground.catalog.roles import field_for
from playground.catalog.settling import settle
from playground.catalog.values import choices_of, count_of, listed, number_of, plain, shortened
from playground.core.speech import gettext as _
from playground.core.speech import lowered

_PICTURE_WIDGETS = frozenset({"image", "images", "video", "videos", "audio", "audios", "files", "list"})
_SAME_SHAPE = 0.05


def files_the_mode_ignores(draft: Draft) -> Iterator[Hint]:
    """Pictures and clips that a rule lets nobody send as things are set; the button sets the mode that takes them."""
    for change in settle(draft.card, draft.payload).changes:
        spec = draft.card.properties.get(change.field, {})
        if change.new is None and count_of(change.old) and spec.get("x-widget") in _PICTURE_WIDGETS:
            values = {"field": draft.card.field_title(change.field), "reason": lowered(change.reason)}
            message = _("%(field)s would not count: %(reason)s") % values
            yield Hint("ignored", "warn", change.field, message, *_other_mode(draft, change.field))


def _other_mode(draft: Draft, name: str) -> tuple[tuple[str, Any] | None, str]:
    for change in settle(draft.card, draft.payload, name).changes:
        for choice in choices_of(draft.card.properties.get(change.field, {})):
            kept = settle(draft.card, {**draft.payload, change.field: choice}, change.field).payload
            if name in kept and kept.get(change.field) == choice:
                return (change.field, choice), _("Change %(field)s") % {"field": draft.card.field_name(change.field)}
    return None, ""


def shape_of_the_picture(draft: Draft) -> Iterator[Hint]:
    """A ratio that somebody chose, where the first frame decides."""
    name = field_for(draft.card, "ratio")
    chosen = parse_ratio(draft.payload.get(name)) if name else None
    if not name or chosen is None or draft.card.output.get("shape") != "first_frame" or not draft.intent.shape_of:
        return
    own = draft.intent.ratio
    is_other = abs(own / chosen - 1) > _SAME_SHAPE if own else draft.payload[name] != draft.card.defaults.get(name)
    if is_other:
        values = {"field": draft.card.field_name(name), "value": draft.payload[name]}
        message = _("The clip takes the shape of the picture; %(field)s %(value)s does not count.") % values
        yield Hint("ignored", "warn", name, message)


def prompt_beside_shots(draft: Draft) -> Iterator[Hint]:
    """Where a card says that a list of shots takes the prompt's place."""
    shots = field_for(draft.card, "shots")
    if draft.prompt and shots and draft.payload.get(shots) and _in_shots(draft):
        yield Hint("ignored", "warn", draft.prompt_field, _("With a list of shots the prompt does not count."))


def _in_shots(draft: Draft) -> bool:
    about = str(draft.card.properties.get(draft.prompt_field, {}).get("description", ""))
    return "ignored in multi-shot" in about and draft.current("multi_shots") is True


def shots_that_do_not_add_up(draft: Draft) -> Iterator[Hint]:
    for check in draft.card.checks:
        if check["check"].startswith("sum_field") and counts_here(check, draft.payload):
            yield from _other_sum(draft, check)


def _other_sum(draft: Draft, check: JSONObject) -> Iterator[Hint]:
    entries, name = listed(draft.payload.get(check["list"])), check["field"]
    if not entries or not all(isinstance(entry, dict) for entry in entries):
        return
    total, now = sum_of(check, draft.payload), number_of(draft.current(name))
    if total <= 0 or now is None or total == now or (check["check"] == "sum_field_lte" and total < now):
        return
    spec = draft.card.properties[name]
    value: Any = plain(total) if spec.get("type") == "string" else int(total) if total == int(total) else float(total)
    if draft.obstacle(name, value) is None:
        values = {"field": draft.card.field_name(name), "list": draft.card.field_name(check["list"]), "total": plain(total)}
        message = _("The %(list)s last %(total)s s together, %(field)s is %(seconds)s s.") % {**values, "seconds": plain(now)}
        yield Hint("sum", "warn", name, message, (name, value), _("Set %(field)s to %(total)s s") % values)


def names_the_prompt_lacks(draft: Draft) -> Iterator[Hint]:
    for check in draft.card.checks:
        if check["check"] != "names_used_in_prompt" or check["field"] != draft.prompt_field or not counts_here(check, draft.payload):
            continue
        names = [entry.get(check["item"]) for entry in listed(draft.payload.get(check["list"])) if isinstance(entry, dict)]
        shots = field_for(draft.card, "shots") if _in_shots(draft) else None
        told = "\n".join(text for name, text, _whole in draft.texts() if name == shots) if shots else draft.prompt
        missing = [
            f"{check['prefix']}{name}" for name in names if isinstance(name, str) and name and f"{check['prefix']}{name}" not in told
        ]
        words = shortened(", ".join(missing))
        if missing and shots and told:
            yield Hint("names", "warn", shots, _("No shot mentions %(names)s.") % {"names": words})
        elif missing and draft.prompt:
            text = f"{draft.prompt.rstrip()} {' '.join(missing)}"
            message = _("The prompt does not mention %(names)s.") % {"names": words}
            yield draft.suggestion("names", draft.prompt_field, message, draft.prompt_field, text, _("Add %(names)s") % {"names": words})
