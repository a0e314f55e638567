"""What can be wrong with a file.

MediaError
├── NotMedia      not a media file, or a damaged one
├── Unsupported   a media file of a kind that is not taken here
├── TooBig        more bytes, pixels or seconds than are taken here
├── Gone          the bytes of a stored file are no longer there
└── FetchError    nothing could be fetched from somebody else's address
"""

from __future__ import annotations


class MediaError(Exception):
    """The message is for people."""


class NotMedia(MediaError):
    """Not media, or damaged: trying the same bytes again is useless."""


class Unsupported(MediaError):
    """Media, but of a kind that is not taken here."""


class TooBig(MediaError):
    """Over a limit on bytes, pixels or seconds."""


class Gone(MediaError):
    """The bytes were erased, or the storage has lost them."""


class FetchError(MediaError):
    """Nothing came from an address: it is not reachable, not allowed, or answers something else than a file."""
