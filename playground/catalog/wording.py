"""Remarks on the text of a prompt by itself: what was pasted into it, its language, its length, its quotation marks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from playground.catalog.draft import Draft, Hint
from playground.catalog.languages import foreign_language
from playground.core.speech import gettext as _
from playground.core.speech import gettext_noop, ngettext

SHORT_PROMPT_CHARACTERS = 12
# A sign of Chinese or Japanese writing says about as much as this many letters.
_LETTERS_OF_A_SIGN = 3

# A text without any of the beginnings is not searched; lengths have an end, so that no text starts the search over and over.
_SECRETS: tuple[tuple[str, tuple[str, ...], re.Pattern[str]], ...] = (
    (
        gettext_noop("an API key"),
        tuple(f"{kind}{mark}" for kind in ("sk", "pk", "rk") for mark in "-_"),
        re.compile(r"\b(?:sk|pk|rk)[-_](?:live_|test_|test-|live-|proj-|ant-)?[A-Za-z0-9_-]{16,}"),
    ),
    (gettext_noop("an AWS key"), ("AKIA", "ASIA"), re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    (
        gettext_noop("a GitHub token"),
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
        re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})"),
    ),
    (gettext_noop("a Google key"), ("AIza",), re.compile(r"\bAIza[0-9A-Za-z_-]{30,}")),
    (gettext_noop("a Slack token"), ("xox",), re.compile(r"\bxox[abeprs]-[A-Za-z0-9-]{10,}")),
    (gettext_noop("a Hugging Face token"), ("hf_",), re.compile(r"\bhf_[A-Za-z0-9]{20,}")),
    (gettext_noop("a signed token"), ("eyJ",), re.compile(r"\beyJ[A-Za-z0-9_-]{6,2000}\.[A-Za-z0-9_-]{6,2000}\.[A-Za-z0-9_-]{6,2000}")),
    (
        gettext_noop("an authorization header"),
        ("Bearer", "bearer", "BEARER"),
        re.compile(r"\bBearer\s+[A-Za-z0-9._~+/-]{16,}=*", re.IGNORECASE),
    ),
    (
        gettext_noop("a private key"),
        ("-----BEGIN",),
        re.compile(r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----(?:.{0,4000}?-----END [A-Z ]{0,30}PRIVATE KEY-----)?", re.DOTALL),
    ),
)
_LINK = re.compile(r"\b(?:https?://|www\.)[^\s<>\"'“”]+[^\s<>\"'“”.,;:!?)\]]", re.IGNORECASE)


def secrets(draft: Draft) -> Iterator[Hint]:
    """At most one a field, with everything of the kind taken out by its button."""
    for name, text, is_whole in draft.texts():
        found = [(kind, shape) for kind, beginnings, shape in _SECRETS if any(words in text for words in beginnings) and shape.search(text)]
        if not found:
            continue
        clean = text
        for _kind, shape in found:
            clean = shape.sub("", clean)
        values = {"field": draft.card.field_title(name), "secret": _(found[0][0])}
        message = _("%(field)s holds what looks like %(secret)s; it would be sent and kept.") % values
        yield Hint("secret", "bad", name, message, *_without(name, clean, is_whole))


def links(draft: Draft) -> Iterator[Hint]:
    for name, text, is_whole in draft.texts():
        if _LINK.search(text):
            message = _("%(field)s holds a link; the model does not open links.") % {"field": draft.card.field_title(name)}
            yield Hint("link", "warn", name, message, *_without(name, _LINK.sub("", text), is_whole))


def _without(name: str, clean: str, is_whole: bool) -> tuple[tuple[str, str] | None, str]:
    """The button that takes something out of a text; none where the text would be empty or is one of a list."""
    tidy = re.sub(r"[ \t]{2,}", " ", clean).strip()
    return ((name, tidy), _("Take it out")) if is_whole and tidy else (None, "")


def language(draft: Draft) -> Iterator[Hint]:
    """Only where the card says that English is expected, or has a switch for translation that is off."""
    spec = draft.card.properties.get(draft.prompt_field, {})
    switch = next(
        (name for name, field in draft.card.properties.items() if field.get("type") == "boolean" and "translat" in name.lower()), None
    )
    expects_english = re.search(r"\bEnglish\b", str(spec.get("description", ""))) is not None
    if (not switch and not expects_english) or (switch and draft.current(switch)):
        return
    found = foreign_language(draft.prompt)
    if not found:
        return
    values = {"language": _(found), "model": draft.card.title}
    if switch:
        message = _("The prompt seems to be in %(language)s; %(model)s reads English and translation is off.") % values
        yield draft.suggestion("language", draft.prompt_field, message, switch, True, _("Translate it"))
    else:
        message = _("The prompt seems to be in %(language)s; %(model)s reads English.") % values
        yield Hint("language", "warn", draft.prompt_field, message)


_CLOSING = {"“": "”", "„": "“”", "”": "”", "«": "»", "»": "«", "‹": "›", "「": "」", "『": "』", '"': '"'}
_DEEPEST_QUOTATION = 20
_MARK = re.compile(f"[{''.join(_CLOSING)}{''.join(_CLOSING.values())}]")


def unbalanced_quotes(draft: Draft) -> Iterator[Hint]:
    for name, text, _is_whole in draft.texts():
        if is_unbalanced(text):
            yield Hint("quotes", "warn", name, _("A quotation mark is not closed; dialogue may be cut off."))
            return


def is_unbalanced(text: str) -> bool:
    """Whether a quotation is opened and not closed, in any of the usual styles: “…”, „…“, «…», »…«, 「…」, "…"."""
    still_open: list[str] = []
    for found in _MARK.finditer(text):
        mark = found[0]
        if mark == '"' and '"' not in still_open and text[max(0, found.start() - 1) : found.start()].isdigit():
            continue  # 12" are inches
        if still_open and mark in _CLOSING[still_open[-1]]:
            still_open.pop()
        elif mark in _CLOSING and len(still_open) < _DEEPEST_QUOTATION:
            still_open.append(mark)
        else:
            return True
    return bool(still_open)


def too_short(draft: Draft) -> Iterator[Hint]:
    text = draft.prompt.strip()
    if len(text) >= SHORT_PROMPT_CHARACTERS:
        return
    weight = sum(_LETTERS_OF_A_SIGN if unicodedata.east_asian_width(character) == "W" else 1 for character in text)
    if text and weight < SHORT_PROMPT_CHARACTERS:
        yield Hint("short", "warn", draft.prompt_field, _("A prompt this short leaves everything to chance."))


def over_soft_limit(draft: Draft) -> Iterator[Hint]:
    spec = draft.card.properties.get(draft.prompt_field, {})
    limit = spec.get("x-soft-max-length")
    # Over the ceiling it is not sent at all, and the field says so.
    if limit and limit < len(draft.prompt) <= spec.get("maxLength", len(draft.prompt)):
        over = len(draft.prompt) - limit
        # Both alike in English; other languages tell one from many.
        message = ngettext(
            "%(count)s characters over the usual limit of %(limit)s; sent unchanged.",
            "%(count)s characters over the usual limit of %(limit)s; sent unchanged.",
            over,
        ) % {"count": f"{over:,}", "limit": f"{limit:,}"}
        yield Hint("long", "warn", draft.prompt_field, message)
