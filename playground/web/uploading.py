"""Files and links that come with a form become uploads, and what the buttons of a drop zone ask for is done.

The same function serves the zone's own requests and, where there is no script, the form that carries the files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from playground.accounts import ratelimit
from playground.accounts.models import Membership, Mode
from playground.accounts.permissions import Permission, allows
from playground.catalog import preflight
from playground.catalog.card import Card
from playground.media import fixes, uploads
from playground.media.errors import MediaError
from playground.media.models import Upload
from playground.media.slots import Slots
from playground.web.context import shell_for
from playground.web.diskuploads import DISK_FULL, is_disk_full
from playground.web.fixbuttons import fixes_of
from playground.web.htmx import is_htmx
from playground.web.uploadwidgets import NOTE_PREFIX, Note

FILE, URL, ACTION = "__file", "__url", "_upload"
_ROW = re.compile(r"(?:\d{1,3}|__prefix__)-(.+)")
_MOST_FILES = 20
_FITS: dict[str, fixes.Fit] = {"crop": "crop", "pad": "pad"}
# An inspection takes a processor and memory of its own; the other threads have pages to answer.
_slots = Slots(total=3, per_client=2)


@dataclass(frozen=True, slots=True)
class Giver:
    """Who gives files, for which team and in which mode."""

    membership: Membership
    mode: Mode

    @property
    def team_id(self) -> int:
        return self.membership.team_id

    @property
    def user_id(self) -> int:
        return self.membership.user_id


class Refused(Exception):
    """One file was not taken; nothing of it is kept. `status` is that of an answer about nothing else."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


def spec_of(card: Card, field_name: str) -> Mapping[str, Any] | None:
    """The schema behind an input's name, also inside lists (`elements-0-image_urls`); None unless it takes files."""
    spec = _walk(card.properties, field_name)
    return spec if spec is not None and "x-accept" in spec else None


