from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker
from pytest_django.fixtures import Settings

from playground.core.money import to_millicredits
from playground.credits import services as ledger
from tests.factories import make_owner
from tests.media.clips import make_clip
from tests.queue.house import BASE, House
from tests.upstream.client import Upstream, start_upstream

DATABASE = "rushes.sqlite3"


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database file, made once and copied for each house."""
    folder = tmp_path_factory.mktemp("template")
    env = {"PATH": os.environ["PATH"], "DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "playground.settings"}
    for command in ("migrate", "createcachetable"):
        subprocess.run([sys.executable, BASE / "manage.py", command, "-v0"], env=env, check=True, timeout=300)
    return folder / DATABASE


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clip") / "clip.mp4", seconds=1)


@pytest.fixture
def upstream(tmp_path: Path, clip: Path) -> Iterator[Upstream]:
    server = start_upstream(tmp_path, clip)
    yield server
    server.stop()


@pytest.fixture
def make_house(
    tmp_path: Path, empty_database: Path, settings: Settings, django_db_blocker: DjangoDbBlocker
) -> Iterator[Callable[..., House]]:
    """Makes one house; the ORM of the test's process then looks into that house's database."""
    connection = connections["default"]
    usual_name = connection.settings_dict["NAME"]
    houses: list[House] = []

    def make(upstream: Upstream | None = None, **env: str) -> House:
        data = tmp_path / "data"
        data.mkdir(mode=0o700)
        shutil.copy(empty_database, data / DATABASE)
        connection.close()
        connection.settings_dict["NAME"] = str(data / DATABASE)
        house = House(tmp_path, upstream=upstream, env=env)
        houses.append(house)
        house.owner = make_owner()
        if upstream is not None:
            settings.MODKIE_API_KEY = upstream.api_key
            ledger.grant(team=house.owner.team, mode="live", millicredits=to_millicredits(10_000))
        return house

    with django_db_blocker.unblock():
        yield make
        for house in houses:
            house.stop()
        connection.close()
    connection.settings_dict["NAME"] = usual_name


@pytest.fixture
def house(make_house: Callable[..., House], upstream: Upstream) -> House:
    """A house whose live mode leads to the stand-in upstream."""
    return make_house(upstream)
