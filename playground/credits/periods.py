"""The periods of budgets and roll-ups: hours, and days and months of the installation's time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from playground.core import clock
from playground.credits.models import Period

# A total has no beginning; any day that never comes will do.
BEGINNING = date(1970, 1, 1)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def day_of(moment: datetime) -> date:
    """The day of the installation in which a moment lies, whatever zone its viewer reads in."""
    return moment.astimezone(zone()).date()


def today() -> date:
    return day_of(clock.now())


def start_of(period: str, day: date) -> date:
    """The first day of the day, month or total in which `day` lies."""
    if period == Period.DAY:
        return day
    return day.replace(day=1) if period == Period.MONTH else BEGINNING


def began(period: str, at: datetime) -> datetime:
    """The moment at which the period began in which `at` lies. Hours are UTC's: no change of clocks makes one longer."""
    if period == Period.HOUR:
        return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return _NEVER if period == Period.TOTAL else midnight(start_of(period, day_of(at)))


def ends(period: str, start: datetime) -> datetime | None:
    """When the period after the one that began at `start` begins; None for a total."""
    if period == Period.HOUR:
        return start + timedelta(hours=1)
    day = day_of(start)
    if period == Period.DAY:
        return midnight(day + timedelta(days=1))
    return midnight((day + timedelta(days=32)).replace(day=1)) if period == Period.MONTH else None


def midnight(day: date) -> datetime:
    """The moment at which a day begins."""
    return datetime.combine(day, time.min, zone())


def words(period: str, start: datetime) -> str:
    """`for November`, `for today`, `for this hour`, `in total`."""
    if period == Period.TOTAL:
        return _("in total")
    if period == Period.HOUR:
        return _("for this hour")
    day = day_of(start)
    if period == Period.DAY:
        return _("for today") if day == today() else _("for %(day)s") % {"day": day_words(day)}
    return _("for %(month)s") % {"month": date_format(day, "F")}


def begins_anew(period: str, start: datetime) -> str:
    """`It begins anew on 1 December.`; for a total, who can help."""
    following = ends(period, start)
    if following is None:
        return _("An owner or admin of the team can raise it.")
    return _("It begins anew %(when)s.") % {"when": moment_words(period, following)}


def moment_words(period: str, following: datetime) -> str:
    """`on 1 December`, `at 15:00 UTC`."""
    if period == Period.HOUR:
        there = following.astimezone(zone())
        return _("at %(time)s") % {"time": f"{there:%H:%M %Z}"}
    return _("on %(day)s") % {"day": day_words(day_of(following))}


def day_words(day: date) -> str:
    """`1 December`."""
    return date_format(day, "j F")
