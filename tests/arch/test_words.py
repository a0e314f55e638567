"""Whatever people read goes through gettext, so that a translation is one file."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.template.base import Lexer, TokenType

from tests.arch.sources import ROOT, Source, name_called, python_files, templates

# The same in every language: names, units and formats.
NAMES = {
    "Rushes", "KIE", "ModKie", "JSON", "API", "USD", "CSV", "MP", "MB", "kB", "px", "cURL", "Python", "JavaScript", "ms", "GET", "POST",
    "PostgreSQL", "SQLite", "https", "http", "sk", "cr", "URL", "CLI", "ID", "fps", "HTTP", "Esc", "Ctrl", "Enter", "UTC", "TOTP", "SVG",
    "OpenAPI", "Aleph", "createTask", "recordInfo", "taskId", "WebP", "PNG", "JPEG", "ZIP", "IP", "HMAC", "Space", "Shift", "HEAD",
}  # fmt: skip
WORD = re.compile(r"[^\W\d_]{2,}")
READ_ATTRIBUTES = {"title", "aria-label", "aria-description", "placeholder", "alt", "aria-valuetext", "aria-roledescription"}
NOT_READ = {"code", "kbd", "pre", "script", "style", "svg"}
LITERAL = re.compile(r"""(?<![\w(])(?P<name>[\w-]+=)?(?P<quote>["'])(?P<text>(?:(?!(?P=quote)).)*)(?P=quote)""")
SENTENCE = re.compile(r"^(?:[A-Z][^\W\d_]*['’]?[a-z]*|[a-z]+)(?: .*)?$")
# Stands for a tag or a value of the template; a parser takes it for a part of a name or a value, and nobody for a word.
HOLE = "\ue000"
TAGS_WITHOUT_WORDS = {
    "url",
    "load",
    "static",
    "extends",
    "translate",
    "trans",
    "blocktranslate",
    "blocktrans",
    "endblocktranslate",
    "if",
    "elif",
}


class Texts(HTMLParser):
    """Collects what a person would read."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in READ_ATTRIBUTES and value]
        if tag.rstrip(HOLE) in NOT_READ:
            self.within.append(tag.rstrip(HOLE))

    def handle_endtag(self, tag: str) -> None:
        if self.within and self.within[-1] == tag:
            self.within.pop()

    def handle_data(self, data: str) -> None:
        if not self.within:
            self.found.append(data)


def is_words(text: str) -> bool:
    return any(word not in NAMES for word in WORD.findall(text))


def untranslated(path: Path) -> Iterator[str]:
    """Text between the tags and literals within them that no `translate` or `blocktranslate` reads."""
    pieces: list[str] = []
    within = False
    for token in Lexer(path.read_text(encoding="utf-8")).tokenize():
        if token.token_type is TokenType.BLOCK:
            name = token.contents.split()[0]
            if name in ("blocktranslate", "blocktrans", "comment"):
                within = True
            elif name in ("endblocktranslate", "endblocktrans", "endcomment"):
                within = False
            elif name not in TAGS_WITHOUT_WORDS:
                yield from literals(token.contents)
            # A tag stands for anything: `class="{% if … %}"` stays one attribute.
            pieces.append(HOLE)
        elif token.token_type is TokenType.VAR:
            yield from literals(token.contents)
            pieces.append(HOLE)
        elif token.token_type is TokenType.TEXT and not within:
            pieces.append(token.contents)
    parser = Texts()
    parser.feed("".join(pieces))
    parser.close()
    yield from (" ".join(text.replace(HOLE, "…").split()) for text in parser.found if is_words(text))


def literals(contents: str) -> Iterator[str]:
    """`label="Save changes"` is read by people, `kind="queued"` is not: a capital or a space tells them apart."""
    for match in LITERAL.finditer(contents):
        text = match["text"]
        if (
            is_words(text)
            and (text[:1].isupper() or " " in text.strip())
            and "/" not in text
            and (match["name"] or "").rstrip("=") not in ("class", "autocomplete")
        ):
            yield text


# What reads as words and is none: a class of the body, a value of CSS, an address of the API.
NO_WORDS_OF_TEMPLATES = {
    "templates/jobs/task.html": ("nobar",),
    "templates/playground/_code.html": ("POST /api/v1/", "jobs/"),
    "templates/playground/playground.html": ("nobar",),
    "templates/shares/base.html": ("light dark",),
    "templates/takes/take.html": ("nobar",),
    # Names of products, addresses and fields, as programs write them.
    "templates/docs/_more.html": ("Veo", "veo/", "Runway", "runway/", "Aleph", "aleph/", "ai.video.", "credits.balance", "models."),
    "templates/docs/docs.html": ("OpenAPI 3.1",),
    "templates/docs/model.html": ("POST /api/v1/", "jobs/", "model"),
}


@pytest.mark.parametrize("path", templates(), ids=lambda path: path.relative_to(ROOT / "templates").as_posix())
def test_a_template_s_words_go_through_gettext(path: Path) -> None:
    no_words = NO_WORDS_OF_TEMPLATES.get(path.relative_to(ROOT).as_posix(), ())
    assert [found for found in untranslated(path) if not any(text in found for text in no_words)] == []


# What these are given is not for people who use the pages: logs, operators, programmers.
NOT_FOR_PEOPLE = {
    "debug", "info", "warning", "error", "exception", "critical", "getLogger", "AssertionError", "RuntimeError", "ImproperlyConfigured",
    "TypeError", "KeyError", "LookupError", "NotImplementedError", "compile", "execute", "RunSQL", "failpoint", "register",
    "environment", "filter", "simple_tag", "inclusion_tag", "Http404", "Signer", "format_date", "strftime", "strptime",
}  # fmt: skip
GETTEXT = {
    "_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy", "npgettext", "gettext_noop", "counted",
}  # fmt: skip
# A capital, then words: what a person would call a sentence or a label.
READS_AS_WORDS = re.compile(r"^[A-Z“][^\W\d_]*(?:['’][a-z]+)?(?:[,:]? [^\W\d_(“\"'{]|[.…]$).*|^ ?[a-z]+,? [a-z]+ .*[a-z]", re.DOTALL)

SQL = re.compile(r"\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH|WHERE|AND|ORDER BY|CREATE|ALTER|DROP|PRAGMA|IS)\b")


def is_for_people(text: str) -> bool:
    return bool(READS_AS_WORDS.match(text)) and is_words(text) and not SQL.match(text)


def begins_small(node: ast.expr) -> bool:
    """What an exception says in lower case is for programmers: sentences for people begin with a capital."""
    if isinstance(node, ast.JoinedStr) and node.values:
        return begins_small(node.values[0])
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value[:1].islower()


def spoken(source: Source) -> Iterator[str]:
    """Strings of a module that read as words and are not handed to gettext."""
    silent: set[int] = set()
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            silent.add(id(node.value))
        elif isinstance(node, ast.Call) and name_called(node) in NOT_FOR_PEOPLE | GETTEXT:
            silent.update(id(inner) for argument in [*node.args, *(word.value for word in node.keywords)] for inner in ast.walk(argument))
        elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            silent.update(id(inner) for said in node.exc.args if begins_small(said) for inner in ast.walk(said))
        elif isinstance(node, ast.Assert):
            silent.update(id(inner) for inner in ast.walk(node))
        elif isinstance(node, ast.JoinedStr):
            silent.update(id(part) for part in node.values)
    for node in ast.walk(source.tree):
        if id(node) in silent:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and is_for_people(node.value):
            yield f"{source.at(node)}: {node.value}"
        elif isinstance(node, ast.JoinedStr):
            text = "".join(part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else "0" for part in node.values)
            if len(WORD.findall(text)) >= 2 and " " in text and is_for_people(text.lstrip("0 ")):
                yield f"{source.at(node)}: {text}"


# Rooms that speak to programs, in terminals, to whoever runs the server or writes cards, and stored words, kept in English.
NOT_FOR_PAGES = (
    "playground/api/", "playground/cli/", "playground/catalog/card_", "playground/catalog/languages.py", "playground/core/outbound.py",
    "playground/credits/invariants.py", "playground/credits/rebuilding.py", "playground/flatsql.py", "playground/gallery/demo/",
    "playground/jobs/calling.py", "playground/jobs/courier.py", "playground/jobs/drawing.py", "playground/jobs/input_copies.py",
    "playground/jobs/ledger_checks.py", "playground/jobs/pump.py", "playground/jobs/recognition.py", "playground/jobs/services/",
    "playground/jobs/submitting.py", "playground/media/limited", "playground/providers/", "playground/serving/", "playground/settings.py",
    "playground/sqlite/", "playground/supervisor/", "playground/wire/",
)  # fmt: skip
# Module: a string of it that reads as words and is none (SQL, a header, a name that stays as it is).
NOT_WORDS: dict[str, tuple[str, ...]] = {
    # For operators; and a name that is stored.
    "playground/accounts/services.py": (
        "is not an e-mail address.",
        "is not a team slug",
        "There is no team 0",
        "run create_owner first",
        "First team",
    ),
    "playground/catalog/common.py": ("A calm sea at dusk",),
    "playground/catalog/ignored.py": ("ignored in multi-shot",),
    "playground/jobs/charging.py": ("This came to",),
    "playground/media/examination.py": ("An upload was refused: %s",),
    "playground/media/models.py": (
        "What its owner called it",
        "What a program calls it",
        "Of those that the team has given",
        "Why it could not be looked at",
    ),
    "playground/web/snippets.py": ("const headers", "const answer", "const url", "ads video generate"),
    "playground/web/docs_code.py": ("const headers", "const answer", "ads video", "A calm sea at dusk"),
    "playground/webhooks/engine.py": ("not done after",),
    # Stored in the audit log, which is kept in English.
    "playground/web/factors.py": ("code by mail",),
    # What a broken rule leads to is kept in English, for whoever runs the installation.
    "playground/credits/invariants.py": (
        "the account says",
        "open holds of",
        "without a hold",
        "in another account than its hold",
        "the entries have",
        "0 counted, holds of",
        "of another amount than was held",
        "returns more than was held",
        "a release that keeps something",
    ),
    "playground/credits/proof.py": ("At least ",),
    # For the command that rebuilds; and a note that is stored in the ledger.
    "playground/credits/rebuilding.py": ("as the entries say",),
    "playground/credits/services.py": ("sum to less than nothing", "Test credits to start with"),
}


@pytest.mark.parametrize("source", python_files("playground"), ids=lambda source: source.name)
def test_a_module_s_words_go_through_gettext(source: Source) -> None:
    if source.name.startswith(NOT_FOR_PAGES) or "/management/" in source.name:
        pytest.skip("not for people")
    left = [found for found in spoken(source) if not any(text in found for text in NOT_WORDS.get(source.name, ()))]
    assert left == []
