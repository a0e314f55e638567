from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings

from playground.accounts.models import Team
from tests.media.clips import make_clip


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of 320 by 180 with sound."""
    return make_clip(tmp_path_factory.mktemp("clips") / "clip.bin")


@pytest.fixture
def storage_root(settings: LazySettings, tmp_path: Path) -> Path:
    """A default storage and a data directory of this test's own."""
    root = tmp_path / "data" / "media"
    root.mkdir(parents=True)
    storages: dict[str, Any] = dict(settings.STORAGES)
    storages["default"] = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": root, "file_permissions_mode": 0o600, "directory_permissions_mode": 0o700},
    }
    settings.STORAGES = storages
    settings.DATA_DIR = tmp_path / "data"
    return root


@pytest.fixture
def team(db: None) -> Team:
    return Team.objects.create(slug="studio", name="Studio")
