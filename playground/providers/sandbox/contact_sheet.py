"""All scenes on one picture: `python -m playground.providers.sandbox.contact_sheet docs/images/scenes.webp`."""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image

from .choice import SCENE_NAMES
from .render import draw_poster

_COLUMNS, _WIDTH, _HEIGHT, _GAP = 3, 480, 270, 6
_MAX_BYTES = 150_000
# Draws that show each scene from a good side.
_SEEDS = {"silk": 7, "forest": 5, "product": 1, "dunes": 3}


def contact_sheet() -> Image.Image:
    rows = -(-len(SCENE_NAMES) // _COLUMNS)
    size = (_COLUMNS * (_WIDTH + _GAP) - _GAP, rows * (_HEIGHT + _GAP) - _GAP)
    sheet = Image.new("RGB", size, (16, 17, 20))
    for number, name in enumerate(SCENE_NAMES):
        picture = draw_poster(name, 1280, 720, seed=_SEEDS.get(name, 1))
        row, column = divmod(number, _COLUMNS)
        sheet.paste(
            picture.resize((_WIDTH, _HEIGHT), Image.Resampling.LANCZOS),
            (column * (_WIDTH + _GAP), row * (_HEIGHT + _GAP)),
        )
    return sheet


def save_contact_sheet(target: Path) -> int:
    """Write the sheet as WebP, as good as 150 kB allow; returns its bytes."""
    sheet = contact_sheet()
    for quality in range(88, 20, -4):
        buffer = io.BytesIO()
        sheet.save(buffer, "WEBP", quality=quality, method=6)
        if buffer.tell() <= _MAX_BYTES:
            break
    target.parent.mkdir(parents=True, exist_ok=True)
    return target.write_bytes(buffer.getvalue())


if __name__ == "__main__":
    save_contact_sheet(Path(sys.argv[1]))
