"""Mail on its way through the queue: encrypted there, because it carries codes and links that sign people in."""

from __future__ import annotations

import json
import logging
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage

from playground.core.sealing import Unreadable, seal, unseal

logger = logging.getLogger(__name__)
LABEL = "mail"


def sealed(message: EmailMessage) -> str:
    parts = {"subject": str(message.subject), "body": str(message.body), "from": message.from_email, "to": list(message.to)}
    return seal(json.dumps(parts), secret_key=settings.SECRET_KEY, label=LABEL)


def deliver(letter: str) -> None:
    """Hand the message to the mail server. What it refuses is logged without its text."""
    try:
        text = unseal(letter, secret_key=settings.SECRET_KEY, label=LABEL)
    except Unreadable:
        logger.error("A mail could not be read: SECRET_KEY has changed since it was written")
        return
    parts = json.loads(text)
    try:
        EmailMessage(parts["subject"], parts["body"], parts["from"], parts["to"]).send()
    except (OSError, SMTPException) as error:
        logger.error("A mail could not be sent: %s %s", type(error).__name__, str(error)[:200])
