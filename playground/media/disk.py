"""A full disk, as whoever takes files from outside comes to know of it."""

from __future__ import annotations

import errno

from django.http import HttpRequest

DISK_FULL = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))
MARK = "rushes.disk_full"


def is_disk_full(request: HttpRequest) -> bool:
    """Whether the disk was full before all posted files were there."""
    return bool(request.META.get(MARK))
