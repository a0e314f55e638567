"""A result is stored whole or not at all, and erasing it is final."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from unittest import mock

import pytest
from django.conf import LazySettings

from playground.accounts.models import Team
from playground.media.errors import Gone, MediaError, NotMedia, TooBig
from playground.media.files import read, storage_is_alive
from playground.media.models import StoredFile
from playground.media.probe import probe_video
from playground.media.services import erase, open_range, remove_leftovers, store_result


@pytest.fixture
def source(clip: Path, storage_root: Path) -> Path:
    """A fresh copy of the clip under a name that says nothing."""
    path = storage_root.parent / "result.part"
    shutil.copy(clip, path)
    return path


def files_under(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_a_result_becomes_four_files_and_four_rows(team: Team, source: Path, storage_root: Path) -> None:
    data = source.read_bytes()
    stored = store_result(team_id=team.pk, source=source, metadata={"sandbox": True})
    assert StoredFile.objects.count() == 4
    video = StoredFile.objects.get(pk=stored.video.pk)
    assert (video.width, video.height, video.fps, video.has_audio) == (320, 180, Decimal("24.000"), True)
    assert (video.content_type, video.size_bytes) == ("video/mp4", len(data))
    assert video.sha256 == hashlib.sha256(data).hexdigest()
    assert video.metadata == {"codec": "h264", "sandbox": True}
    assert [stored.poster.content_type, stored.thumb.content_type] == ["image/webp", "image/webp"]
    assert stored.preview.content_type == "video/mp4" and not stored.preview.has_audio
    year, month = f"{video.created_at:%Y}", f"{video.created_at:%m}"
    for row in (stored.video, stored.poster, stored.thumb, stored.preview):
        path = storage_root / row.storage_name
        assert row.storage_name.startswith(f"{team.pk}/{year}/{month}/")
        assert path.stat().st_size == row.size_bytes
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (storage_root / video.storage_name).read_bytes() == data
    assert not source.exists()
    assert probe_video(storage_root / stored.preview.storage_name).duration_ms > 0


@pytest.mark.parametrize("data", [b"", b"<html>not found</html>", b"\0\0\0\x20ftypisom" + b"\0" * 500])
def test_a_bad_result_leaves_nothing_behind(team: Team, storage_root: Path, data: bytes) -> None:
    source = storage_root.parent / "bad"
    source.write_bytes(data)
    with pytest.raises(NotMedia):
        store_result(team_id=team.pk, source=source)
    assert files_under(storage_root) == []
    assert list((storage_root.parent / "tmp").iterdir()) == []
    assert not StoredFile.objects.exists()


def test_a_result_over_the_limit_is_refused(team: Team, source: Path, settings: LazySettings) -> None:
    settings.RESULT_MAX_BYTES = 1000
    with pytest.raises(TooBig):
        store_result(team_id=team.pk, source=source)


def test_files_are_taken_back_when_the_rows_cannot_be_written(team: Team, source: Path, storage_root: Path) -> None:
    with (
        mock.patch.object(StoredFile.objects, "bulk_create", side_effect=RuntimeError("database is gone")),
        pytest.raises(RuntimeError),
    ):
        store_result(team_id=team.pk, source=source)
    assert files_under(storage_root) == []


def test_a_lost_lease_stops_the_work(team: Team, source: Path, storage_root: Path) -> None:
    class LeaseLost(Exception):
        pass

    def renew() -> None:
        raise LeaseLost

    with pytest.raises(LeaseLost):
        store_result(team_id=team.pk, source=source, on_tick=renew)
    assert files_under(storage_root) == []
    assert source.exists()


def test_parts_of_a_file_can_be_read(team: Team, source: Path) -> None:
    data = source.read_bytes()
    video = store_result(team_id=team.pk, source=source).video
    assert open_range(video, 0, 12) == data[:12]
    assert open_range(video, 100, 300) == data[100:300]
    assert open_range(video, len(data) - 5, len(data) + 5) == data[-5:]


def test_an_erased_file_is_gone_for_good(team: Team, source: Path, storage_root: Path) -> None:
    video = store_result(team_id=team.pk, source=source).video
    erase(video)
    erase(StoredFile.objects.get(pk=video.pk))
    assert StoredFile.objects.get(pk=video.pk).deleted_at is not None
    assert not (storage_root / video.storage_name).exists()
    with pytest.raises(Gone):
        open_range(video, 0, 1)
    assert issubclass(Gone, MediaError)


def test_what_crashes_left_is_removed_and_nothing_else(team: Team, source: Path, storage_root: Path) -> None:
    stored = store_result(team_id=team.pk, source=source)
    orphan = storage_root / str(team.pk) / "2026" / "01" / "orphan.mp4"
    half = storage_root / str(team.pk) / "2026" / "01" / ".x.mp4.part"
    work = storage_root.parent / "tmp" / "media-old"
    posted = storage_root.parent / "tmp" / "abc.upload.jpg"
    fresh = storage_root / str(team.pk) / "fresh.mp4"
    orphan.parent.mkdir(parents=True)
    work.mkdir(parents=True)
    for path in (orphan, half, fresh, posted, work / "poster.webp"):
        path.write_bytes(b"x")
    for path in (*files_under(storage_root), posted, work):
        if path != fresh:
            os.utime(path, (1_700_000_000, 1_700_000_000))
    assert remove_leftovers(older_than=timedelta(days=1)) == 4
    assert not posted.exists() and not orphan.exists() and not half.exists() and not work.exists()
    assert fresh.exists()
    assert all((storage_root / row.storage_name).exists() for row in (stored.video, stored.poster, stored.thumb))


def test_a_storage_elsewhere_gets_whole_files_too(team: Team, source: Path, settings: LazySettings) -> None:
    data = source.read_bytes()
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}
    stored = store_result(team_id=team.pk, source=source)
    assert open_range(stored.video, 10, 20) == data[10:20]
    assert storage_is_alive()
    erase(stored.video)
    erase(stored.video)
    with pytest.raises(Gone):
        read(stored.video.storage_name, 0, 1)
    assert remove_leftovers(older_than=timedelta(days=1)) == 0


def test_the_health_check_sees_a_dead_storage(storage_root: Path) -> None:
    assert storage_is_alive()
    assert files_under(storage_root) == []
    shutil.rmtree(storage_root)
    storage_root.write_text("a file where the folder should be")
    assert not storage_is_alive()
