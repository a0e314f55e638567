"""The picture that a job began with, as far as we keep it."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy

from playground.catalog.card import Card
from playground.catalog.intent import intent
from playground.jobs.models import Job
from playground.media import uploads

PARTS = {"first": gettext_lazy("Start frame"), "reference": gettext_lazy("Reference"), "source": gettext_lazy("Source")}


def start_frame_of(job: Job, card: Card) -> tuple[str, str] | None:
    """What it is called, and the address of its small picture. Another site's is not asked for by a page of ours."""
    files = [file for file in intent(card, job.payload).inputs if file.part in PARTS and file.kind in ("image", "any")]
    kept = uploads.uploads_of_urls(job.team_id, [file.url for file in files]) if files else {}
    first = next((file for file in files if file.url in kept and kept[file.url].thumb_id), None)
    return (str(PARTS[first.part]), reverse("upload-thumb", args=[kept[first.url].pk])) if first else None
