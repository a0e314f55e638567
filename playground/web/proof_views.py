"""For owners: what must be true of the ledger, whether it is, and since when that is known."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from playground.accounts import ratelimit
from playground.accounts.models import Membership
from playground.accounts.permissions import Permission
from playground.credits import proof
from playground.web.access import allowed
from playground.web.htmx import fresh

# The check reads the whole ledger of the installation.
CHECKS_PER_MINUTE = 2


@require_safe
@allowed(Permission.CREDITS)
def ledger_proof(request: HttpRequest, membership: Membership) -> HttpResponse:
    """What is broken is named to whoever runs the installation only: it may be another team's."""
    states = proof.states()
    context = {
        "nav": "credits",
        "states": states,
        "broken": sum(state.is_kept is False for state in states),
        "unchecked": sum(state.is_kept is None for state in states),
        "is_operator": membership.user.is_operator,
    }
    return fresh(request, "credits/proof.html", context)


@require_POST
@allowed(Permission.CREDITS)
def check_now(request: HttpRequest, membership: Membership) -> HttpResponse:
    seconds = ratelimit.allow("ledger-proof", "all", CHECKS_PER_MINUTE)
    if seconds is not None:
        words = _("Checked a moment ago. The next check may begin in %(seconds)s s.")
        messages.info(request, words % {"seconds": round(seconds) + 1})
        return redirect("credits-proof")
    broken = sum(not finding.is_kept for finding in proof.prove())
    if broken:
        words = ngettext("Checked: %(count)s of the rules does not hold.", "Checked: %(count)s of the rules do not hold.", broken)
        messages.error(request, words % {"count": broken})
    else:
        messages.success(request, _("Checked: everything holds."))
    return redirect("credits-proof")
