"""A result becomes a file: beside its place first, continued where it broke off, and never over another file unasked."""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import httpx
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from playground.cli import pauses, replies, terminal
from playground.cli.client import LONGEST_PAUSE_SECONDS, TRIES, http_client, pause_seconds
from playground.cli.problems import ExitCode, Problem, usage

_ENDINGS = {".mp4", ".webm", ".mov", ".mkv", ".gif", ".png", ".jpg", ".webp", ".mp3", ".wav"}
_TRANSIENT = {408, 429, 500, 502, 503, 504}


@dataclass(frozen=True, slots=True)
class Place:
    """Where `--out` points: a file, or a folder in which the task's id names the files."""

    path: Path
    is_folder: bool
    may_overwrite: bool

    def target(self, task_id: str, url: str, index: int) -> Path:
        number = f"-{index + 1}" if index else ""
        if not self.is_folder:
            return self.path.with_name(f"{self.path.stem}{number}{self.path.suffix}")
        # The id and the address are the server's words: none of them may lead out of the folder.
        name = re.sub(r"[^A-Za-z0-9_-]", "", task_id)[:80] or "task"
        ending = PurePosixPath(urlsplit(url).path).suffix.lower()
        return self.path / f"{name}{number}{ending if ending in _ENDINGS else '.mp4'}"


def place(out: str, *, may_overwrite: bool) -> Place:
    """Looked at before anything is paid for; missing folders are made."""
    path = Path(out).expanduser()
    is_folder = out.endswith(("/", os.sep)) or path.is_dir()
    folder = path if is_folder else path.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise usage(f"--out {out}: the folder cannot be made ({error.strerror}).") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise usage(f"--out {out}: nothing can be written there.")
    found = Place(path, is_folder, may_overwrite)
    if not is_folder:
        _refuse_to_overwrite(found.path, may_overwrite)
    return found


def fetch(url: str, target: Path, *, may_overwrite: bool) -> None:
    """Raises Problem; what had arrived stays beside the target as `.part`, and the next try continues it."""
    _refuse_to_overwrite(target, may_overwrite)
    with http_client({"Accept-Encoding": "identity"}) as http, _progress() as progress:
        http.follow_redirects = True
        bar = progress.add_task(terminal.line(target.name), total=None)
        _Download(http, url, target, progress, bar).run()
    _put_in_place(_part(target), target, may_overwrite)
    _mark(target).unlink(missing_ok=True)


