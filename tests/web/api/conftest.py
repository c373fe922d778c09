"""Two projects on every tier: a tea field whose answers can be foreseen, and a neighbour that must not be seen."""

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from ingest.web.dependencies import WebDependencies
from schemas.reading import Quality
from tests.figures.field import Field, jst
from tests.fixtures.database import Database, fresh_database
from tests.fixtures.ports import free_port
from tests.fixtures.postgres import Postgres
from tests.web.site import running, wired

START = jst(2026, 11, 1)
HOURS = 24 * 20
"""Twenty days: several chunks."""


def sow(field: Field) -> None:
    """tea-1: air temperature in two channels and rain, hourly. tea-2: a trap, every tenth hour. tea-3: nothing."""
    first = field.device("tea-1", gateway="hill", name="=茶畑 第1区㐂")
    second = field.device("tea-2", name="わな")
    field.device("tea-3")
    for hour in range(HOURS):
        at = START + timedelta(hours=hour)
        measured = {"air_temperature": 10 + hour / 10, "rain_total": float(hour)}
        flag = int(Quality.RANGE | Quality.CLAMPED) if hour == 5 else None
        field.uplink(first, at, measured, gateway="hill", rssi_dbm=-92.4, quality=flag)
        field.reading(first, at, "air_temperature", -1.0, channel=1)
        if hour % 10 == 0:
            field.uplink(second, at + timedelta(microseconds=250), {"trap_state": hour / 10 % 2}, refused=1)
    _neighbour(field)


def _neighbour(field: Field) -> None:
    field.connection.execute(
        "with other as (insert into project (code, name) values ('rice', '水田') returning project_id),"
        " net as (insert into network (code, project_id, kind, name) select 'far', project_id, 'lpwa', '遠' from other"
        " returning network_id, project_id)"
        " insert into device (project_id, code, network_id, name, interval_s)"
        " select project_id, 'tea-1', network_id, '同じコードの機器', 600 from net"
    )
    row = field.connection.execute("select max(device_id) from device").fetchone()
    assert row is not None
    field.uplink(row[0], START, {"river_level": 1.25})


@pytest.fixture(scope="session")
def tea(postgres: Postgres) -> Iterator[Database]:
    fresh = fresh_database(postgres)
    with fresh.connect(autocommit=False) as connection:
        sow(Field(connection))
    yield fresh
    fresh.drop()


@pytest.fixture(scope="session")
def tea_deps(tea: Database) -> Iterator[WebDependencies]:
    with wired(tea.url) as deps:
        yield deps


@pytest.fixture(scope="session")
def tea_site(tea_deps: WebDependencies) -> Iterator[str]:
    with running(tea_deps, free_port()) as address:
        yield address


@pytest.fixture
def api(tea_site: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{tea_site}/api/v1", timeout=60) as client:
        yield client
