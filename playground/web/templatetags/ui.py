"""How numbers, times and icons are written on every page."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from django import template
from django.conf import settings
from django.core.files.storage import storages
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from lucide.templatetags.lucide import lucide

from playground.catalog.pricing import Quote
from playground.core import clock, money, speech
from playground.core.money import format_credits, format_usd
from playground.jobs.models import Take
from playground.media import signing
from playground.web import take_links

register = template.Library()
BAR_AT_TYPICAL, BAR_MAXIMUM = 0.9, 0.97


@register.simple_tag
@lru_cache(maxsize=256)
def icon(name: str, extra_class: str = "") -> str:
    """A Lucide icon, drawn in place; decoration only, so the text or label beside it carries the meaning."""
    attributes = {"class": f"i {extra_class}".strip(), "aria_hidden": "true"}
    return lucide(name, size=16, stroke_width="1.75", **attributes)


@register.simple_tag
def own_scripts() -> str:
    """The scripts that every page loads: one file where static files were collected, else each of them."""
    storage = storages["staticfiles"]
    names = list(getattr(storage, "bundles", {})) or settings.OWN_SCRIPTS
    return format_html_join("\n", '<script src="{}" defer></script>', ([storage.url(name)] for name in names))


@register.simple_tag
def media_url(take: Take, rendition: str) -> str:
    """A signed link for a page: a path without host, since the page may be open under another name than PUBLIC_URL."""
    url = signing.signed_url(take.pk, rendition, audience="job", ttl_seconds=signing.PAGE_TTL_SECONDS)
    return url.removeprefix(settings.PUBLIC_URL)


@register.filter
def thousands(number: int) -> str:
    """`12,445`."""
    return f"{number:,}"


@register.filter
def credits(millicredits: int | None) -> str:
    return format_credits(millicredits or 0)


@register.filter
def credits_words(millicredits: int | None) -> str:
    """`1 credit`, `35 credits`."""
    amount = millicredits or 0
    # Everything but exactly one is written in the plural, also the half of one.
    count = 1 if amount == 1000 else max(2, abs(amount) // 1000)
    return ngettext("%(credits)s credit", "%(credits)s credits", count) % {"credits": format_credits(amount)}


@register.filter
def signed_credits(millicredits: int) -> str:
    return f"+{format_credits(millicredits)}" if millicredits > 0 else format_credits(millicredits)


@register.filter
def usd(millicredits: int | None, usd_per_credit: Decimal) -> str:
    return format_usd(millicredits or 0, usd_per_credit)


@register.filter
def quote_usd(quote: Quote | None, usd_per_credit: Decimal) -> str:
    """`≈ $0.18`, `≈ $0.06–0.24`; nothing for what is free or unknown."""
    if quote is None or quote.max_millicredits == 0:
        return ""
    low, high = (money.usd(amount, usd_per_credit) for amount in (quote.min_millicredits, quote.max_millicredits))
    if high == 0:
        return "< $0.01"
    return f"≈ ${low:,.2f}–{high:,.2f}" if low != high else f"≈ ${high:,.2f}"


@register.filter
def clock_time(seconds: float | None) -> str:
    """`0:41`, `1:11`, `1:02:05`."""
    whole = max(0, int(seconds or 0))
    hours, rest = divmod(whole, 3600)
    minutes, seconds_left = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{seconds_left:02d}" if hours else f"{minutes}:{seconds_left:02d}"


@register.filter
def seconds(value: float | Decimal | None) -> str:
    """`5 s`, `2.5 s`."""
    return _("%(seconds)s s") % {"seconds": f"{round(float(value or 0), 1):g}"}


@register.filter
def epoch_ms(moment: datetime) -> int:
    return clock.to_ms(moment)


@register.filter
def elapsed_seconds(moment: datetime) -> float:
    return max(0.0, (clock.now() - moment).total_seconds())


@register.filter
def bar(elapsed: float, typical: float | None) -> str:
    """Where the bar stands when the upstream says nothing: the same curve as tick.js, never full before success."""
    share = elapsed / max(1.0, typical or 120.0)
    if share <= 1:
        position = BAR_AT_TYPICAL * share
    else:
        position = BAR_AT_TYPICAL + (BAR_MAXIMUM - BAR_AT_TYPICAL) * (1 - 2.718281828 ** (1 - share))
    return percent(position)


@register.filter
def percent(share: float | None) -> str:
    return f"{100 * (share or 0):.1f}%"


@register.filter
def hundredth(progress: int | None) -> float | None:
    """A job's progress in per cent as a share."""
    return None if progress is None else progress / 100


@register.filter
def day(moment: datetime) -> str:
    """`Today`, `Yesterday`, `20 November`, `20 November 2025`, by the viewer's calendar."""
    local, today = timezone.localtime(moment).date(), timezone.localdate()
    difference = (today - local).days
    if difference in (0, 1):
        return _("Yesterday") if difference else _("Today")
    # Translators: a date as Django writes it: day and month.
    this_year = pgettext("date format", "j F")
    return format_date(local, this_year if local.year == today.year else pgettext("date format", "j F Y"))


@register.filter
def ratio(aspect: str) -> str:
    """`16:9` as the number that CSS wants, `1.7778`."""
    width, _, height = aspect.partition(":")
    try:
        return f"{float(width) / float(height):.4f}"
    except (ValueError, ZeroDivisionError):
        return "1.7778"


@register.filter
def said(text: str) -> str:
    """A text of a model's card, in the reader's language."""
    return speech.said(text)


@register.filter
def letter(name: str) -> str:
    return name[:1].upper()


@register.simple_tag
def tile_id(take: Take) -> str:
    """The gallery tile that stands for a take."""
    return take_links.tile_id(take.job, take)
