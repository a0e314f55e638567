from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from playground.accounts.models import Membership
from playground.web.access import member_required
from playground.web.announce import say
from playground.web.context import shell_for
from playground.web.htmx import fresh, is_htmx
from playground.web.searching import QUERY_LENGTH, Found, found_for


@require_safe
@member_required
def search(request: HttpRequest, membership: Membership) -> HttpResponse:
    """The page, or for the dialog of the top bar what was found alone."""
    text = " ".join(request.GET.get("q", "").split())[:QUERY_LENGTH]
    found = found_for(membership, shell_for(request).mode, text)
    context = {"q": text, "found": found}
    if not is_htmx(request):
        return fresh(request, "search/search.html", context)
    response = fresh(request, "search/_found.html", context)
    return say(response, ", ".join(_counts(found)) or _("Nothing matches"))


def _counts(found: Found) -> Iterator[str]:
    models, takes, pages = len(found.models) + found.more_models, len(found.takes), len(found.pages)
    if models:
        yield ngettext("%(count)s model", "%(count)s models", models) % {"count": models}
    if takes:
        yield ngettext("%(count)s take", "%(count)s takes", takes) % {"count": takes}
    if pages:
        yield ngettext("%(count)s page", "%(count)s pages", pages) % {"count": pages}
