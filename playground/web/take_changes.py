"""What a remix changed: the settings of two takes beside each other, each as a reader would say it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from playground.catalog.card import Card
from playground.catalog.roles import field_for
from playground.jobs.models import Job
from playground.web.stage import card_of
from playground.web.templatetags.stage import spelled
from playground.web.tiles import model_title

# What is longer is said to have changed, and stands in full in the table below.
_SHORT = 28
# Their values speak for themselves.
_PLAIN_ROLES = ("ratio", "resolution")


@dataclass(frozen=True, slots=True)
class Change:
    """`name` is empty where the values need none: 16:9, 5 s."""

    before: str
    after: str
    name: str = ""


def changes(source: Job, job: Job) -> Sequence[Change]:
    """Empty for settings that are the same."""
    found = []
    if (source.gateway, source.model_id) != (job.gateway, job.model_id):
        found.append(Change(model_title(source), model_title(job)))
    old, new, card = source.payload, job.payload, card_of(job)
    names = [*new, *(name for name in old if name not in new)]
    return found + [_change(card, name, old, new) for name in names if old.get(name) != new.get(name)]


def _change(card: Card | None, name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Change:
    title = card.field_title(name) if card and name in card.properties else name.replace("_", " ").capitalize()
    unit = card.properties.get(name, {}).get("x-unit", "") if card else ""
    before, after = _words(old.get(name), unit), _words(new.get(name), unit)
    if max(len(before), len(after)) > _SHORT or isinstance(new.get(name, old.get(name)), list | dict):
        became = _("added") if name not in old else _("removed") if name not in new else _("changed")
        return Change("", became, title)
    is_plain = card is not None and (unit or name in {field_for(card, role) for role in _PLAIN_ROLES})
    return Change(before, after, "" if is_plain else title)


def _words(value: Any, unit: str) -> str:
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else spelled(value)
    return f"{text} {unit}" if unit else text
