"""Hostile and broken files: a clear refusal, bounded memory, nothing kept, nothing else opened."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from playground.media import examination
from playground.media.limited import run_limited
from playground.media.models import StoredFile, Upload
from tests.factories import Personas
from tests.media import hostile
from tests.media.hostile import Hostile

pytestmark = [pytest.mark.django_db, pytest.mark.once]

MOST_MEMORY = 300 * 1024**2
# A model and a field for every kind of file.
FIELDS = {
    "image": ("bytedance/seedance-2-5", "first_frame_url"),
    "video": ("wan/2-2-animate-move", "video_url"),
    "audio": ("infinitalk/from-audio", "audio_url"),
    "file": ("wan/3-0-video", "reference_file_urls"),
}


@pytest.fixture
def peaks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """The children say how much memory they had in use at most; the limits around them are the real ones."""
    said = tmp_path / "peaks"
    said.touch()

    def measured(function: str, *arguments: Any, **limits: Any) -> Any:
        return run_limited("tests.media.hogs.measured", str(said), function, *arguments, **limits)

    monkeypatch.setattr(examination, "run_limited", measured)
    yield said


@pytest.fixture
def alice(client: Client, personas: Personas, storage_root: Path, settings: LazySettings) -> Client:
    settings.UPLOADS_PER_MINUTE = 1_000_000
    client.force_login(personas.alice.user)
    return client


def send(client: Client, case: Hostile, **changes: str) -> Any:
    model, field = FIELDS[case.field]
    file = SimpleUploadedFile("x", case.data)
    file.name = case.filename
    return client.post(
        "/uploads", {"gateway": "kie", "model": model, "field": field, f"{field}__file": file} | changes, HTTP_HX_REQUEST="true"
    )


def peak_bytes(said: Path) -> list[int]:
    return [int(line) for line in said.read_text().split()]


def resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


@pytest.fixture(scope="session")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[Hostile]:
    return hostile.all_hostile(tmp_path_factory.mktemp("hostile"))


def test_every_hostile_file_gets_a_refusal_in_words_and_little_memory(
    alice: Client, cases: list[Hostile], peaks: Path, storage_root: Path
) -> None:
    assert len(cases) >= 300
    before = resident_bytes()
    wrong = []
    for case in cases:
        response = send(alice, case)
        has_words = 'role="alert"' in response.text and 'name="' in response.text
        if response.status_code not in (413, 422) or not has_words:
            wrong.append((case.title, response.status_code))
    assert wrong == []
    measured = peak_bytes(peaks)
    assert measured and max(measured) <= MOST_MEMORY
    assert resident_bytes() - before <= MOST_MEMORY
    assert not Upload.objects.exists() and not StoredFile.objects.exists()
    assert [path for path in storage_root.parent.rglob("*") if path.is_file()] == []


def test_damage_never_becomes_an_error_of_ours(alice: Client, peaks: Path) -> None:
    """Some of these are still pictures; none of them may be more than refused."""
    answers = set()
    for ending, kind in hostile.PICTURES.items():
        whole = hostile.picture(kind)
        for seed in range(6):
            data = bytearray(whole)
            for position in range(20 + seed * 7, len(data), 251 + 97 * seed):
                data[position] ^= 1 << (position % 8)
            answers.add(send(alice, Hostile(f"{kind} {seed}", "image", f"flipped.{ending}", bytes(data))).status_code)
    assert answers <= {200, 422} and 422 in answers
    assert max(peak_bytes(peaks)) <= MOST_MEMORY


def test_no_other_file_and_no_address_is_opened(alice: Client, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET" * 100)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        port = server.getsockname()[1]
        for target in (str(secret), f"http://127.0.0.1:{port}/x.ts"):
            for text in (f"#EXTM3U\n#EXTINF:1,\n{target}\n#EXT-X-ENDLIST\n", f"ffconcat version 1.0\nfile '{target}'\n"):
                assert send(alice, Hostile("list", "video", "a.mp4", text.encode())).status_code == 422
                brand = hostile.box(b"ftyp", b"isom\0\0\2\0isom")
                assert send(alice, Hostile("list in MP4", "video", "a.mp4", brand + text.encode())).status_code == 422
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.mark.parametrize(
    ("filename", "shown"),
    [
        ("../../etc/passwd.png", "passwd.jpg"),
        ("C:\\temp\\photo.png", "photo.jpg"),
        ("evil\u202egnp.exe", "evilgnp.jpg"),
        ("a\tb\x1bc.jpg", "abc.jpg"),
        ("photo.php.jpg", "photo.php.jpg"),
        ("n" * 3000 + ".jpg", None),
        ("<img src=x onerror=alert(1)>.jpg", None),
        ("", None),
        (".jpg", None),
        ("海 😀.jpg", "海 😀.jpg"),
    ],
)
def test_names_are_made_harmless(alice: Client, filename: str, shown: str | None) -> None:
    response = send(alice, Hostile("name", "image", filename or "x", hostile.picture("JPEG")))
    assert response.status_code == 200
    upload = Upload.objects.select_related("stored").get()
    assert len(upload.name) <= 120 and upload.name.endswith(".jpg") and upload.name.isprintable()
    assert not set("/\\<>") & set(upload.name)
    assert shown is None or upload.name == shown
    assert "<img src=x" not in response.text
