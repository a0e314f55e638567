"""A language in which every message stands in brackets, made of what `makemessages` finds; and a reader of what does not."""

from __future__ import annotations

import gettext
import io
import json
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import chdir
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import allauth
import django
from django.core.management import call_command
from django.test import override_settings

from tests.arch.sources import ROOT
from tests.arch.test_words import NAMES, READ_ATTRIBUTES, WORD

LANGUAGE = "xx"
OPEN, CLOSE = "⟦", "⟧"
TOOLS = ("xgettext", "msguniq", "msgmerge", "msgattrib", "msgen", "msgfmt")
# What others bring along speaks for itself; which words are theirs is known by a translation of theirs.
OTHERS = (Path(django.__file__).parent, Path(allauth.__file__).parent)
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
NOT_READ = {"code", "kbd", "pre", "script", "style", "svg", "textarea"}
# What scripts say of a page, they take from here.
SAID_BY_SCRIPTS = {"data-asks", "data-n", "data-pause", "data-play", "data-seek", "data-words"}


def extract(folder: Path) -> Path:
    """A compiled catalogue of every message of the product, under this folder; the source stays as it is."""
    for name in ("templates", "playground"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "cards", "migrations", "tests"))
    locale = folder / "locale"
    locale.mkdir()
    with chdir(folder), override_settings(LOCALE_PATHS=[locale]):
        call_command("makemessages", locale=[LANGUAGE], no_location=True, verbosity=0)
    written = locale / LANGUAGE / "LC_MESSAGES" / "django.po"
    english = subprocess.run(["msgen", str(written)], check=True, capture_output=True).stdout
    english = english.replace(b"nplurals=INTEGER; plural=EXPRESSION;", b"nplurals=2; plural=(n != 1);")
    command = ["msgfmt", "--use-fuzzy", "--output-file", str(written.with_suffix(".mo")), "-"]
    subprocess.run(command, input=english, check=True, capture_output=True)
    return locale


class Bracketed(gettext.GNUTranslations):
    """What is in the catalogue, and what Django and allauth say themselves; everything else stays bare."""

    def __init__(self, compiled: Path) -> None:
        super().__init__(io.BytesIO(compiled.read_bytes()))
        ours: dict[str | tuple[str, int], str] = dict(vars(self)["_catalog"])
        self._catalog = {key: bracketed(text) for key, text in (_words_of_others() | ours).items()}

    def language(self) -> str:
        return LANGUAGE

    to_language = language


def catalogue_of(language: gettext.NullTranslations) -> dict[str | tuple[str, int], str]:
    """By the message, or by the message and the number of its plural form."""
    return dict(vars(language)["_catalog"])


def bracketed(text: str) -> str:
    """Spaces at the ends stay outside."""
    inner = text.strip()
    return text.replace(inner, f"{OPEN}{inner}{CLOSE}", 1) if inner else text


@cache
def _words_of_others() -> dict[str | tuple[str, int], str]:
    found: dict[str | tuple[str, int], str] = {}
    for compiled in (path for place in OTHERS for path in place.rglob("de/LC_MESSAGES/django.mo")):
        keys = catalogue_of(gettext.GNUTranslations(io.BytesIO(compiled.read_bytes())))
        found |= {key: _english(key) for key in keys if key}
    return found


def _english(key: str | tuple[str, int]) -> str:
    """The plural is not in a catalogue; for whoever only looks for brackets, the singular will do."""
    return (key if isinstance(key, str) else key[0]).rpartition("\x04")[2]


class BareWords(HTMLParser):
    """Collects the pieces of a page outside of brackets. A message may hold elements: a bracket is open across them.

    One that was cut off ends with the element that it began in.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.elements: list[str] = []
        self.brackets: list[int] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.elements.append(tag)
        for name, value in attrs:
            if name in READ_ATTRIBUTES | SAID_BY_SCRIPTS and value:
                self.pieces += outside(value)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.elements:
            while self.elements.pop() != tag:
                pass
        self.brackets = [depth for depth in self.brackets if depth <= len(self.elements)]

    def handle_data(self, data: str) -> None:
        if NOT_READ.isdisjoint(self.elements):
            self.pieces += outside(data, self.brackets, len(self.elements))


def outside(text: str, brackets: list[int] | None = None, depth: int = 0) -> Iterator[str]:
    """The pieces of a text that stand in no brackets; `brackets` are those that are open already, and are kept up to date."""
    brackets = [] if brackets is None else brackets
    for piece in re.split(f"([{OPEN}{CLOSE}])", text):
        if piece == OPEN:
            brackets.append(depth)
        elif piece == CLOSE:
            del brackets[-1:]
        elif not brackets and piece.strip():
            yield " ".join(piece.split())


def bare_words(page: str, data: Iterable[str]) -> list[str]:
    """What people read on a page that is neither in brackets nor data."""
    reader = BareWords()
    reader.feed(page)
    reader.close()
    longest_first = sorted(set(data), key=len, reverse=True)
    names = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")
    return [left for piece in dict.fromkeys(reader.pieces) if (left := _without_data(piece, names))]


# Addresses, ids, file names, paths, numbers with their units, and times.
PATTERNS = re.compile(
    r"\S+@\S+|\b[0-9a-f]{8}(?:-[0-9a-f]{4,12}){4}\b|\bsk-[\w…-]+|https?://\S+|\b[0-9a-f]{7,}…?(?!\w)|\S+\.(?:mp4|webp|jpg|png|zip)\b|/?[\w.-]+(?:/[\w.{}-]+)+|\b\w+_\w+\b|\b[A-Z]{2,}_[A-Z_]+\b"
)


def _without_data(piece: str, names: re.Pattern[str]) -> str:
    left = [PATTERNS.sub(" ", names.sub(" ", part)) for part in piece.split(" · ") if _trimmed(part) not in card_texts()]
    return piece if any(word not in NAMES for part in left for word in WORD.findall(part)) else ""


def _trimmed(text: str) -> str:
    """Without what joins it to its neighbours."""
    return text.strip(" ·,:;()“”–—+×0123456789/…≈$.")


@cache
def card_texts() -> set[str]:
    """Whatever stands in a card: titles, names and values of fields, examples. They count as a whole only."""
    found = set()
    for path in (ROOT / "playground" / "catalog" / "cards").rglob("*.json"):
        found |= {_trimmed(" ".join(text.split())) for text in _texts(json.loads(path.read_text(encoding="utf-8")))}
    return found


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)