class _Download:
    def __init__(self, http: httpx.Client, url: str, target: Path, progress: Progress, bar: TaskID) -> None:
        self._http = http
        self._url = url
        self._part = _part(target)
        self._mark = _mark(target)
        self._progress = progress
        self._bar = bar

    def run(self) -> None:
        """One piece after another: a server may send less than was asked for. Only tries without any gain are counted."""
        attempt = 0
        while True:
            before, asked_pause = self._size(), None
            try:
                if self._piece():
                    return
                words = "the connection ended too early"
            except _Busy as busy:
                words, asked_pause = str(busy), busy.retry_after_seconds
            except httpx.RequestError as error:
                words = str(error) or type(error).__name__
            attempt = 0 if self._size() > before else attempt + 1
            pause = pause_seconds(attempt, asked_pause)
            if attempt >= TRIES or pause > LONGEST_PAUSE_SECONDS:
                raise self._broken(words)
            if attempt:
                pauses.sleep(pause)

    def _piece(self) -> bool:
        """Whether the file is complete now."""
        tag = self._known_tag()
        have = self._size() if tag else 0
        headers = {"Range": f"bytes={have}-", "If-Range": tag} if have else {}
        with self._http.stream("GET", self._url, headers=headers) as response:
            if response.status_code == 416 and headers:
                return self._is_all(response, have)
            start, total = self._span(response, have)
            if start == 0:
                self._remember(response)
            self._progress.update(self._bar, total=total, completed=start)
            with self._part.open("ab" if start else "wb") as file:
                # As the pieces come: what is gathered first would be lost when the connection breaks.
                for piece in response.iter_raw():
                    file.write(piece)
                    self._progress.advance(self._bar, len(piece))
                file.flush()
                os.fsync(file.fileno())
        size = self._size()
        if total is not None and size > total:
            self._part.unlink()
            raise self._broken(f"{size:,} bytes came where {total:,} were announced")
        return total is None or size == total

    def _span(self, response: httpx.Response, have: int) -> tuple[int, int | None]:
        """Where this answer begins in the file, and how long the whole file is. 200 is all of it, asked for or not."""
        if response.status_code in _TRANSIENT:
            raise _Busy(response)
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        is_coded = response.headers.get("Content-Encoding", "identity") != "identity"
        if response.status_code not in (200, 206) or kind == "text/html" or is_coded:
            raise self._broken(f"HTTP {response.status_code} {kind}".rstrip())
        if response.status_code == 206:
            found = re.fullmatch(r"bytes (\d{1,15})-\d{1,15}/(\d{1,15})", response.headers.get("Content-Range", "").strip())
            if not found or int(found[1]) != have:
                raise self._broken("the server sent another part of the file than was asked for")
            return have, int(found[2])
        length = response.headers.get("Content-Length", "")
        return 0, int(length[:15]) if length.isascii() and length.isdigit() else None

    def _is_all(self, response: httpx.Response, have: int) -> bool:
        if response.headers.get("Content-Range", "").strip() == f"bytes */{have}":
            return True
        self._part.unlink()
        return False

    def _remember(self, response: httpx.Response) -> None:
        """The tag of the file that begins now. Without one, or with one that only says "about the same", nothing is continued."""
        tag = response.headers.get("ETag", "")
        if tag and not tag.startswith("W/"):
            self._mark.write_text(json.dumps({"etag": tag}), encoding="utf-8")
        else:
            self._mark.unlink(missing_ok=True)

    def _size(self) -> int:
        with suppress(FileNotFoundError):
            return self._part.stat().st_size
        return 0

    def _known_tag(self) -> str:
        try:
            tag = json.loads(self._mark.read_text(encoding="utf-8"))["etag"]
        except (OSError, ValueError, KeyError, TypeError):
            return ""
        return tag if isinstance(tag, str) else ""

    def _broken(self, words: str) -> Problem:
        size = self._size() if self._known_tag() else 0
        kept = [f"{size:,} bytes are kept in {self._part}; the same command continues."] if size else []
        return Problem(ExitCode.NETWORK, f"The file could not be fetched: {words}.", details=kept)


class _Busy(Exception):
    """The server may have the file in a moment."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__(f"HTTP {response.status_code}")
        self.retry_after_seconds = replies.retry_after_seconds(response)


def _part(target: Path) -> Path:
    return target.with_name(f"{target.name}.part")


def _mark(target: Path) -> Path:
    """Which file the part is of."""
    return target.with_name(f"{target.name}.part.json")


def _refuse_to_overwrite(target: Path, may_overwrite: bool) -> None:
    if target.is_dir():
        raise usage(f"{target} is a folder.")
    if target.exists() and not may_overwrite:
        raise usage(f"{target} exists. Choose another place, or say --overwrite.")


def _put_in_place(part: Path, target: Path, may_overwrite: bool) -> None:
    """A link fails where a file has appeared meanwhile; a file system without links is looked at instead."""
    if may_overwrite:
        os.replace(part, target)
        return
    try:
        os.link(part, target)
    except FileExistsError:
        raise usage(f"{target} exists by now; the new file is {part}.") from None
    except OSError:
        _refuse_to_overwrite(target, may_overwrite)
        os.rename(part, target)
        return
    part.unlink()


def _progress() -> Progress:
    columns = TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()
    return Progress(*columns, console=terminal.err, transient=True, disable=not terminal.err.is_terminal)
