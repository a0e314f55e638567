from __future__ import annotations


class GalleryError(Exception):
    """Base class: what was asked for cannot be done, in words for people."""
