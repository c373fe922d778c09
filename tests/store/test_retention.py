"""What retention lets go, on every tier: to the row what the policies let go, and nothing the subsidy still demands."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from ingest.cli.main import cli
from ingest.errors import CallRefused
from ingest.settings.model import RetentionSettings
from ingest.store.retention.retention import Retained, run_retention
from ingest.store.rollup import rollup
from ingest.store.timescale import Tier
from schemas.retention import months_before
from tests.figures.field import Field
from tests.fixtures.database import Database
from tests.store.test_compressed import compress

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
LONG_AGO = NOW - 400 * DAY
FOREVER = RetentionSettings(quarantine_months=None)


@pytest.fixture
def stored(database: Database) -> Iterator[Database]:
    """Two projects, each with a device and a message a day: a month 400 days ago, and this week. The old is compressed.

    `tea`'s duty is over; `rice` is not completed.
    """
    connection = database.connect()
    field = Field(connection)
    connection.execute("update project set completed_on = '2019-03-20'")
    insert = "insert into project (code, name) values ('rice', '稲作') returning project_id"
    (rice,) = connection.execute(insert).fetchone() or (0,)
    devices = [field.device("a"), field.device("b")]
    connection.execute("update device set project_id = %s where code = 'b'", (rice,))
    for device in devices:
        field.uplinks(device, [LONG_AGO + day * DAY for day in range(30)])
    if database.tier is Tier.COMMUNITY:
        compress(database)
    for device in devices:
        field.uplinks(device, [NOW - day * DAY for day in range(1, 6)])
    for project in (field.project_id, rice, 0):
        field.tally(LONG_AGO, project, stored=30)
    field.quarantined(LONG_AGO, device=devices[0], project=field.project_id)
    field.quarantined(LONG_AGO)
    yield database
    database.close()


def call(database: Database, *words: str) -> str:
    done = CliRunner().invoke(cli, [*words, "--database", database.url], standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    return done.output


def keep(database: Database, project: str, kind: str, months: int) -> None:
    database.connect().execute(
        "insert into retention (project_id, kind, keep_months, forced_by, forced_why, forced_at)"
        " select project_id, %s, %s, 'x', 'y', now() from project where code = %s",
        (kind, months, project),
    )


def apply(database: Database, settings: RetentionSettings = FOREVER, *, dry_run: bool = False) -> Retained:
    return run_retention(database.connect(), settings, NOW, dry_run=dry_run)


def count(database: Database, table: str, where: str = "true") -> int:
    query = f"select count(*) from {table} left join device using (device_id) where {where}"
    row = database.connect().execute(query.encode()).fetchone()
    return int(row[0]) if row else -1


def chunks(connection: psycopg.Connection[Any], table: str) -> int:
    row = connection.execute("select count(*) from show_chunks(%s)", (table,)).fetchone()
    return int(row[0]) if row else -1


def test_without_a_policy_nothing_goes(stored: Database) -> None:
    assert apply(stored) == Retained()
    assert count(stored, "reading") == 70


def test_one_project_lets_go_and_the_other_keeps_in_the_same_chunks(stored: Database) -> None:
    keep(stored, "tea", "raw", 12)
    said = apply(stored, dry_run=True)
    assert [(each.policy.project, each.part.table, each.rows) for each in said.going] == [("tea", "reading_packed", 30)]
    assert said.chunks == []
    assert count(stored, "reading") == 70

    assert [each.rows for each in apply(stored).going] == [30]
    assert count(stored, "reading", "code = 'a'") == 5
    assert count(stored, "reading", "code = 'b'") == 35
    assert count(stored, "uplink") == 70  # another kind
    assert stored.connect().execute("select table_name, rows, forced_by from retention_run").fetchall() == [
        ("reading_packed", 30, "x")
    ]
    assert apply(stored) == Retained()


def test_the_last_value_that_is_kept_goes_with_its_reading(stored: Database) -> None:
    connection = stored.connect()
    rollup.keep(connection, now=NOW - 60 * DAY)
    kept = "select code, 'value' from last_reading join device using (device_id)"
    kept += " union all select code, 'message' from last_uplink join device using (device_id) order by 1, 2"
    assert len(connection.execute(kept.encode()).fetchall()) == 4
    keep(stored, "tea", "raw", 12)
    apply(stored, dry_run=True)
    assert len(connection.execute(kept.encode()).fetchall()) == 4
    apply(stored)
    assert connection.execute(kept.encode()).fetchall() == [("a", "message"), ("b", "message"), ("b", "value")]
    keep(stored, "tea", "link", 12)
    apply(stored)
    assert connection.execute(kept.encode()).fetchall() == [("b", "message"), ("b", "value")]


def test_a_period_is_counted_to_the_day(stored: Database) -> None:
    keep(stored, "tea", "raw", 13)
    gone = sum(each.rows for each in apply(stored).going)
    assert 0 < gone < 30
    (oldest,) = stored.connect().execute("select min(time) from reading where device_id = 1").fetchone() or (None,)
    assert oldest is not None
    assert NOW - oldest <= 398 * DAY
    assert count(stored, "reading", "code = 'a'") == 35 - gone


def test_a_chunk_that_reaches_beyond_the_period_does_not_go_whole(stored: Database) -> None:
    for project in ("tea", "rice"):
        keep(stored, project, "raw", 13)
    before = months_before(NOW, 13)
    younger = count(stored, "reading", f"time >= '{before}'")
    assert 50 < younger < 70
    apply(stored)
    assert count(stored, "reading") == younger


def test_a_chunk_goes_whole_when_everybody_lets_it_go(stored: Database) -> None:
    for project in ("tea", "rice"):
        keep(stored, project, "link", 12)
    connection = stored.connect()
    before = chunks(connection, "uplink_packed") if stored.tier is not Tier.PLAIN else 0
    said = apply(stored)
    assert [(each.policy.project, each.rows) for each in said.going] == [("rice", 30), ("tea", 30)]
    assert count(stored, "uplink") == 10
    if stored.tier is Tier.PLAIN:
        assert said.chunks == []
    else:
        assert len(said.chunks) >= 4
        assert chunks(connection, "uplink_packed") == before - len(said.chunks)
    assert connection.execute("select project_id, rows from retention_run order by 1").fetchall() == [(1, 30), (2, 30)]


def test_what_the_subsidy_demands_stays_whatever_the_settings_say(stored: Database) -> None:
    said = apply(stored, RetentionSettings(raw_months=1, link_months=1, log_months=1, quarantine_months=1))
    assert {each.policy.project for each in said.going} == {"tea", "(no project)"}
    assert count(stored, "reading", "code = 'b'") == 35
    assert count(stored, "reading", "code = 'a'") == 5
    rows = stored.connect().execute("select project_id from tally order by 1").fetchall()
    assert rows == [(2,)]
    assert stored.connect().execute("select count(*) from quarantine").fetchone() == (0,)


def test_a_duty_that_is_over_holds_nothing_and_one_of_today_everything(stored: Database) -> None:
    connection = stored.connect()
    connection.execute("update project set completed_on = %s where code = 'tea'", (date(NOW.year - 3, 3, 1),))
    assert apply(stored, RetentionSettings(raw_months=1, quarantine_months=None)).going == []
    assert f"until {NOW.year + 2}-04-01" in call(stored, "retention", "show")


def test_a_short_period_is_refused_unless_somebody_answers_for_it(stored: Database) -> None:
    words = ("retention", "set", "--project", "rice", "--kind", "raw", "--months", "12")
    with pytest.raises(CallRefused, match=r"five fiscal years after the year of completion.*72 months at least"):
        call(stored, *words)
    with pytest.raises(CallRefused, match="--who NAME and --why TEXT"):
        call(stored, *words, "--force", "--who", "森")
    call(stored, *words, "--force", "--who", "森", "--why", "市の決定 第3号")
    assert "forced by 森: 市の決定 第3号" in call(stored, "retention", "show")
    said = call(stored, "retention", "apply", "--dry-run")
    assert "rice                raw         reading_packed" in said
    assert "30 rows" in said
    assert said.endswith("dry run: nothing was let go\n")
    assert count(stored, "reading") == 70
    call(stored, "retention", "apply")
    assert count(stored, "reading", "code = 'b'") == 5
    query = "select forced_by, forced_why, rows from retention_run where kind <> 'quarantine'"
    assert stored.connect().execute(query).fetchall() == [("森", "市の決定 第3号", 30)]
    assert call(stored, "retention", "apply") == "nothing may go\ndone\n"


def test_rollups_go_by_their_own_policy_days_cut_in_japan(stored: Database) -> None:
    connection = stored.connect()
    connection.execute(
        "create table if not exists rollup_day (day date not null, device_id integer not null,"
        " quantity_id smallint not null, channel smallint not null, count integer not null, flagged integer not null)"
    )
    connection.execute(
        "insert into rollup_day (day, device_id, quantity_id, channel, count, flagged)"
        " select d::date, 1, 20, 0, 1, 0 from generate_series(now() - interval '400 days', now(), '1 day') d"
    )
    keep(stored, "tea", "rollup", 12)
    (gone,) = apply(stored).going
    assert (gone.part.table, 30 < gone.rows < 40) == ("rollup_day", True)
    first = connection.execute("select min(day) from rollup_day").fetchone()
    assert first == ((gone.before + timedelta(hours=9)).date(),)


def test_what_gateways_said_goes_with_the_records_of_messages_and_sums_stay_open_for_what_is_late(
    stored: Database,
) -> None:
    connection = stored.connect()
    connection.execute(
        "insert into gateway_event (time, received_at, message_id, gateway_id, kind)"
        " select at, at, 1, gateway_id, 0 from gateway, unnest(%s::timestamptz[]) at",
        ([LONG_AGO, LONG_AGO + DAY, NOW],),
    )
    connection.execute("delete from uplink_packed where time < %s", (NOW - 390 * DAY,))
    keep(stored, "tea", "link", 13)
    said = call(stored, "retention", "apply", "--dry-run")
    assert "gateway_event" in said
    (gone,) = apply(stored).going
    assert (gone.part.table, gone.rows) == ("gateway_event", 2)
    assert connection.execute("select time from gateway_event").fetchall() == [(NOW,)]
    assert connection.execute("select raw_from = '-infinity' from rollup_state").fetchone() == (True,)
    assert connection.execute("select table_name, rows from retention_run").fetchall() == [("gateway_event", 2)]
