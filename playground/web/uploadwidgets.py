"""The drop zone: the input for files of a model's field. Its values are addresses; the files went ahead of the form.

`place` says for whom it is drawn. Without one it still works, but knows neither names nor pictures of the files.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from playground.catalog import preflight
from playground.catalog.facts import MediaFacts
from playground.catalog.filetypes import type_in_words
from playground.media import uploads
from playground.media.models import Upload
from playground.web.fixbuttons import FixButton, fixes_of

NOTE_PREFIX = "_note-"
_DESCRIBED = re.compile(r"[\w \-]{0,300}")
_KIND_NAMES = {
    "image": gettext_noop("picture"),
    "video": gettext_noop("video"),
    "audio": gettext_noop("sound"),
    "application": gettext_noop("document"),
    "text": gettext_noop("document"),
}
_KIND_ICONS = {"image": "image", "video": "film", "audio": "music", "document": "file-text"}


@dataclass(slots=True)
class Note:
    """What just happened in a zone: refusals, remarks on single addresses, and results of fixes that wait for a word."""

    refusals: list[str] = field(default_factory=list)
    remarks: dict[str, str] = field(default_factory=dict)
    proposals: dict[str, str] = field(default_factory=dict)
    status: int = 200

    def to_text(self) -> str:
        return json.dumps({"refusals": self.refusals, "remarks": self.remarks, "proposals": self.proposals})

    @classmethod
    def from_text(cls, text: str) -> Note:
        try:
            kept = json.loads(text)
            return cls(list(kept["refusals"]), dict(kept["remarks"]), dict(kept["proposals"]))
        except (ValueError, KeyError, TypeError):
            return cls()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a zone stands: the team whose files it shows, the model, and what has just happened in its fields."""

    team_id: int
    gateway: str
    model_id: str
    notes: Mapping[str, Note] = field(default_factory=dict)


def place_of(team_id: int, key: tuple[str, str], data: QueryDict | None = None) -> Place:
    """The place for a form whose data came out of `uploading.absorb_files`."""
    texts = {name.removeprefix(NOTE_PREFIX): str(data[name]) for name in data if name.startswith(NOTE_PREFIX)} if data else {}
    return Place(team_id, *key, notes={name: Note.from_text(text) for name, text in texts.items()})


@dataclass(slots=True)
class Problem:
    message: str
    fixes: list[FixButton]


@dataclass(slots=True)
class Item:
    """One file in a zone, as the template shows it."""

    url: str
    index: int
    name: str
    details: str = ""
    kind: str = ""
    thumb_url: str = ""
    content_url: str = ""
    upload_id: str = ""
    remark: str = ""
    is_gone: bool = False
    problems: list[Problem] = field(default_factory=list)
    proposal: Item | None = None

    @property
    def icon(self) -> str:
        return _KIND_ICONS.get(self.kind, "link")


