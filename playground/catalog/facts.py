"""What a payload itself does not say and its price and its checks depend on: its media, and the task it continues."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """One input file as it was measured. None is "not known"; `content_type` is what the bytes are, whatever the name."""

    content_type: str = ""
    size_bytes: int | None = None
    width: int | None = None
    height: int | None = None
    seconds: Decimal | None = None
    fps: Decimal | None = None
    has_audio: bool | None = None
    pages: int | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """`media` by the URL as it stands in the payload (a URL that nobody could look at is not in it); `parent` by the
    name of the price axis (`source_resolution`), empty while the earlier task is not known."""

    media: Mapping[str, MediaFacts] = field(default_factory=dict)
    parent: Mapping[str, str] = field(default_factory=dict)

    def seconds_of(self, url: str) -> Decimal | None:
        found = self.media.get(url)
        return found.seconds if found else None


NOTHING_KNOWN = Facts()
