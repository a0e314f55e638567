"""Make a copy of a clean file that keeps a model's limits. For the limited child: pictures by Pillow, the rest by FFmpeg.

A plan is plain: `type` (a name of MediaType), what `geometry.shape_for` reads, `max_seconds`, `max_bytes`, `fps`
(lowest and highest). What it does not name stays as it is.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playground.core.speech import gettext_noop
from playground.media.errors import NotMedia, TooBig
from playground.media.geometry import shape_for
from playground.media.sniff import MediaType, sniff

_QUALITIES = (92, 85, 75, 62)
_SHRINK_STEPS = 8
_SHRINK = 0.8


def mend(source: str, target: str, plan: dict[str, Any]) -> None:
    """Write the copy to `target`. Raises MediaError, also when the plan cannot be kept."""
    media_type, wanted = sniff(Path(source)), MediaType[plan["type"]]
    if media_type is None or media_type.kind == "document":
        raise NotMedia(gettext_noop("This kind of file cannot be changed here."))
    if media_type.kind == "image":
        _mend_picture(Path(source), Path(target), media_type, wanted, plan)
        return
    from playground.media.transcoding import transcode

    transcode(Path(source), Path(target), media_type, wanted, plan)


def _mend_picture(source: Path, target: Path, media_type: MediaType, wanted: MediaType, plan: dict[str, Any]) -> None:
    from PIL import Image, ImageOps

    from playground.media.pictures import DAMAGE, opened

    try:
        with opened(source, media_type) as image:
            profile = image.info.get("icc_profile")
            orientation = image.getexif().get(0x0112, 1)
            shape = shape_for(*((image.height, image.width) if orientation > 4 else image.size), plan)
            if media_type is MediaType.JPEG and orientation == 1:
                image.draft(None, (shape.inner[0] * image.width // shape.width, shape.inner[1] * image.height // shape.height))
                shape = _rescaled(shape, image.size, plan)
            upright = ImageOps.exif_transpose(image) if orientation != 1 else image
            upright.load()
            picture = _shaped(upright, shape)
    except DAMAGE as error:
        raise NotMedia(gettext_noop("The picture cannot be changed: it is damaged.")) from error
    if picture.mode not in ("RGB", "RGBA", "L"):
        profile = None if picture.mode == "CMYK" else profile
        picture = picture.convert("RGBA" if "A" in picture.mode or "transparency" in picture.info else "RGB")
    if wanted in (MediaType.JPEG, MediaType.BMP) and picture.mode == "RGBA":
        ground = Image.new("RGB", picture.size, "white")
        ground.paste(picture, mask=picture.getchannel("A"))
        picture = ground
    _save_within(picture, target, wanted, plan.get("max_bytes"), profile)


def _rescaled(shape: Any, drafted: tuple[int, int], plan: dict[str, Any]) -> Any:
    """The same shape, told in the pixels of a JPEG that was decoded at a fraction of its size."""
    from dataclasses import replace

    whole = (shape.left * 2 + shape.width, shape.top * 2 + shape.height)
    across, down = drafted[0] / whole[0], drafted[1] / whole[1]
    if across == down == 1:
        return shape
    width, height = max(1, min(drafted[0], round(shape.width * across))), max(1, min(drafted[1], round(shape.height * down)))
    return replace(shape, left=(drafted[0] - width) // 2, top=(drafted[1] - height) // 2, width=width, height=height)


def _shaped(image: Any, shape: Any) -> Any:
    from PIL import Image

    box = (shape.left, shape.top, shape.left + shape.width, shape.top + shape.height)
    if image.mode == "P":
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    resample = Image.Resampling.LANCZOS if image.mode not in ("1", "I;16") else Image.Resampling.NEAREST
    if shape.inner != image.size or box != (0, 0, *image.size):
        image = image.resize(shape.inner, resample, box=box, reducing_gap=3.0 if min(shape.inner) < min(image.size) else None)
    if not shape.is_padded:
        return image
    if image.mode not in ("RGB", "RGBA", "L"):
        image = image.convert("RGB")
    ground = Image.new(image.mode, shape.outer, 0 if image.mode == "L" else (0, 0, 0, 255)[: len(image.mode)])
    ground.paste(image, ((shape.outer[0] - shape.inner[0]) // 2, (shape.outer[1] - shape.inner[1]) // 2))
    return ground


def _save_within(picture: Any, target: Path, wanted: MediaType, max_bytes: int | None, profile: bytes | None) -> None:
    """Quality gives way first, then pixels."""
    options: dict[str, Any] = {"icc_profile": profile} if profile and wanted in (MediaType.JPEG, MediaType.PNG, MediaType.WEBP) else {}
    for _ in range(_SHRINK_STEPS):
        for quality in _QUALITIES if wanted in (MediaType.JPEG, MediaType.WEBP) else (0,):
            fineness = {"quality": quality} if quality else {}
            picture.info = {}
            picture.save(target, wanted.demuxer, **options, **fineness)
            if not max_bytes or target.stat().st_size <= max_bytes:
                return
        picture = picture.resize((max(1, int(picture.width * _SHRINK)), max(1, int(picture.height * _SHRINK))), reducing_gap=2.0)
    raise TooBig(gettext_noop("The picture cannot be made small enough."))
