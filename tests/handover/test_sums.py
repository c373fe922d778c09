"""What was let go after its period of retention goes along as the sums it has left."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from ingest.settings.model import RetentionSettings
from ingest.store.retention.retention import run_retention
from ingest.store.rollup import rollup
from tests.figures.field import jst
from tests.fixtures.database import Database
from tests.handover.valley import NOW, brought_in, compared, exported, fill, rows

NewDatabase = Callable[[], Database]

GONE = jst(2026, 5, 5)
FIGURES = (
    (
        "select device, readings, received, expected, uplinks, longest_silence_s from"
        " figure_usage_device('tea', '2026-04-01T00:00+09:00', '2026-06-01T00:00+09:00', '2026-06-01T00:00+09:00')"
        " order by device"
    ),
    (
        "select code, day, quantity_id, count, total, increase from rollup_daily join device using (device_id)"
        " where project_id = (select project_id from project where code = 'tea') and quantity_id < 10000"
        " order by 1, 2, 3"
    ),
    (
        "select code, hour, received from uplink_hourly join device using (device_id)"
        " where project_id = (select project_id from project where code = 'tea') order by 1, 2"
    ),
)


def told(database: Database) -> list[list[tuple[Any, ...]]]:
    return [rows(database, figure) for figure in FIGURES]


def let_go(database: Database) -> None:
    """Sum everything up; then let go what was measured before GONE. The duty of `tea` is over."""
    connection = database.connect()
    rollup.keep(connection, now=NOW)
    connection.execute("update project set completed_on = '2018-03-20' where code = 'tea'")
    run_retention(connection, RetentionSettings(raw_months=6), jst(2026, 11, 5))


@pytest.fixture
def old(new_database: NewDatabase) -> Database:
    made = new_database()
    fill(made)
    let_go(made)
    return made


def test_sums_of_what_was_let_go_come_back_on_every_tier_and_stay(
    old: Database, database: Database, tmp_path: Path
) -> None:
    manifest = exported(old, tmp_path / "out")
    assert manifest.raw_from == GONE
    assert "2026-05-05 より前の" in (tmp_path / "out/README.txt").read_text(encoding="utf-8-sig")
    brought_in(database, tmp_path / "out")
    assert rows(database, "select min(time) >= '2026-05-05T00:00+09:00' from reading where quantity_id = 20") == [
        (True,)
    ]
    assert told(database) == told(old)
    rollup.keep(database.connect(), now=NOW)
    assert told(database) == told(old)
    complete, found = compared(database, tmp_path / "out")
    assert complete, found


def test_the_last_values_are_there_too_where_only_messages_were_let_go(
    new_database: NewDatabase, tmp_path: Path
) -> None:
    """Then there are readings older than what the sums are worked out from."""
    old, target = new_database(), new_database()
    fill(old)
    connection = old.connect()
    rollup.keep(connection, now=NOW)
    connection.execute("update project set completed_on = '2018-03-20' where code = 'tea'")
    run_retention(connection, RetentionSettings(link_months=6), jst(2026, 11, 5))
    exported(old, tmp_path / "out")
    brought_in(target, tmp_path / "out")
    rollup.keep(target.connect(), now=NOW)
    last = (
        "select device.code, quantity_id, channel, time, value, quality from last_reading join device using (device_id)"
        " join project using (project_id) where project.code = 'tea' and quantity_id < 10000 order by 1, 2, 3"
    )
    assert rows(target, last) == rows(old, last) != []


def test_what_has_its_readings_is_worked_out_and_not_believed(
    old: Database, new_database: NewDatabase, tmp_path: Path
) -> None:
    old.connect().execute("update rollup_day set total = -1")  # a lie of the other installation
    exported(old, tmp_path / "out")
    target = new_database()
    brought_in(target, tmp_path / "out")
    lies = "select min(day) < '2026-05-05', max(day) < '2026-05-05' from rollup_daily where total = -1"
    assert rows(target, lies) == [(True, True)]


def test_the_sums_of_others_are_still_worked_out(old: Database, new_database: NewDatabase, tmp_path: Path) -> None:
    """The other project was here first; nobody had summed it up yet."""
    target = new_database()
    exported(old, tmp_path / "tea")
    exported(old, tmp_path / "rice", project="rice")
    brought_in(target, tmp_path / "rice")
    target.connect().execute("update rollup_state set raw_from = '-infinity'")
    brought_in(target, tmp_path / "tea")
    assert rows(target, "select raw_from = '2026-05-05T00:00+09:00' from rollup_state") == [(True,)]
    rice = "select day, count from rollup_daily join device using (device_id) join project using (project_id)"
    rice += " where project.code = 'rice' order by 1"
    assert rows(target, rice) == rows(old, rice) != []
    rollup.keep(target.connect(), now=NOW)
    assert rows(target, rice) == rows(old, rice)


def test_a_hand_over_of_a_hand_over_has_the_same_sums(old: Database, new_database: NewDatabase, tmp_path: Path) -> None:
    between = new_database()
    exported(old, tmp_path / "first")
    brought_in(between, tmp_path / "first")
    exported(between, tmp_path / "second")
    for name in ("rollup_daily.parquet", "rollup_usage_day.parquet", "uplink_daily.parquet"):
        first, second = (parquet.read_table(tmp_path / way / name) for way in ("first", "second"))
        assert first.equals(second)
