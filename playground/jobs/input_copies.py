"""Local files for what a payload points at, before anything is drawn: uploads, files on the web, the clip of an earlier take.

Nothing is opened here; that happens in the limited child. What cannot be had is told in a note, and drawn as a stand-in.
"""

from __future__ import annotations

import queue
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from django.conf import settings
from django.core.files.storage import FileSystemStorage

from playground.catalog import registry
from playground.catalog.card import Card
from playground.catalog.inputs import Input, inputs_of
from playground.jobs.models import Job, Take
from playground.jobs.parents import task_uuid
from playground.media import files, uploads, web_files
from playground.media.errors import Gone, MediaError
from playground.media.models import StoredFile

# Test mode draws a stand-in rather than wait: smaller and faster than what is allowed for an upload.
FETCH_BYTES = 128 * 1024**2
FETCH_SECONDS = 60.0
_FETCHERS = 4
_LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Copies:
    """`paths` by the URL or task id in the payload; `notes` name what is missing."""

    paths: Mapping[str, str]
    notes: tuple[str, ...]


def copies_for(job: Job, folder: Path, keep: Callable[[], None]) -> Copies:
    """Everything that a job's clip can be made of. `keep` is called meanwhile and ends the work by raising."""
    try:
        card = registry.get(job.model_id, job.gateway)
    except registry.UnknownModel:
        return Copies({}, ())
    inputs = {file.url: file for file in inputs_of(card, job.payload)}
    paths: dict[str, Path] = {}
    missing: dict[str, str] = {}
    web: list[tuple[str, Path]] = []
    for number, (url, file) in enumerate(inputs.items()):
        target = folder / f"input-{number}"
        try:
            found = _own_file(job, card, file, target)
        except MediaError as error:
            missing[url] = str(error)
            continue
        if found is None:
            web.append((url, target))
        else:
            paths[url] = found
    missing |= _fetch(job.team_id, web, keep)
    paths |= {url: target for url, target in web if url not in missing}
    notes = (f"{card.field_title(inputs[url].field)} could not be fetched: {reason}" for url, reason in missing.items())
    return Copies({url: str(path) for url, path in paths.items()}, tuple(dict.fromkeys(notes)))


def _own_file(job: Job, card: Card, file: Input, target: Path) -> Path | None:
    """The file of ours behind an input; None for an address on the web. Raises MediaError for one of ours that is gone."""
    if card.properties[file.field].get("x-ref") == "task":
        return _local(_parent_clip(job, file.url), target)
    if path := uploads.local_file(job.team_id, file.url):
        return path
    upload = uploads.uploads_of_urls(job.team_id, [file.url]).get(file.url)
    if upload is not None:
        return _local(upload.stored, target)
    if uploads.missing(job.team_id, [file.url]):
        raise Gone("This upload is gone.")
    return None


def _parent_clip(job: Job, task: str) -> StoredFile:
    """The result of an earlier take that the payload names, by its index where it has several."""
    wanted = job.payload.get("index")
    job_id = task_uuid(task)
    if job_id is None:
        raise Gone("There is no take with this id.")
    takes = Take.objects.filter(job_id=job_id, job__team_id=job.team_id, job__mode=job.mode, deleted_at=None)
    found = list(takes.select_related("video").order_by("index"))
    if not found:
        raise Gone("There is no take with this id.")
    return next((take for take in found if take.index == wanted), found[0]).video


def _local(stored: StoredFile, target: Path) -> Path:
    if stored.deleted_at is not None:
        raise Gone("The file was erased.")
    storage = files.default_storage()
    if isinstance(storage, FileSystemStorage):
        path = Path(storage.path(stored.storage_name))
        if not path.is_file():
            raise Gone("The file is no longer in the storage.")
        return path
    with files.open_file(stored.storage_name) as source, target.open("wb") as copy:
        shutil.copyfileobj(source, copy)
    return target


def _fetch(team_id: int, wanted: Sequence[tuple[str, Path]], keep: Callable[[], None]) -> dict[str, str]:
    """Fetch addresses side by side; returns why some are missing. Those that failed a moment ago are not tried again."""
    missing = web_files.unreachable(team_id, [url for url, _ in wanted])
    waiting: queue.SimpleQueue[tuple[str, Path]] = queue.SimpleQueue()
    open_urls = {url for url, _ in wanted if url not in missing}
    for url, target in wanted:
        if url in open_urls:
            waiting.put((url, target))
    done: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
    # Daemons, because nothing can stop a transfer: what comes too late lies in a folder that is thrown away.
    for _ in range(min(_FETCHERS, len(open_urls))):
        Thread(target=_fetcher, args=(waiting, done), name="input", daemon=True).start()
    end, next_keep = time.monotonic() + FETCH_SECONDS, time.monotonic()
    while open_urls and time.monotonic() < end:
        if time.monotonic() >= next_keep:
            keep()
            next_keep = time.monotonic() + settings.LEASE_SECONDS / 6
        try:
            url, reason = done.get(timeout=_LOOK_SECONDS)
        except queue.Empty:
            continue
        open_urls.discard(url)
        if reason:
            missing[url] = reason
    return missing | dict.fromkeys(open_urls, f"It did not arrive within {FETCH_SECONDS:g} s.")


def _fetcher(waiting: queue.SimpleQueue[tuple[str, Path]], done: queue.SimpleQueue[tuple[str, str]]) -> None:
    while True:
        try:
            url, target = waiting.get_nowait()
        except queue.Empty:
            return
        try:
            web_files.fetch(url, target, max_bytes=FETCH_BYTES)
        except MediaError as error:
            done.put((url, str(error)))
        except Exception as error:
            done.put((url, f"{type(error).__name__}."))
        else:
            done.put((url, ""))
