"""An installation of the very first tables, with data: upgraded, started, and every figure as if nothing had been."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg import sql

from ingest.store.schema.migrate import migrations
from ingest.store.timescale import Tier
from tests.acceptance.fleet import native, one, publish, rows
from tests.fixtures.broker import Broker
from tests.fixtures.database import Database
from tests.fixtures.postgres import Postgres
from tests.fixtures.service import RunNoroshi, StartService, eventually, identity_holds

NAME = "of_the_first_day"
HOURS = 48
T0 = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=9)
VALUES = [20.5, 21.25, -3.1, 0.1 + 0.2]
REGISTRY = """
insert into project (code, name) values ('farm', '実証事業');
insert into network (code, project_id, kind, name) values ('net', 1, 'LPWA', 'LPWA');
insert into device (project_id, code, network_id, name, interval_s) values (1, 'dev-0', 1, '機器0', 3600);
insert into quantity values (1, 'air_temperature', 'Cel', '℃', 'gauge', '気温', 'air temperature', -60, 70, -40, 50);
update registry_state set version = version + 1;
"""


@pytest.fixture
def old(postgres: Postgres) -> Iterator[Database]:
    """As the first program left it: its tables, hypertables where the server has them, two days of one device."""
    postgres.start()
    with postgres.connect() as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(NAME)))
    database = Database(postgres, NAME)
    try:
        fill(database)
        yield database
    finally:
        database.drop()


def fill(database: Database) -> None:
    first, *_ = migrations()
    with database.connect() as connection:
        if database.tier is not Tier.PLAIN:
            connection.execute("create extension if not exists timescaledb")
        connection.execute(first.sql.encode())
        connection.execute(
            "create table schema_migration (version integer primary key, name text not null,"
            " applied_at timestamptz not null default now())"
        )
        connection.execute("insert into schema_migration values (%s, %s)", (first.version, first.name))
        if database.tier is not Tier.PLAIN:
            for table in ("uplink", "reading"):
                connection.execute(
                    "select create_hypertable(%s::regclass, by_range('time', interval '7 days'),"
                    " create_default_indexes => false)",
                    (table,),
                )
        connection.execute(REGISTRY.encode())
        give_data(connection)


def give_data(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    for hour in range(HOURS):
        time = T0 + timedelta(hours=hour)
        connection.execute(
            "insert into uplink (time, received_at, message_id, counter, device_id, payload_bytes, rssi_dbm, snr_db,"
            " kind, offered, refused) values (%s, %s, %s, %s, 1, 90, -98.25, 6.5, 0, 1, 0)",
            (time, time, hour + 1, hour),
        )
        connection.execute(
            "insert into reading (time, value, device_id, quantity_id, channel) values (%s, %s, 1, 1, 0)",
            (time, VALUES[hour % len(VALUES)]),
        )
        connection.execute(
            "insert into tally (hour, project_id, writer, stored, readings_offered, readings_stored, payload_bytes)"
            " values (%s, 1, 'old', 1, 1, 1, 90)",
            (time,),
        )


async def test_an_installation_of_the_first_day_is_upgraded_with_all_it_has(
    old: Database, mosquitto: Broker, run_noroshi: RunNoroshi, start_service: StartService
) -> None:
    run_noroshi("db", "upgrade", "--database", old.url)
    again = run_noroshi("db", "upgrade", "--database", old.url)
    assert "applied" not in again.stdout
    stored = rows(old.url, "select time, value from reading order by time")
    assert stored == [(T0 + timedelta(hours=hour), VALUES[hour % len(VALUES)]) for hour in range(HOURS)]
    assert one(old.url, "select count(*), min(rssi_dbm), max(snr_db) from uplink") == (HOURS, -98.25, 6.5)

    service = start_service(old.url, mosquitto.url)
    await publish(mosquitto.url, [native(0, 1)])
    assert identity_holds(service.wait_settled(1))
    assert service.get("/")[0] == 200
    identity = "select received, stored, quarantined, readings_unexplained from figure_identity where project = 'farm'"
    assert one(old.url, identity) == (HOURS + 1, HOURS + 1, 0, 0)
    sums = "select sum(count) from rollup_hourly where quantity_id = 1"
    eventually(lambda: (one(old.url, sums) or 0) >= HOURS, within_s=60, what="the sums of before the upgrade")
