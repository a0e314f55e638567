"""Small files for the fields of models, drawn once per session, and the ways in which people give them to a page."""

from __future__ import annotations

import base64
import mimetypes
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Locator, Page

from tests.browser.playground import group
from tests.browser.scripting import has_script, update
from tests.media.clips import make_clip

_MAKE_TRANSFER = """files => {
    const transfer = new DataTransfer();
    for (const [name, type, text] of files) {
        transfer.items.add(new File([Uint8Array.from(atob(text), letter => letter.charCodeAt(0))], name, {type}));
    }
    return transfer;
}"""
_COPY_PICTURE = """async text => {
    const bytes = Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
    await navigator.clipboard.write([new ClipboardItem({"image/png": new Blob([bytes], {type: "image/png"})})]);
}"""


class Inputs:
    """Files in a folder; each is made when it is asked for the first time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def picture(self, name: str, *, width: int = 640, height: int = 360) -> Path:
        """A gradient in the format that the name ends in; another one for every name."""
        path = self.folder / name
        if not path.exists():
            across, down = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
            pixels = np.stack([across, down, (across + sum(name.encode())) % 256], axis=-1)
            Image.fromarray(pixels.astype(np.uint8)).save(path)
        return path

    def clip(self, name: str = "walk.mp4", *, seconds: float = 3, **more: object) -> Path:
        path = self.folder / name
        return path if path.exists() else make_clip(path, seconds=seconds, **more)  # type: ignore[arg-type]

    def text_called(self, name: str) -> Path:
        """A playlist that names a file of the server, under a name that promises something else."""
        path = self.folder / name
        path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n")
        return path


def zone(page: Page, field: str) -> Locator:
    """The drop zone of a field, by the field's label."""
    return group(page, field).locator("[data-drop]")


def file_input(page: Page, field: str) -> Locator:
    return zone(page, field).locator("input[type=file]")


def carry_over(page: Page, target: Locator, files: Sequence[Path]) -> None:
    """Files from the desktop over an element, not yet let go."""
    target.dispatch_event("dragover", {"dataTransfer": _transfer(page, files)})


def give(page: Page, field: str, *files: Path) -> None:
    """Files for a field: dragged there; without script chosen and sent with the form."""
    if has_script(page):
        return drop(page, zone(page, field), files)
    file_input(page, field).set_input_files(files)
    update(page)


def choose_files(page: Page, field: str, *files: Path) -> None:
    """Files for a field, chosen in the browser's dialog."""
    file_input(page, field).set_input_files(files)
    update(page)


def drop(page: Page, target: Locator, files: Sequence[Path]) -> None:
    """Files from the desktop, dragged over an element and let go there."""
    transfer = _transfer(page, files)
    target.dispatch_event("dragover", {"dataTransfer": transfer})
    target.dispatch_event("drop", {"dataTransfer": transfer})


def _transfer(page: Page, files: Sequence[Path]) -> object:
    described = [(file.name, mimetypes.guess_type(file.name)[0] or "", base64.b64encode(file.read_bytes()).decode()) for file in files]
    return page.evaluate_handle(_MAKE_TRANSFER, described)


def paste_picture(page: Page, picture: Path) -> None:
    """Through the browser's own clipboard; only PNG can be written there by a page."""
    page.evaluate(_COPY_PICTURE, base64.b64encode(picture.read_bytes()).decode())
    page.keyboard.press("Control+V")
