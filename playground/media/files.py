"""Bytes in and out of the default storage, under names that only this package invents.

A file is complete or not there: on disk it is written under a temporary name beside its place and renamed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage, storages

from playground.core import clock
from playground.core.speech import gettext_noop
from playground.media.errors import Gone

TEMPORARY_SUFFIX = ".part"


def default_storage() -> Storage:
    return storages["default"]


def new_name(team_id: int, extension: str) -> str:
    """`<team>/<yyyy>/<mm>/<uuid>.<extension>`: folders stay small, a team's files stay together."""
    now = clock.now()
    return f"{team_id}/{now:%Y}/{now:%m}/{uuid.uuid4()}.{extension}"


def work_directory() -> tempfile.TemporaryDirectory[str]:
    """A private folder on the same disk as the storage, so that a result moves in by renaming."""
    parent = Path(settings.DATA_DIR) / "tmp"
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return tempfile.TemporaryDirectory(prefix="media-", dir=parent)


def put(source: Path, name: str) -> None:
    """Move a local file into the storage. Afterwards `source` is gone on disk storage, untouched on any other."""
    storage = default_storage()
    if isinstance(storage, FileSystemStorage):
        _move_durably(source, Path(storage.path(name)))
        return
    with source.open("rb") as file:
        saved = storage.save(name, File(file))
    if saved != name:
        storage.delete(saved)
        raise FileExistsError(name)


def _move_durably(source: Path, target: Path) -> None:
    """Rename, after the bytes are on the disk: a row that says "stored" must not outlive its file at a power cut."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = target.parent / f".{target.name}{TEMPORARY_SUFFIX}"
    try:
        source.rename(temporary)
    except OSError:  # another disk
        shutil.copyfile(source, temporary)
        source.unlink()
    temporary.chmod(0o600)
    _sync(temporary)
    temporary.replace(target)
    _sync(target.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def delete(name: str) -> None:
    """Remove a file; nothing happens when it is not there."""
    default_storage().delete(name)


def open_file(name: str) -> File[bytes]:
    """The file, open for reading; the caller closes it. Raises Gone."""
    try:
        return default_storage().open(name)
    except FileNotFoundError:
        raise Gone(gettext_noop("The file is no longer in the storage.")) from None


def read(name: str, start: int, end: int) -> bytes:
    """Bytes from `start` up to, not including, `end`. Raises Gone."""
    with open_file(name) as file:
        file.seek(start)
        data: bytes = file.read(end - start)
        return data


@contextmanager
def local_copy(name: str) -> Iterator[Path]:
    """The file as one on this machine's disk, the stored one itself where it is there: not to be changed. Raises Gone."""
    storage = default_storage()
    if isinstance(storage, FileSystemStorage):
        path = Path(storage.path(name))
        if not path.is_file():
            raise Gone(gettext_noop("The file is no longer in the storage."))
        yield path
        return
    with work_directory() as folder, open_file(name) as file:
        path = Path(folder) / "copy"
        with path.open("wb") as target:
            shutil.copyfileobj(file, target, 1024 * 1024)
        yield path


def storage_is_alive() -> bool:
    """Whether something can be written to the storage and read back; for the health check."""
    storage = default_storage()
    content = uuid.uuid4().bytes
    try:
        name = storage.save(f"health/{uuid.uuid4()}", ContentFile(content))
        try:
            with storage.open(name) as file:
                return bool(file.read() == content)
        finally:
            storage.delete(name)
    except Exception:  # whatever a storage backend raises, it is not alive
        return False


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def walk(folder: str = "") -> Iterator[tuple[str, datetime]]:
    """Every file of the storage with the time of its last change."""
    storage = default_storage()
    try:
        folders, names = storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in names:
        path = f"{folder}/{name}" if folder else name
        try:
            yield path, storage.get_modified_time(path)
        except FileNotFoundError:  # somebody else removed it meanwhile
            continue
    for child in folders:
        yield from walk(f"{folder}/{child}" if folder else child)
