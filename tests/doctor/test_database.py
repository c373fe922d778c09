"""The database, its roles, its periods of retention and the registry in it: on every tier, with roles of all kinds."""

import socket
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from ingest.doctor import clock
from ingest.doctor.finding import Severity
from ingest.store.doctor.server import Clock
from ingest.store.timescale import Tier
from tests.doctor.call import EVERYBODY, WRITER, doctor, examine
from tests.doctor.conftest import MakeRole
from tests.figures.field import Field
from tests.fixtures.database import Database, OwnPostgres, fresh_database

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
WHOLE = ("database", "jobs", "disk", "roles", "retention", "clock", "registry")


def test_the_whole_examination_works_as_a_role_that_only_writes(database: Database, make_role: MakeRole) -> None:
    role = make_role(grants=WRITER)
    found = examine(database, *WHOLE, role=role)
    assert found.of("unknown") == []
    assert {one["check"] for one in found.findings} == set(WHOLE)
    (said,) = [one for one in found.findings if one["check"] == "roles"]
    assert EVERYBODY in said["found_en"]  # it is a server as PostgreSQL makes it
    assert said["severity"] == "note"


def test_version_and_tier_are_told(database: Database) -> None:
    found = examine(database, "database")
    assert found.data() == {"tier": str(database.tier)}
    noted = any("not TimescaleDB's community edition" in said for said in found.of("note"))
    assert noted == (database.tier is not Tier.COMMUNITY)


def test_a_server_that_forgets_after_a_power_cut_is_bad(database: Database) -> None:
    """The shared servers of the tests are set so."""
    found = examine(database, "database")
    assert (found.code, found.of("bad")) == (1, ["fsync, full_page_writes off"])
    database.connect().execute(f"alter database {database.name} set synchronous_commit = off".encode())
    assert examine(database, "database").of("bad") == ["fsync, full_page_writes, synchronous_commit off"]


def test_a_durable_server_has_nothing_against_it(own_postgres: OwnPostgres) -> None:
    found = doctor("database", database=fresh_database(own_postgres()).url)
    assert (found.code, found.of("bad"), found.of("warning")) == (0, [], [])


def test_a_database_that_cannot_be_written_is_bad(any_database: Database) -> None:
    any_database.connect().execute(
        f"alter database {any_database.name} set default_transaction_read_only = on".encode()
    )
    assert "it is read-only: a standby, or set so" in examine(any_database, "database").of("bad")


def test_a_database_before_its_migrations_is_told_to_be_one(any_database: Database) -> None:
    any_database.connect().execute("delete from schema_migration where version > 5")
    found = examine(any_database, *WHOLE)
    assert any("migrations are waiting" in said for said in found.of("bad"))
    assert found.of("note").count("not examined before the migrations are applied") == 5
    assert found.of("unknown") == []


def test_a_database_that_is_away_or_silent_is_said_once() -> None:
    away = doctor(*WHOLE)
    assert len(away.of("bad")) == 1
    assert set(away.of("unknown")) == {"not examined, see [database]"}
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        hanging = doctor("database", "roles", "ntp", database=f"postgresql://x@127.0.0.1:{port}/x")
    assert "no connection to" in hanging.of("bad")[0]
    assert hanging.findings[-1]["check"] == "ntp"
    assert hanging.findings[-1]["severity"] != "unknown"


def test_a_policy_that_drops_by_age_alone_is_bad(database: Database) -> None:
    assert examine(database, "retention").severities == {"ok"}
    if database.tier is not Tier.COMMUNITY:
        pytest.skip("only TimescaleDB of the community licence has policies")
    database.connect().execute("select add_retention_policy('reading_packed', interval '1 year')")
    found = examine(database, "retention")
    assert (found.code, "drops reading_packed after" in found.of("bad")[0]) == (1, True)


def test_a_period_that_somebody_forced_is_told_with_his_name(database: Database) -> None:
    connection = database.connect()
    Field(connection)
    insert = (
        "insert into retention (project_id, kind, keep_months{more}) select project_id, %s, 12{values} from project"
    )
    connection.execute(insert.format(more="", values="").encode(), ("link",))
    found = examine(database, "retention")
    assert "periods of tea are shorter than 72 months and are held" in found.of("note")[0]
    more = {"more": ", forced_by, forced_why, forced_at", "values": ", 'Sato', 'privacy', now()"}
    connection.execute(insert.format(**more).encode(), ("raw",))
    assert "raw of tea goes after 12 months (forced by Sato: privacy)" in examine(database, "retention").of("warning")
    connection.execute("update project set completed_on = '2010-03-20'")
    assert examine(database, "retention").of("note") == []


