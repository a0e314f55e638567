"""The design's pictures and ours beside each other: one picture for each, and a page with all of them."""

from __future__ import annotations

import html
import os
from pathlib import Path

from PIL import Image

from tests.browser.product import ROOT

DESIGN = Path(os.environ.get("PICTURES") or ROOT.parent / "shared" / "design" / "pictures")
GAP, GROUND = 24, (128, 128, 128)


def put_beside(design: Path, ours: Path, target: Path) -> int:
    """The design's on the left. Returns how many pairs there are; none where the design's folder is missing."""
    target.mkdir(parents=True, exist_ok=True)
    pairs = [(path, ours / path.name) for path in sorted(design.glob("*.png")) if (ours / path.name).exists()]
    for left, right in pairs:
        with Image.open(left) as one, Image.open(right) as other:
            sheet = Image.new("RGB", (one.width + GAP + other.width, max(one.height, other.height)), GROUND)
            sheet.paste(one.convert("RGB"), (0, 0))
            sheet.paste(other.convert("RGB"), (one.width + GAP, 0))
            sheet.save(target / left.name)
    if pairs:
        (target / "index.html").write_text(_page([left.stem for left, _ in pairs]))
    return len(pairs)


def _page(names: list[str]) -> str:
    figures = "\n".join(
        f'<figure id="{name}"><figcaption>{html.escape(name)}: the design’s on the left, ours on the right</figcaption>'
        f'<img src="{name}.png" alt="" loading="lazy"></figure>'
        for name in names
    )
    style = "body{font:14px system-ui;margin:24px;background:#eee}figure{margin:0 0 40px}figcaption{margin:0 0 8px}img{max-width:100%}"
    return f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Pictures</title><style>{style}</style>\n{figures}\n</html>\n'
