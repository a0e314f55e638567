"""Why a provider says no: its codes and words, sorted into a short closed list.

Codes alone do not tell (422 is a missing field, a refused prompt and a refused picture; 500 is all of these and a broken
server), so the words are read first. The sentences are those of KIE's pages, of recorded answers and of public clients.
"""

from __future__ import annotations

import re
from typing import Literal

Reason = Literal["input_text", "input_media", "output", "capacity", "provider_account", "validation"]

_ACCOUNT_CODES = frozenset({"401", "402", "433"})
_VALIDATION_CODES = frozenset({"400", "404", "413", "415", "422"})
_FETCH_CODE = "451"

_ACCOUNT = re.compile(r"insufficient (?:credit|balance|fund)|credits? (?:is |are )?(?:insufficient|not enough)|not enough credits", re.I)
_REFUSAL = (
    r"reject|refus|violat|polic(?:y|ies)|moderat|unsafe|safety|sensitive|prohibit|not allowed|disallow|forbidden|inappropriate|nsfw|"
    r"filter|block|flagg|guideline|copyright|harmful|risk control"
)
_MEDIA = r"image|photo|picture|face|person|people|celebrit|minor|child|frame|reference|upload|file|audio|voice|url|link"
_REFUSED = re.compile(_REFUSAL, re.I)
_CANNOT = r"could not|couldn't|can ?not|can't|unable|fail(?:ed)? to|failed|invalid|inaccessible|broken|unsupported|corrupt\w*|expired"
_WRONG = rf"{_CANNOT}|too (?:large|small|big|short|long)|not (?:a )?(?:valid|accessible|reachable|found|supported)"
_BETWEEN = r"\w*\W+(?:\w+\W+){0,6}?"
_NO_MEDIA = re.compile(rf"real (?:person|people|human)|(?:{_WRONG}){_BETWEEN}(?:{_MEDIA})|(?:{_MEDIA}){_BETWEEN}(?:{_WRONG}|exceed)", re.I)
_MADE = re.compile(
    r"(?:generated|output|resulting|produced)\W+(?:\w+\W+){0,3}?(?:video|clip|audio|sound|image|content|result|media)"
    r"|(?:video|audio|result|content|output)\W+(?:\w+\W+){0,2}?generated",
    re.I,
)
_SPEAKS_OF_MEDIA = re.compile(rf"\b(?:{_MEDIA})", re.I)
_SPEAKS_OF_TEXT = re.compile(r"\b(?:prompt|text|word|description|caption|script)", re.I)
_MISSING = re.compile(r"\b(?:is|are|field) required|required field|\bmissing\b|must not be (?:null|empty|blank)", re.I)
_FORM = re.compile(
    r"must (?:be|have|not)|should (?:be|have)|out of range|not (?:in|within) (?:the )?range|"
    r"not (?:a )?valid|invalid|not supported|unsupported|does not support|at (?:least|most)|exceed|too long|too short|unknown|expected|"
    r"greater than|less than|not one of|model name",
    re.I,
)
_BUSY = re.compile(r"busy|overload|high demand|capacity|try again|later|internal|timeout|timed out|maintenance|queue|unavailable", re.I)


def is_account_trouble(code: str, words: str) -> bool:
    """Our own key or credits there. Short of credits is 402 in the documents and 500 "Credits insufficient" in the wild."""
    return code in _ACCOUNT_CODES or _ACCOUNT.search(words) is not None


def reason_of(code: str, words: str) -> Reason:
    """The reason behind a provider's code and words; without a telling word the code decides."""
    words = words[:2000]
    if is_account_trouble(code, words):
        return "provider_account"
    if code == _FETCH_CODE:
        return "input_media"
    if _MISSING.search(words):
        return "validation"
    if _REFUSED.search(words):
        return _refused(words)
    if _NO_MEDIA.search(words):
        return "input_media"
    if _FORM.search(words) and not (code.startswith("5") and _BUSY.search(words)):
        return "validation"
    return "validation" if code in _VALIDATION_CODES and not _BUSY.search(words) else "capacity"


def _refused(words: str) -> Reason:
    """Something was judged: the clip that was made, a file that was given, or the text."""
    if _MADE.search(words):
        return "output"
    if _SPEAKS_OF_MEDIA.search(words) and not _SPEAKS_OF_TEXT.search(words):
        return "input_media"
    return "input_text"
