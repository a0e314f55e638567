"""Log lines that text from outside cannot forge."""

from __future__ import annotations

import logging


class OneLineFormatter(logging.Formatter):
    """Escapes control characters in messages, so that a prompt cannot start a line of its own or move a cursor."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        line = super().formatMessage(record)
        return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in line)