class UploadInput(forms.Widget):
    """`spec` is the schema of the field, or of the list of them when `many`."""

    template_name = "forms/widgets/upload.html"
    needs_multipart_form = True
    place: Place | None = None

    def __init__(self, spec: Mapping[str, Any], many: bool = False, attrs: Mapping[str, Any] | None = None) -> None:
        super().__init__(dict(attrs or {}))
        self.spec = spec
        self.many = many

    @property
    def most(self) -> int:
        return int(self.spec.get("maxItems", 1)) if self.many else 1

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        values = data.getlist(name) if hasattr(data, "getlist") else data.get(name)
        if not self.many:
            return values[-1] if isinstance(values, list) and values else values or None
        return [value for value in (values if isinstance(values, list) else [values]) if value]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data and f"{name}__file" not in files and f"{name}__url" not in data

    def format_value(self, value: Any) -> list[str]:
        values = value if isinstance(value, list | tuple) else [value]
        return [str(url) for url in values if url]

    def get_context(self, name: str, value: Any, attrs: Mapping[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, None, dict(attrs or {}))
        urls = self.format_value(value)
        note = self.place.notes.get(name, Note()) if self.place else Note()
        own = context["widget"]["attrs"]
        context["widget"] |= {
            "items": list(self._items(urls, note)),
            "refusals": note.refusals,
            "has_room": len(urls) < self.most,
            "many": self.most > 1,
            "accept": ",".join(self.spec.get("x-accept", ())),
            "noun": self.noun,
            "limits": limits_of(self.spec, self.most),
            "params": ",".join((name, f"{name}__file", f"{name}__url", "_upload", "gateway", "model", "field", "described")),
            "values": self._values(name, own),
            "quote_url": reverse("model-quote", args=(self.place.gateway, self.place.model_id)) if self.place else "",
            "described": " ".join(filter(None, (own.get("aria-describedby"), f"{own.get('id', name)}_limits"))),
            "is_invalid": own.get("aria-invalid") == "true",
        }
        return context

    def id_for_label(self, id_: str, index: Any = None) -> str:
        return id_

    @property
    def noun(self) -> str:
        """`picture`; `file` where several kinds are taken."""
        kinds = dict.fromkeys(_KIND_NAMES.get(str(accepted).partition("/")[0], "") for accepted in self.spec.get("x-accept", ()))
        return _(next(iter(kinds))) if len(kinds) == 1 and "" not in kinds else _("file")

    def _values(self, name: str, own: Mapping[str, Any]) -> str:
        if self.place is None:
            return "{}"
        described = str(own.get("aria-describedby") or "")
        return json.dumps({"gateway": self.place.gateway, "model": self.place.model_id, "field": name, "described": described})

    def _items(self, urls: Sequence[str], note: Note) -> Iterator[Item]:
        team_id = self.place.team_id if self.place else 0
        own = uploads.uploads_of_urls(team_id, [*urls, *note.proposals.values()]) if self.place else {}
        known = uploads.facts_of_urls(team_id, [url for url in urls if url not in own]) if self.place else {}
        for index, url in enumerate(urls):
            item = item_of(url, index, own.get(url), known.get(url))
            item.remark = note.remarks.get(url, "")
            item.is_gone = bool(self.place) and url not in own and uploads.upload_id_of(url) is not None
            facts = uploads.facts_of(own[url]) if url in own else known.get(url)
            item.problems = problems_of(self.spec, facts, can_fix=url in own) if facts else []
            proposed = own.get(note.proposals.get(url, ""))
            if proposed:
                item.proposal = item_of(uploads.url_of(proposed), index, proposed, None)
            yield item


def problems_of(spec: Mapping[str, Any], facts: MediaFacts, *, can_fix: bool = True) -> list[Problem]:
    found = preflight.file_problems(spec, facts)
    return [Problem(problem.message, fixes_of(problem) if can_fix else []) for problem in found]


def item_of(url: str, index: int, upload: Upload | None, facts: MediaFacts | None) -> Item:
    if upload is None:
        parts = urlsplit(url)
        name = unquote(parts.path.rpartition("/")[2]) or parts.netloc or url
        return Item(url, index, name[:120], " · ".join(filter(None, (parts.hostname or "", details_of(facts) if facts else ""))))
    own_url = uploads.url_of(upload).removeprefix(settings.PUBLIC_URL)
    thumb = reverse("upload-thumb", args=[upload.pk]) if upload.thumb_id else ""
    details = details_of(uploads.facts_of(upload))
    return Item(url, index, upload.name, details, upload.kind, thumb, own_url, str(upload.pk))


def details_of(facts: MediaFacts) -> str:
    """`1280×720 · 5.2 s · 24 fps · with sound · 3.1 MB · MP4`."""
    parts = [
        f"{facts.width}×{facts.height}" if facts.width and facts.height else "",
        f"{facts.seconds:.1f} s" if facts.seconds is not None else "",
        f"{facts.fps.normalize():f} fps" if facts.fps else "",
        _("no sound") if facts.has_audio is False and facts.content_type.startswith("video/") else "",
        _("%(count)s pages") % {"count": facts.pages} if facts.pages else "",
        size_words(facts.size_bytes) if facts.size_bytes else "",
        type_in_words(facts.content_type),
    ]
    return " · ".join(part for part in parts if part)


def size_words(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:,.1f} MB" if size_bytes >= 100_000 else f"{max(1, size_bytes // 1000)} kB"


def limits_of(spec: Mapping[str, Any], most: int) -> str:
    """`JPEG, PNG · up to 10 MB`: what somebody wants to know before they look for a file."""
    names = dict.fromkeys(filter(None, (type_in_words(str(accepted)) for accepted in spec.get("x-accept", ()))))
    media = spec.get("x-media", {})
    seconds = (media.get("min_s"), media.get("max_s"))
    length = f"{seconds[0]} – {seconds[1]} s" if all(seconds) else f"≤ {seconds[1]} s" if seconds[1] else ""
    megabytes = spec.get("x-max-mb")
    parts = (
        ", ".join(names),
        length,
        _("up to %(megabytes)s MB") % {"megabytes": f"{megabytes:g}"} if megabytes else "",
        _("at most %(count)s") % {"count": most} if most > 1 else "",
    )
    return " · ".join(part for part in parts if part)


def described_by(text: str) -> str:
    """Ids that a fragment may point to again."""
    return text if _DESCRIBED.fullmatch(text) else ""
