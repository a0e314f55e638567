"""The languages that the pages are in: English, and each with a compiled translation under locale/."""

from __future__ import annotations

from pathlib import Path

from django.conf.locale import LANG_INFO
from django.utils.translation import to_language


def translations_in(folder: Path) -> list[tuple[str, str]]:
    """[("de", "Deutsch")] for locale/de/LC_MESSAGES/django.mo."""
    codes = (to_language(path.parts[-3]) for path in sorted(folder.glob("*/LC_MESSAGES/django.mo")))
    return [(code, LANG_INFO.get(code, {}).get("name_local", code)) for code in codes if code != "en"]
