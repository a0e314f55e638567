"""A line of the audit log in words."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from playground.accounts.audit import COMMAND_LINE, SERVER, WORDS
from playground.accounts.models import AuditEvent, Role, Scope
from playground.core.money import format_credits

_MILLICREDITS = "_millicredits"
_LONGEST = 200
_WORDS = {action.value: words for action, words in WORDS.items()}
NOT_SIGNED_IN = gettext_noop("Somebody not signed in")
# What is stored in English beside names and addresses, which are nobody's to translate.
_ACTORS = {SERVER.words, COMMAND_LINE.words, NOT_SIGNED_IN}
_VIAS = {gettext_noop("page"), gettext_noop("API"), gettext_noop("command line"), gettext_noop("server")}
_NAMES = {
    gettext_noop("Allowed addresses"),
    gettext_noop("Before"),
    gettext_noop("Budget"),
    gettext_noop("Download"),
    gettext_noop("Effective from"),
    gettext_noop("Ends"),
    gettext_noop("Ends with"),
    gettext_noop("Expires at"),
    gettext_noop("Factor"),
    gettext_noop("Found"),
    gettext_noop("Invited"),
    gettext_noop("Is veo legacy"),
    gettext_noop("Limit"),
    gettext_noop("Millicredits"),
    gettext_noop("Mode"),
    gettext_noop("Name"),
    gettext_noop("Note"),
    gettext_noop("Overlap hours"),
    gettext_noop("Period"),
    gettext_noop("Prefix"),
    gettext_noop("Price"),
    gettext_noop("Prompt"),
    gettext_noop("Replaced"),
    gettext_noop("Requests per minute"),
    gettext_noop("Role"),
    gettext_noop("Scope"),
    gettext_noop("Service"),
    gettext_noop("Share"),
    gettext_noop("Takes"),
    gettext_noop("Usd per credit"),
    gettext_noop("Used"),
    gettext_noop("Way"),
}


@dataclass(frozen=True, slots=True)
class Line:
    event: AuditEvent
    who: str
    via: str
    words: str
    details: Sequence[tuple[str, str]]


def line_of(event: AuditEvent) -> Line:
    return Line(event, _known(event.actor_words, _ACTORS), _known(event.via, _VIAS), words_of(event), _details(event.detail))


def _known(stored: str, words: Collection[str]) -> str:
    return _(stored) if stored in words else stored


def words_of(event: AuditEvent) -> str:
    """A kind of change that this version does not know any more keeps its name."""
    return _(_WORDS[event.action]) if event.action in _WORDS else event.action


def _details(detail: dict[str, Any]) -> list[tuple[str, str]]:
    # What was before reads first: "Before Member, Role Admin".
    told = sorted((name for name, value in detail.items() if value not in (None, "")), key=lambda name: name != "before")
    return [(_name(name), _value(name, detail[name])) for name in told]


def _name(name: str) -> str:
    return _known(name.removesuffix(_MILLICREDITS).replace("_", " ").capitalize(), _NAMES)


def _value(name: str, value: Any) -> str:
    if name.endswith(_MILLICREDITS) and isinstance(value, int):
        return _("%(credits)s credits") % {"credits": format_credits(value)}
    if isinstance(value, str) and value in Role.values:
        return str(Role(value).label)
    if isinstance(value, str) and value in Scope.values:
        return str(Scope(value).label)
    if isinstance(value, dict):
        # What was before, where more than one thing changed.
        return ", ".join(f"{_name(inner)} {_value(inner, one)}" for inner, one in value.items() if one not in (None, ""))[:_LONGEST]
    return str(value)[:_LONGEST]
