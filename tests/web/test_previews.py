"""Pictures of models without takes: drawn once per version of a card, out of the way, two files per card at most."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import av
import pytest
from django.test import Client
from PIL import Image
from pytest_django.fixtures import Settings

from playground.catalog import registry
from playground.media.limited import LimitedError
from playground.web import previews
from playground.web.preview_child import draw
from tests.factories import VEO, Personas

pytestmark = pytest.mark.django_db
POSTER, CLIP = f"/models/modkie/{VEO}/poster.webp", f"/models/modkie/{VEO}/preview.mp4"


@pytest.fixture
def alice(client: Client, personas: Personas, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    """With a folder of her own for previews, and a drawer that has seen nothing yet."""
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(previews, "_drawer", previews._Drawer())
    client.force_login(personas.alice.user)
    return client


def test_a_model_has_a_small_picture_before_it_has_takes(alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previews, "WAIT_SECONDS", 600)
    response = alice.get(POSTER)
    assert response["Content-Type"] == "image/webp"
    picture = response.content
    assert Image.open(io.BytesIO(picture)).size == (480, 270)
    assert len(picture) <= 25_000
    assert alice.get("/models/modkie/no/such/poster.webp").status_code == 404


def test_the_clip_is_silent_short_and_small(tmp_path: Path) -> None:
    card = registry.get(VEO, "modkie")
    target = tmp_path / "clip.mp4"
    draw([previews._order(card, "clip") | {"target": str(target)}])
    assert target.stat().st_size <= 1_000_000
    with av.open(str(target)) as container:
        assert not container.streams.audio
        video = container.streams.video[0]
        assert max(video.width, video.height) <= 480
        assert container.duration is not None
        assert container.duration / av.time_base <= 6


def test_who_asks_too_early_gets_one_pixel_that_nobody_keeps(alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previews._Drawer, "want", lambda *_: None)
    picture = alice.get(POSTER)
    assert Image.open(io.BytesIO(picture.content)).size == (1, 1)
    assert "no-store" in picture["Cache-Control"]
    clip = alice.get(CLIP)
    assert clip.status_code == 204
    assert "no-store" in clip["Cache-Control"]


def test_what_cannot_be_drawn_is_tried_once(alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    def fail(*arguments: Any, **limits: Any) -> None:
        tries.append(arguments)
        raise LimitedError("crash", "no")

    monkeypatch.setattr(previews, "run_limited", fail)
    monkeypatch.setattr(previews, "WAIT_SECONDS", 600)
    for _ in range(3):
        assert alice.get(POSTER)["Content-Type"] == "image/gif"
    assert len(tries) == 1


def test_a_drawn_picture_may_be_kept_for_as_long_as_its_address_names_the_version(alice: Client, tmp_path: Path) -> None:
    card = registry.get(VEO, "modkie")
    file = tmp_path / "previews" / f"modkie-google-veo-3-1-{card.version}.webp"
    file.parent.mkdir()
    file.write_bytes(b"kept")
    response = alice.get(f"{POSTER}?v={card.version[:8]}")
    assert response.content == b"kept"
    assert response["Cache-Control"] == f"private, max-age={30 * 24 * 3600}"


def test_players_may_ask_for_a_part(alice: Client, tmp_path: Path) -> None:
    card = registry.get(VEO, "modkie")
    file = tmp_path / "previews" / f"modkie-google-veo-3-1-{card.version}.mp4"
    file.parent.mkdir()
    file.write_bytes(b"0123456789")
    part = alice.get(CLIP, headers={"Range": "bytes=2-4"})
    assert (part.status_code, part.content, part["Content-Range"]) == (206, b"234", "bytes 2-4/10")
    assert alice.get(CLIP, headers={"Range": "bytes=20-"}).status_code == 416
    assert alice.get(CLIP).content == b"0123456789"


def test_models_that_share_an_example_do_not_share_a_picture() -> None:
    drawn = [previews._order(card, "poster") for card in registry.live_cards()]
    looks = {(order["scene"], order["seed"], order["at"]) for order in drawn}
    assert len(looks) == len(drawn)


def test_strangers_get_no_pictures(client: Client) -> None:
    assert client.get(POSTER).status_code == 302
