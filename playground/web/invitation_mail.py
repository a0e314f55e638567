"""An invitation by mail. Its link carries a proof that it came through the mailbox, which a copied one lacks."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from playground.accounts.members import INVITATION_DAYS
from playground.accounts.models import Invitation
from playground.web import outgoing

PROOF = "by"
_signer = signing.Signer(salt="invitation by mail")


def send(invitation: Invitation, url: str) -> bool:
    """Send the link `url` to the invited address. False when mail is not configured: then the link is for copying.

    Show the link only if this says False: who reads it on a page proves nothing about the mailbox.
    """
    if not outgoing.is_possible():
        return False
    link = f"{url}?{urlencode({PROOF: _proof(invitation)})}"
    words = {"invitation": invitation, "url": link, "days": INVITATION_DAYS, "site_name": settings.SITE_NAME}
    subject = _("Join %(team)s on %(site)s") % {"team": invitation.team.name, "site": settings.SITE_NAME}
    body = render_to_string("mail/invitation.txt", words)
    outgoing.post(EmailMessage(" ".join(subject.split()), body, settings.DEFAULT_FROM_EMAIL, [invitation.email]))
    return True


def came_by_mail(invitation: Invitation, proof: str) -> bool:
    """Whether this link was read in the invited mailbox."""
    return constant_time_compare(proof, _proof(invitation))


def _proof(invitation: Invitation) -> str:
    # The hash changes with every new link, so an old mail proves nothing about a new one.
    return _signer.signature(f"{invitation.pk}:{invitation.email}:{invitation.token_hash}")
