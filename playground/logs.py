"""Log lines that text from outside cannot forge, and in which no key stands."""

from __future__ import annotations

import logging
from typing import Any

from playground.core.redaction import redact


class OneLineFormatter(logging.Formatter):
    """Escapes control characters in messages, so that a prompt cannot start a line of its own or move a cursor.

    A traceback keeps its lines, indented: what an exception quotes from outside never begins at the margin.
    """

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:
        return _printable(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:
        return "\n".join("  " + _printable(line) for line in super().formatException(ei).split("\n"))


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
