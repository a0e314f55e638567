"""Posted files go straight to the disk of the storage; a full disk is told, not crashed on."""

from __future__ import annotations

import errno
from typing import Any

from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler
from django.http import HttpRequest

DISK_FULL = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))
_MARK = "rushes.disk_full"


def is_disk_full(request: HttpRequest) -> bool:
    """Whether the disk was full before all posted files were there."""
    return bool(request.META.get(_MARK))


class DiskHandler(TemporaryFileUploadHandler):
    """Memory is not an option, however small the file: what arrives is foreign, and the child reads it from the disk."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        with _DiskFull(self.request):
            super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        with _DiskFull(self.request):
            return super().receive_data_chunk(raw_data, start)
        return None


class _DiskFull:
    def __init__(self, request: HttpRequest | None) -> None:
        self._request = request

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError) and error.errno in DISK_FULL:
            if self._request is not None:
                self._request.META[_MARK] = "1"
            # The rest is read and dropped, so that the client comes to read the answer.
            raise StopUpload(connection_reset=False) from error
