"""Mail as its reader gets it: out of the queue, through the mail server."""

from __future__ import annotations

import re

from django.core import mail
from django.core.mail import EmailMessage
from django_q.models import OrmQ

from playground.jobs import tasks


def delivered() -> list[EmailMessage]:
    """Send what waits in the queue; every mail that was sent so far."""
    for row in OrmQ.objects.order_by("pk"):
        task = row.task
        if task["func"] == "playground.jobs.tasks.deliver_mail":
            tasks.deliver_mail(*task["args"])
            row.delete()
    return list(mail.outbox)


def link_in(message: EmailMessage) -> str:
    """The path and query of the one link in a mail."""
    found = re.findall(r"http://testserver(/\S+)", str(message.body))
    assert len(found) == 1, message.body
    return str(found[0])


def code_in(message: EmailMessage) -> str:
    found = re.findall(r"^[A-Z0-9]{3,}(?:-[A-Z0-9]{3,})?$", str(message.body), re.MULTILINE)
    assert len(found) == 1, message.body
    return str(found[0])
