"""Look at the web files of a live job before any credit is held: what the provider could not fetch is refused here."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait

from django.conf import settings
from django.db import connections
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from playground.catalog.schema import Problem
from playground.jobs.errors import InvalidInput
from playground.jobs.input_files import InputFile
from playground.media import uploads
from playground.media.web_files import Unreachable

logger = logging.getLogger(__name__)
AT_ONCE = 4


def look_at(files: Sequence[InputFile], *, team_id: int) -> None:
    """Fetch and measure these files, a few at a time; what is found is remembered for the team.

    Takes up to UPLOAD_FETCH_SECONDS in all; not for a transaction. Raises InvalidInput that points at every file that
    cannot be had, with the reason.
    """
    urls = list(dict.fromkeys(file.url for file in files))
    reasons = _reasons(team_id, urls)
    words = _("%(field)s could not be fetched: %(reason)s")
    problems = [
        Problem(file.pointer, "unreachable", words % {"field": file.title, "reason": reasons[file.url]})
        for file in files
        if file.url in reasons
    ]
    if problems:
        raise InvalidInput(problems)


def _reasons(team_id: int, urls: Sequence[str]) -> dict[str, str]:
    if len(urls) == 1:
        reason = _look(team_id, urls[0])
        return {urls[0]: reason} if reason else {}
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="look")
    try:
        looks: dict[str, Future[str]] = {url: pool.submit(_look_in_thread, team_id, url, get_language()) for url in urls}
        done, _left = wait(looks.values(), timeout=settings.UPLOAD_FETCH_SECONDS)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    found = {url: look.result() if look in done else _("It took too long.") for url, look in looks.items()}
    return {url: reason for url, reason in found.items() if reason}


def _look_in_thread(team_id: int, url: str, language: str | None) -> str:
    """In the language of whoever asks: a thread begins with none."""
    try:
        with override(language):
            return _look(team_id, url)
    except Exception:
        logger.exception("an input file could not be looked at")
        with override(language):
            return _("It could not be looked at.")
    finally:
        connections.close_all()


def _look(team_id: int, url: str) -> str:
    """Why it cannot be had, or ""."""
    found = uploads.look_at_web_file(team_id, url)
    return found.reason if isinstance(found, Unreachable) else ""