def _walk(properties: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    if name in properties:
        found: Mapping[str, Any] = properties[name]
        return found
    for outer, spec in properties.items():
        row = _ROW.fullmatch(name.removeprefix(f"{outer}-")) if name.startswith(f"{outer}-") else None
        inner = spec.get("items", {}).get("properties")
        if row and inner:
            return _walk(inner, row[1])
    return None


def absorb_files(request: HttpRequest, card: Card, membership: Membership) -> QueryDict:
    """The posted data with addresses in place of files, links and the zones' buttons; make the form from it.

    What is to be said about each zone travels in it under `_note-<field>` (`uploadwidgets.place_of` reads it). A price
    update of a page with script only drops the files: there they have requests of their own.
    """
    data = request.POST.copy()
    names = [*dict.fromkeys(key.removesuffix(FILE) for key in request.FILES if key.endswith(FILE))]
    names += [key.removesuffix(URL) for key in data if key.endswith(URL)]
    action = data.get(ACTION, "")
    names += [action.split(":")[1]] if action.count(":") >= 2 else []
    for key in [key for key in data if key.startswith(NOTE_PREFIX) or key.endswith((FILE, URL)) or key == ACTION]:
        del data[key]
    if is_htmx(request) and not request.path.endswith("/run"):
        return data
    giver = Giver(membership, shell_for(request).mode)
    for name in dict.fromkeys(names):
        if spec := spec_of(card, name):
            urls, note = absorb_field(request, spec, name, giver)
            data.setlist(name, urls)
            data[f"{NOTE_PREFIX}{name}"] = note.to_text()
    return data


def has_refused(data: Mapping[str, str]) -> bool:
    """Whether something that came with the form was not taken: then it is not the form that the person meant to run."""
    return any(Note.from_text(data[name]).refusals for name in data if name.startswith(NOTE_PREFIX))


def absorb_field(request: HttpRequest, spec: Mapping[str, Any], name: str, giver: Giver) -> tuple[list[str], Note]:
    """The addresses of one field after its files, its link and its button, and what is to be said about that."""
    urls = [url for url in request.POST.getlist(name) if url]
    most = int(spec.get("maxItems", 1)) if spec.get("type") == "array" else 1
    note = Note()
    try:
        if not allows(giver.membership.role, Permission.RUN):
            words = _("Uploading needs the role Member. Yours is %(role)s.")
            raise Refused(403, words % {"role": giver.membership.get_role_display()})
        if is_disk_full(request):
            raise Refused(507, _("The server's disk is full. Nothing was stored."))
        urls = _act(request.POST.get(ACTION, ""), spec, name, urls, giver, note)
        for file in _most(request.FILES.getlist(name + FILE)):
            urls = _joined(urls, _attempt(note, _label(file), lambda file=file: _take_file(file, spec, giver)), most, note)
        for text in _most(request.POST.getlist(name + URL)):
            if url := text.strip():
                urls = _joined(urls, _attempt(note, "", lambda url=url: _take_link(url, spec, giver, note)), most, note)
    except Refused as refusal:
        note.refusals.append(str(refusal))
        note.status = refusal.status
    return urls, note


def _most(values: Iterable[Any]) -> list[Any]:
    return list(values)[:_MOST_FILES]


def _label(file: UploadedFile[Any]) -> str:
    return f"{Path(file.name or '').name[:60]}: "


def _attempt(note: Note, label: str, take: Any) -> str | None:
    try:
        taken: str = take()
        return taken
    except Refused as refusal:
        note.refusals.append(f"{label}{refusal}")
        note.status = refusal.status
        return None


def _joined(urls: list[str], url: str | None, most: int, note: Note) -> list[str]:
    """One more, or in place of the only one; beyond the most that the card takes it is refused."""
    if url is None or url in urls:
        return urls
    if most == 1:
        return [url]
    if len(urls) >= most:
        note.refusals.append(_("This field takes at most %(count)s.") % {"count": most})
        note.status = 422
        return urls
    return [*urls, url]


def _take_file(file: UploadedFile[Any], spec: Mapping[str, Any], giver: Giver) -> str:
    if (file.size or 0) > settings.UPLOAD_MAX_BYTES:
        words = _("The file is larger than %(megabytes)s MB.") % {"megabytes": settings.UPLOAD_MAX_BYTES // 1024**2}
        raise Refused(413, words)
    path = Path(file.temporary_file_path())  # type: ignore[attr-defined]
    return _stored(spec, giver, lambda: uploads.store_upload(giver.team_id, giver.user_id, path, file.name or ""))


def _take_link(url: str, spec: Mapping[str, Any], giver: Giver, note: Note) -> str:
    """An upload of what is at the address. In test mode an address that cannot be fetched stays, and says so."""
    if uploads.upload_id_of(url) or url.startswith("asset://"):
        if uploads.missing(giver.team_id, [url]):
            raise Refused(422, _("There is no such upload in this team."))
        return url
    try:
        return _stored(spec, giver, lambda: uploads.fetch_upload(giver.team_id, giver.user_id, url), is_link=True)
    except _Unreachable as error:
        if giver.mode == "live" or not url.startswith(("http://", "https://")) or len(url) > 2000:
            raise Refused(422, _("Could not be fetched: %(reason)s") % {"reason": error}) from error
        words = _("Could not be fetched (%(reason)s). The sandbox draws a stand-in.")
        note.remarks[url] = words % {"reason": str(error).rstrip(".")}
        return url


class _Unreachable(Exception):
    pass


def _stored(spec: Mapping[str, Any], giver: Giver, store: Any, *, is_link: bool = False) -> str:
    """The address of a fresh upload that the field takes, or can take once it is fixed."""
    with _Turn(giver):
        try:
            upload: Upload = store()
        except uploads.FetchError as error:
            raise _Unreachable(str(error)) from error
        except MediaError as error:
            raise Refused(422, str(error)) from error
        except OSError as error:
            raise _disk_refusal(error) from error
    hopeless = [problem for problem in preflight.file_problems(spec, uploads.facts_of(upload)) if problem.fix is None]
    if hopeless:
        uploads.erase_upload(upload)
        raise Refused(422, " ".join(problem.message for problem in hopeless))
    return uploads.url_of(upload)


def _disk_refusal(error: OSError) -> Refused:
    if error.errno not in DISK_FULL:
        raise error
    return Refused(507, _("The server's disk is full. Nothing was stored."))


class _Turn:
    """One file of this person at work, within the rate and beside not too many others."""

    def __init__(self, giver: Giver) -> None:
        self._giver = giver

    def __enter__(self) -> None:
        wait_seconds = ratelimit.allow("upload", str(self._giver.user_id), settings.UPLOADS_PER_MINUTE)
        if wait_seconds is not None:
            words = _("Too many files in a minute. Try again in %(seconds)s s.")
            raise Refused(429, words % {"seconds": int(wait_seconds + 1)})
        slot = _slots.take(str(self._giver.user_id))
        if slot is None:
            raise Refused(429, _("Other files are still being looked at. Try again in a moment."))
        self._slot = slot

    def __exit__(self, *error: object) -> None:
        self._slot.release()


def _act(action: str, spec: Mapping[str, Any], name: str, urls: list[str], giver: Giver, note: Note) -> list[str]:
    """What a button of the zone asks: `<verb>:<field>:<number>[:<argument>]`."""
    verb, field_name, number, argument = (*action.split(":", 3), "", "", "", "")[:4]
    if field_name != name or not number.isdecimal() or int(number) >= len(urls):
        return urls
    index = int(number)
    if verb == "remove":
        return urls[:index] + urls[index + 1 :]
    if verb in ("up", "down"):
        other = index - 1 if verb == "up" else index + 1
        if 0 <= other < len(urls):
            urls[index], urls[other] = urls[other], urls[index]
    elif verb == "fix":
        note.proposals[urls[index]] = _fixed(urls[index], spec, argument, giver)
    elif verb == "use" and (upload := _own(giver, argument)):
        urls[index] = uploads.url_of(upload)
    return urls


def _own(giver: Giver, text: str) -> Upload | None:
    try:
        return uploads.upload_for_team(giver.team_id, UUID(text))
    except ValueError:
        return None


def _fixed(url: str, spec: Mapping[str, Any], argument: str, giver: Giver) -> str:
    """The address of the mended copy; the file in the field stays what it is until somebody says so."""
    upload = uploads.uploads_of_urls(giver.team_id, [url]).get(url)
    if upload is None:
        raise Refused(422, _("This upload is gone. Add it again."))
    rule, _dot, fit = argument.partition(".")
    problems = preflight.file_problems(spec, uploads.facts_of(upload))
    if not any(fix.argument == argument for problem in problems for fix in fixes_of(problem)):
        raise Refused(422, _("There is nothing to fix here any more."))
    with _Turn(giver):
        try:
            mended = fixes.apply_fix(upload, spec, _FITS.get(fit, ""), user_id=giver.user_id)
        except MediaError as error:
            raise Refused(422, str(error)) from error
        except OSError as error:
            raise _disk_refusal(error) from error
    if any(problem.rule == rule for problem in preflight.file_problems(spec, uploads.facts_of(mended))):
        uploads.erase_upload(mended)
        raise Refused(422, _("It could not be fixed. Choose another file."))
    return uploads.url_of(mended)
