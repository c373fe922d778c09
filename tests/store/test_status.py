"""`noroshi db status`: what is there, and what will hurt. On every tier."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from ingest.cli.main import cli
from ingest.store.status.outlook import warnings
from ingest.store.status.sizes import Size
from ingest.store.status.status import Chunks, Job, Limits, Status, status
from ingest.store.timescale import COLUMNSTORE, Tier
from tests.figures.field import Field
from tests.fixtures.database import Database
from tests.store.test_compressed import compress

NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
WELL = Status(
    tier=Tier.PLAIN,
    database_bytes=10**9,
    tables=[Size("uplink_packed", 10, 1000), Size("reading_packed", 40, 2000)],
    projects=[],
    chunks=[],
    jobs=[],
    limits=Limits(100, 3, 5, 1000, 200_000_000, None, local=False),
    bytes_per_day=10**9,
)
DAY = timedelta(days=1)


def call(database: Database, *words: str | Path) -> str:
    arguments = ["db", "status", *map(str, words), "--database", database.url]
    done = CliRunner().invoke(cli, arguments, standalone_mode=False, catch_exceptions=False)
    return done.output


def warned(found: Status, *, disk_free: int | None = None) -> list[str]:
    return [each.en for each in warnings(found, disk_free=disk_free, connections=8, now=NOW)]


@pytest.fixture
def stored(database: Database) -> Database:
    """Two thousand readings of `tea` an hour apart, and an account of the last two days."""
    connection = database.connect()
    field = Field(connection)
    device = field.device("a")
    connection.execute(
        "insert into reading select now() - n * interval '1 hour', n, %s, 20, 0, null from generate_series(0, 1999) n",
        (device,),
    )
    field.uplinks(device, [NOW - hour * timedelta(hours=1) for hour in range(100)])
    field.tally(NOW - 2 * DAY, stored=75, readings_stored=1500)
    field.tally(NOW - 2 * DAY, 0, writer="other", stored=25, readings_stored=500)
    if database.tier is Tier.COMMUNITY:
        compress(database)
    connection.execute("analyze reading_packed")
    connection.execute("analyze uplink_packed")
    return database


def test_sizes_projects_chunks_and_growth_are_told(stored: Database) -> None:
    found = status(stored.connect())
    assert found.tier is stored.tier
    rows = {size.name: size.rows for size in found.tables}
    assert rows["reading_packed"] == pytest.approx(2000, rel=0.05)
    tea, nobody = found.projects
    assert (tea.project, tea.readings, nobody.project, nobody.messages) == ("tea", 1500, "(no project)", 25)
    assert tea.bytes == pytest.approx(3 * nobody.bytes, rel=0.01)
    bytes_ = sum(size.bytes for size in found.tables if size.name in {"reading_packed", "uplink_packed"})
    assert found.bytes_per_day == pytest.approx(bytes_ / 2, rel=0.1)
    if stored.tier is Tier.PLAIN:
        assert found.chunks == []
    else:
        reading, uplink = found.chunks
        assert (reading.table, uplink.table) == ("reading_packed", "uplink_packed")
        assert reading.chunks >= 12
        assert reading.in_columnstore == (reading.chunks if stored.tier is Tier.COMMUNITY else 0)


def test_the_columnstore_is_told_with_its_ratio_and_its_policy(stored: Database) -> None:
    if stored.tier is not Tier.COMMUNITY:
        pytest.skip("only TimescaleDB of the community licence has a columnstore")
    said = call(stored)
    assert "in the columnstore" in said
    assert "job          policy_compression reading_packed, every" in said
    assert "job          policy_compression rollup_hour, every" in said
    assert "has no columnstore policy" not in said


def test_without_a_policy_the_columnstore_is_missed(stored: Database) -> None:
    connection = stored.connect()
    if stored.tier is Tier.COMMUNITY:
        connection.execute("select delete_job(job_id) from timescaledb_information.jobs where job_id >= 1000")
    missed = "WARNING  reading_packed has no columnstore policy" in call(stored)
    assert missed == (stored.tier is Tier.COMMUNITY)


def test_the_same_comes_as_json(stored: Database, tmp_path: Path) -> None:
    document = json.loads(call(stored, "--json", "--disk", tmp_path))
    assert document["tier"] == str(stored.tier)
    assert document["migrations_waiting"] == 0
    assert {"name": "reading_packed"}.items() <= document["tables"][1].items()
    assert document["disk_free_bytes"] > 0
    assert document["days_left"] == document["disk_free_bytes"] // document["bytes_per_day"]
    assert document["limits"]["max_connections"] == 100


def test_a_job_of_our_own_housekeeping_that_is_late_or_failed_is_told(any_database: Database) -> None:
    connection = any_database.connect()
    connection.execute(
        "create table if not exists housekeeping_run (job text primary key, every_s integer not null,"
        " started_at timestamptz, succeeded_at timestamptz, failed_at timestamptz, seconds double precision, said text)"
    )
    connection.execute(
        "insert into housekeeping_run (job, every_s, started_at, succeeded_at, failed_at) values"
        " ('test late', 60, now(), now() - interval '1 hour', null),"
        " ('test failed', 60, now(), now() - interval '1 minute', now()),"
        " ('test fine', 60, now(), now(), now() - interval '1 day')"
    )
    connection.execute(
        "insert into housekeeping_run (job, every_s, started_at, succeeded_at, retired_at)"
        " values ('test retired', 60, now(), now() - interval '1 year', now())"
    )
    said = call(any_database)
    assert "WARNING  test late is late" in said
    assert "WARNING  test failed failed" in said
    assert "WARNING  test fine" not in said
    assert "test retired" not in said


def test_room_that_cannot_be_seen_is_not_guessed(stored: Database) -> None:
    connection = stored.connect()
    assert "enough for" in call(stored, "--disk", "/")
    connection.execute("delete from tally")
    assert "growth       not known" in call(stored)


def test_a_database_that_is_not_migrated_says_only_that(any_database: Database) -> None:
    any_database.connect().execute("delete from schema_migration where version = 4")
    assert call(any_database).splitlines()[-1] == "migrations   1 waiting: run `noroshi db upgrade`"
    assert json.loads(call(any_database, "--json"))["migrations_waiting"] == 1


def test_all_is_well_without_a_warning() -> None:
    assert warned(WELL, disk_free=10**12) == []
    assert warned(WELL) == []


@pytest.mark.parametrize(
    ("changed", "disk_free", "said"),
    [
        ({}, 30 * 10**9, "the disk is full in 30 days"),
        ({"limits": WELL.limits._replace(xid_age=1_200_000_000)}, None, "autovacuum does not get through"),
        ({"limits": WELL.limits._replace(max_connections=15)}, None, "leaves 7 connections and one process"),
        ({"tier": Tier.COMMUNITY}, None, "uplink_packed has no columnstore policy"),
        ({"jobs": [Job("policy_retention", "reading", DAY, NOW, failed=True, late=False)]}, None, "of reading failed"),
        (
            {
                "tier": Tier.COMMUNITY,
                "jobs": [Job("policy_compression", table, DAY, NOW, failed=False, late=False) for table in COLUMNSTORE],
                "chunks": [Chunks("reading_packed", 9, 1, 10, 1, NOW - 99 * DAY, NOW - 46 * DAY)],
            },
            None,
            "reading_packed has chunks older than 45 days outside the columnstore",
        ),
    ],
)
def test_what_will_hurt_is_told_with_what_to_do(changed: dict[str, object], disk_free: int | None, said: str) -> None:
    values = {name: getattr(WELL, name) for name in Status.__dataclass_fields__} | changed
    assert said in warned(Status(**values), disk_free=disk_free)[0]
