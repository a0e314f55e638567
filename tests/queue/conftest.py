from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker
from pytest_django.fixtures import Settings

from playground.core.money import to_millicredits
from playground.credits import services as ledger
from tests.databases import Database, drop, migrated_database, new_database
from tests.factories import make_owner
from tests.media.clips import make_clip
from tests.queue.house import House
from tests.upstream.client import Upstream, start_upstream


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A migrated database, made once and copied for each house."""
    with migrated_database(tmp_path_factory.mktemp("template")) as database:
        yield database


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
    tmp_path: Path, empty_database: Database, settings: Settings, django_db_blocker: DjangoDbBlocker
) -> Iterator[Callable[..., House]]:
    """Makes one house; the ORM of the test's process then looks into that house's database."""
    connection = connections["default"]
    usual_name = connection.settings_dict["NAME"]
    houses: list[House] = []

    def make(upstream: Upstream | None = None, **env: str) -> House:
        data = tmp_path / "data"
        data.mkdir(mode=0o700)
        database = new_database(data, empty_database)
        connection.close()
        connection.settings_dict["NAME"] = database.name
        house = House(tmp_path, database, upstream=upstream, env=env)
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
        for house in houses:
            drop(house.database)
    connection.settings_dict["NAME"] = usual_name


@pytest.fixture
def house(make_house: Callable[..., House], upstream: Upstream) -> House:
    """A house whose live mode leads to the stand-in upstream."""
    return make_house(upstream)