def test_the_registry_is_compared_with_who_speaks(database: Database) -> None:
    connection = database.connect()
    assert examine(database, "registry").of("warning") == ["there is no device in the registry"]
    field = Field(connection)
    heard = field.device("heard", interval_s=600)
    field.uplink(heard, NOW)
    assert examine(database, "registry").severities == {"ok", "note"}
    field.device("later", installed_on=date(2999, 1, 1))
    field.device("off", enabled=False)
    assert examine(database, "registry").severities == {"ok", "note"}
    for number in range(7):
        field.device(f"never-{number}")
    field.uplink(field.device("quiet", interval_s=600), NOW - DAY)
    field.quarantined(NOW, "unknown_device", part=0)
    field.quarantined(NOW, "unknown_device", part=0)
    field.quarantined(NOW, "wrong_project", part=0)
    field.quarantined(NOW, "unknown_device", part=0, replayed_at=NOW)
    field.quarantined(NOW - 40 * DAY, "unknown_device", part=0)
    field.quarantined(NOW, "out_of_range", part=0)
    assert examine(database, "registry").of("warning") == [
        "7 devices were never heard (tea/never-0, tea/never-1, tea/never-2, tea/never-3, tea/never-4, …(+2))",
        "1 devices are silent (tea/quiet)",
        "unknown_device: 2 messages on 1 topics within 30 days (t)",
        "wrong_project: 1 messages on 1 topics within 30 days (t)",
    ]


def test_a_job_that_failed_and_a_missing_policy_are_told(database: Database) -> None:
    connection = database.connect()
    assert "no job has run yet" in examine(database, "jobs").of("note")
    connection.execute(
        "insert into housekeeping_run (job, every_s, started_at, succeeded_at, failed_at)"
        " values ('rollups', 30, now(), null, now())"
    )
    assert "rollups failed" in examine(database, "jobs").of("warning")
    if database.tier is Tier.COMMUNITY:
        connection.execute("select delete_job(job_id) from timescaledb_information.jobs where job_id >= 1000")
        assert "reading_packed has no columnstore policy" in examine(database, "jobs").of("warning")


def test_the_days_that_the_disk_lasts_are_told(any_database: Database, tmp_path: Path) -> None:
    connection = any_database.connect()
    found = doctor("disk", f"--disk={tmp_path}", database=any_database.url)
    assert (found.severities, "growth not known yet" in found.of("ok")[0]) == ({"ok"}, True)
    field = Field(connection)
    field.uplinks(field.device("a"), [NOW - hour * timedelta(hours=1) for hour in range(100)])
    connection.execute("analyze")
    field.tally(NOW - DAY, stored=10**12, readings_stored=10**12)
    found = doctor("disk", f"--disk={tmp_path}", database=any_database.url)
    assert "the disk is full in 0 days" in found.of("bad")[0]


def test_clocks_that_differ_are_told(any_database: Database) -> None:
    found = examine(any_database, "clock")
    assert found.severities == {"ok"}
    assert abs(found.data()["ahead_s"]) < 1
    (behind,) = clock.findings_of_theirs(Clock(-30.0, 0.01), 120.0)
    assert (behind.severity, behind.found.en) == (Severity.WARNING, "the database's clock is 30.0 s behind of ours")
    (ahead,) = clock.findings_of_theirs(Clock(500.0, 0.01), 120.0)
    assert (ahead.severity, "進んで" in ahead.found.ja) == (Severity.BAD, True)
    (slow_link,) = clock.findings_of_theirs(Clock(3.0, 2.5), 120.0)
    assert slow_link.severity is Severity.OK


def test_our_own_clock_is_asked_of_the_system() -> None:
    assert clock.synchronised() in {True, False, None}
    assert [clock.findings_of_ours(kept).severity for kept in (True, False, None)] == ["ok", "warning", "note"]


def test_the_connections_of_the_examination_are_closed(any_database: Database) -> None:
    examine(any_database, *WHOLE)
    with psycopg.connect(any_database.url) as connection:
        row = connection.execute(
            "select count(*) from pg_stat_activity where application_name = 'noroshi' and datname = current_database()"
        ).fetchone()
    assert row == (0,)
