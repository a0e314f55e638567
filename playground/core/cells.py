"""Texts from outside in the cells of a table that a spreadsheet opens."""

from __future__ import annotations

# What spreadsheets take for the beginning of a formula, also in the wide forms of East Asian keyboards.
_FORMULA = tuple("=+-@＝＋－＠")
_BLANK = tuple("\t\r\n")


def harmless(text: str) -> str:
    """The text; with an apostrophe before it where a spreadsheet would compute it."""
    is_formula = text.startswith(_BLANK) or text.lstrip(" \0\u00a0\ufeff").startswith(_FORMULA)
    return f"'{text}" if is_formula else text
