"""Our uploads in the providers' own storages: which are there, for how long, and the links under which providers read them.

A provider keeps a file for some days under its own address. It is given once, used by every job until shortly before it
is thrown away there, and given again after that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from uuid import UUID

from playground.catalog import registry
from playground.core import clock
from playground.jobs.input_files import InputFile, files_of
from playground.jobs.models import Job, ProviderFile
from playground.media import uploads
from playground.media.models import Upload

# A job may wait for hours in our queue and for an hour in theirs before its inputs are read.
MARGIN = timedelta(hours=12)
KEPT_DAYS = 7


def own_files(job: Job) -> list[tuple[InputFile, Upload]]:
    """The payload's files that are uploads of ours, each with its place."""
    try:
        card = registry.get(job.model_id, job.gateway)
    except registry.UnknownModel:
        return []
    files = files_of(card, job.payload)
    found = uploads.uploads_of_urls(job.team_id, [file.url for file in files]) if files else {}
    return [(file, found[file.url]) for file in files if file.url in found]


def addresses(provider: str, wanted: Iterable[Upload]) -> Mapping[UUID, str]:
    """The provider's addresses of those uploads that stay there long enough, by the upload's id."""
    rows = ProviderFile.objects.filter(
        provider=provider, upload_id__in={upload.pk for upload in wanted}, expires_at__gt=clock.now() + MARGIN
    )
    return dict(rows.values_list("upload_id", "url"))


def remember(provider: str, upload: Upload, url: str, *, keeps_seconds: int) -> None:
    now = clock.now()
    values = {"url": url, "uploaded_at": now, "expires_at": now + timedelta(seconds=keeps_seconds)}
    ProviderFile.objects.update_or_create(provider=provider, upload=upload, defaults=values)


def forget(provider: str, given: Iterable[Upload], *, before_seconds: float) -> int:
    """Drop addresses that a provider could not read, unless they are as fresh as `before_seconds`; how many those were."""
    old = clock.now() - timedelta(seconds=before_seconds)
    rows = ProviderFile.objects.filter(provider=provider, upload_id__in={upload.pk for upload in given}, uploaded_at__lt=old)
    return rows.delete()[0]


def remove_expired() -> int:
    return ProviderFile.objects.filter(expires_at__lt=clock.now() - timedelta(days=KEPT_DAYS)).delete()[0]
