"""Hours are closed while others write, and nothing of what they write is lost."""

import threading
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from ingest.account import Account
from ingest.errors import StoreUnavailable
from ingest.settings.model import DatabaseSettings
from ingest.store.batch import statements
from ingest.store.batch.writer import Writer
from ingest.store.database import connect
from ingest.store.rollup import rollup
from ingest.store.timescale import COLUMNSTORE, Tier
from tests.figures.field import jst
from tests.fixtures.database import Database
from tests.fixtures.service import eventually
from tests.store.rollup.conftest import Rollups, us
from tests.store.rollup.reference import Reading, rounded
from tests.store.rollup.reference import rollup as by_hand
from tests.store.rows import message
from tests.store.test_compressed import compress

START = datetime(2026, 6, 10, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
AIR, RAIN, VALVE = 20, 37, 118


def series(device: int, count: int, *, start: datetime = START, step_s: int = 600) -> list[Reading]:
    return [Reading(device, AIR, start + timedelta(seconds=n * step_s), 10.0 + n % 7) for n in range(count)]


def agree(rollups: Rollups, readings: list[Reading]) -> None:
    assert rounded(rollups.hourly()) == rounded(by_hand(readings, rollups.interval_s, daily=False))
    assert rounded(rollups.daily()) == rounded(by_hand(readings, rollups.interval_s, daily=True))


class SlowWriter(Writer):
    """Holds its transaction open before COMMIT, or before it asks what is closing, until told."""

    def __init__(self, database: Database, where: str) -> None:
        super().__init__(DatabaseSettings(url=database.url), "slow/2", "slow")
        self.where = where
        self.placed, self.go_on = threading.Event(), threading.Event()

    def _pause(self) -> None:
        self.placed.set()
        assert self.go_on.wait(30)

    def _note_deliveries(self, connection, batch) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
        super()._note_deliveries(connection, batch)
        if self.where == "before it asks":
            self._pause()

    def _commit(self, connection, batch, new, outcome) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
        if self.where == "before it asks":
            super()._commit(connection, batch, new, outcome)
            return
        commit = connection.commit

        def later() -> None:
            self._pause()
            commit()

        connection.commit = later
        try:
            super()._commit(connection, batch, new, outcome)
        finally:
            connection.commit = commit


@pytest.fixture(params=["before it asks", "before COMMIT"])
def slow(rollups: Rollups, request: pytest.FixtureRequest) -> Iterator[SlowWriter]:
    writer = SlowWriter(rollups.database, request.param)
    yield writer
    writer.go_on.set()
    writer.close()


def test_a_writer_whose_transaction_is_open_while_the_window_closes_loses_nothing(
    rollups: Rollups, slow: SlowWriter
) -> None:
    before = series(rollups.devices[0], 24)
    rollups.write(before)
    late = series(rollups.devices[1], 5, step_s=60)
    batch = [message((us(r.time), r.value, r.device, r.quantity, 0, None), at_us=us(r.time), device_id=r.device)
             for r in late]  # fmt: skip
    writing = threading.Thread(target=slow.write, args=(batch,))
    writing.start()
    assert slow.placed.wait(30)
    keeping = threading.Thread(target=rollups.keep, args=(START + 3 * HOUR,))
    keeping.start()
    closing = "select closing_until > '-infinity', materialised_until > '-infinity' from rollup_state"
    watch = rollups.database.connect()
    eventually(lambda: watch.execute(closing.encode()).fetchone() == (True, False), what="the window is closing")
    time.sleep(0.3)
    assert watch.execute(closing.encode()).fetchone() == (True, False)  # it waits for the writer
    slow.go_on.set()
    writing.join(30)
    keeping.join(30)
    assert watch.execute(closing.encode()).fetchone() == (True, True)
    agree(rollups, before + late)
    rollup.refresh_all(rollups.connection)
    agree(rollups, before + late)


def test_a_writer_that_never_ends_is_not_waited_for_for_ever(rollups: Rollups, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollup, "PATIENCE_S", 0.2)
    rollups.write(series(rollups.devices[0], 6))
    other = rollups.database.connect(autocommit=False)
    other.execute("select pg_current_xact_id()")
    with pytest.raises(StoreUnavailable, match="has been writing"):
        rollups.keep(START + 3 * HOUR)
    other.rollback()
    rollups.keep(START + 3 * HOUR)
    agree(rollups, series(rollups.devices[0], 6))


def test_a_service_that_ends_between_closing_and_computing_goes_on_where_it_was(rollups: Rollups) -> None:
    first = series(rollups.devices[0], 24)
    rollups.write(first)
    rollup.close(rollups.connection, START + 3 * HOUR)
    late = series(rollups.devices[1], 3)
    rollups.write(late)
    agree(rollups, first + late)
    rollups.keep(START + 30 * HOUR)
    agree(rollups, first + late)
    assert rollups.due() == 0


def test_a_backfill_leaves_every_other_device_alone(rollups: Rollups) -> None:
    one, other = rollups.devices
    there = series(one, 400) + series(other, 400)
    rollups.write(there)
    rollups.keep(START + 5 * DAY)
    tables = ("rollup_hour", "rollup_day", "uplink_hour", "uplink_day", "rollup_usage_day")
    query = " union all ".join(
        f"select '{table}', ctid::text, xmin::text, tableoid::text from {table} where device_id = {other}"
        for table in tables
    )
    before = sorted(rollups.ask(query))
    late = series(one, 60, start=START + timedelta(minutes=5))
    rollups.write(late)
    assert 0 < rollups.due() < 12
    rollups.keep(START + 5 * DAY)
    assert sorted(rollups.ask(query)) == before
    agree(rollups, there + late)


def test_only_the_touched_hours_of_a_device_are_computed_again(rollups: Rollups) -> None:
    device = rollups.devices[0]
    rollups.write(series(device, 400))
    rollups.keep(START + 5 * DAY)
    query = f"select hour, ctid::text, xmin::text from rollup_hour where device_id = {device} order by hour"
    before = rollups.ask(query)
    rollups.write([Reading(device, AIR, START + 7 * HOUR + timedelta(minutes=3), 99.0)])
    rollups.keep(START + 5 * DAY)
    changed = {after[0] for was, after in zip(before, rollups.ask(query), strict=False) if was != after}
    assert [row for row in rollups.ask(query) if row not in before] != []
    assert changed == {START + 7 * HOUR, START + 8 * HOUR}  # there the next message counter looks back


def test_the_next_value_of_a_counter_and_the_reach_of_a_state_change_with_a_late_reading(rollups: Rollups) -> None:
    device = rollups.devices[0]
    there = [
        Reading(device, RAIN, START, 5.0), Reading(device, RAIN, START + 50 * HOUR, 9.0),
        Reading(device, VALVE, START, 1.0), Reading(device, VALVE, START + 20 * HOUR, 0.0),
    ]  # fmt: skip
    rollups.write(there)
    rollups.keep(START + 5 * DAY)
    late = [
        Reading(device, RAIN, START + 30 * HOUR, 8.0),
        Reading(device, VALVE, START + 10 * HOUR + timedelta(minutes=50), 3.0),
    ]
    rollups.write(late)
    agree(rollups, there + late)
    rollups.keep(START + 5 * DAY)
    agree(rollups, there + late)
    hours = {key[0]: row["increase"] for key, row in rollups.hourly().items() if key[2] == RAIN}
    assert hours == {START: None, START + 30 * HOUR: 3.0, START + 50 * HOUR: 1.0}


def test_a_day_is_a_day_in_japan(rollups: Rollups) -> None:
    device = rollups.devices[0]
    midnight = datetime(2026, 6, 10, 15, tzinfo=UTC)
    last, first = Reading(device, AIR, midnight - timedelta(seconds=1), 1.0), Reading(device, AIR, midnight, 2.0)
    rollups.write([last, first])
    for _ in range(2):
        assert {(str(day), row["count"], row["total"]) for (day, _, _), row in rollups.daily().items()} == {
            ("2026-06-10", 1, 1.0), ("2026-06-11", 1, 2.0),
        }  # fmt: skip
        rollups.keep(jst(2026, 6, 12, 12))


def test_what_is_touched_is_computed_again_exactly_there(rollups: Rollups) -> None:
    one, other = rollups.devices
    rollups.write(series(one, 100) + series(other, 100))
    rollups.keep(START + 5 * DAY)
    rollups.connection.execute("update rollup_hour set total = -1")
    noted = rollups.ask(f"select rollup_touch({one}, '{START + 2 * HOUR}', '{START + 4 * HOUR}')")
    assert noted == [(2,)]
    rollup.refresh_all(rollups.connection)
    right = rollups.ask("select device_id, hour from rollup_hour where total <> -1 order by 1, 2")
    assert right == [(one, START + hour * HOUR) for hour in (2, 3, 4)]  # in the last the message counter looks back


def test_what_has_no_readings_any_more_keeps_its_rollups(rollups: Rollups) -> None:
    device = rollups.devices[0]
    rollups.write(series(device, 400))
    rollups.keep(START + 5 * DAY)
    before = rounded(rollups.hourly())
    rollups.connection.execute("update rollup_state set raw_from = %s", (START + 2 * DAY,))
    rollups.connection.execute("delete from reading_packed where time < %s", (START + 2 * DAY,))
    rollups.write([Reading(device, AIR, START + HOUR, 55.0)])
    rollup.touch(rollups.connection, [device], START)
    rollups.keep(START + 5 * DAY)
    assert rounded(rollups.hourly()) == before


def test_live_messages_ask_nothing_more_of_the_database(rollups: Rollups) -> None:
    """The answer comes with the account; nothing is noted while hours are open."""
    rollups.write(series(rollups.devices[0], 5))
    rollups.keep(START)
    rollups.write(series(rollups.devices[0], 5, start=START + HOUR))
    assert rollups.due() == 0
    values = {"received": START, "project_id": 0, "writer": "test", **asdict(Account())}
    closed = rollups.ask("select closing_until, version from rollup_state, watch_selection")
    assert rollups.connection.execute(statements.NOTE_ACCOUNT, values).fetchall() == closed


def test_uplinks_are_counted_with_their_losses_by_hour_and_day(rollups: Rollups) -> None:
    device = rollups.devices[0]
    with connect(DatabaseSettings(url=rollups.database.url), autocommit=True) as connection:
        sent = [(0, 10, -90.0), (10, 11, -100.0), (70, 14, -110.0), (75, 14, None), (130, 0, -80.0)]
        _uplinks(connection, device, sent)
    expected = [
        (START, 2, 200, 0, 0, -100.0, -95.0),
        (START + HOUR, 2, 200, 2, 0, -110.0, -110.0),
        (START + 2 * HOUR, 1, 100, 0, 1, -80.0, -80.0),
    ]
    hourly = "select hour, received, payload_bytes, lost, resets, rssi_worst, rssi_median from uplink_hourly order by 1"
    daily = "select received, payload_bytes, lost, resets, rssi_worst, rssi_median from uplink_daily"
    for now in (START, START + 2 * HOUR, START + 5 * DAY):
        rollups.keep(now)
        assert rollups.ask(hourly) == expected
        assert rollups.ask(daily) == [(5, 500, 2, 1, -110.0, -95.0)]


def _uplinks(connection: psycopg.Connection[object], device: int, sent: list[tuple[int, int, float | None]]) -> None:
    for number, (minute, counter, rssi_dbm) in enumerate(sent):
        connection.execute(
            "insert into uplink (time, received_at, message_id, counter, device_id, payload_bytes, rssi_dbm, kind,"
            " offered, refused)"
            " values (%(time)s, %(time)s, %(number)s, %(counter)s, %(device)s, 100, %(rssi)s, 0, 0, 0)",
            {
                "time": START + timedelta(minutes=minute), "number": number, "counter": counter, "device": device,
                "rssi": rssi_dbm,
            },
        )  # fmt: skip


def test_a_year_of_backfill_into_compressed_chunks_is_summed_up_like_any_other(rollups: Rollups) -> None:
    if rollups.database.tier is not Tier.COMMUNITY:
        pytest.skip("only TimescaleDB of the community licence has a columnstore")
    one, other = rollups.devices
    there = [
        reading for device in rollups.devices for reading in series(device, 365, start=START - 365 * DAY, step_s=86_400)
    ]
    rollups.write(there)
    rollups.keep(START + 2 * DAY)
    compress(rollups.database)
    query = f"select hour, ctid::text, xmin::text from rollup_hour where device_id = {other} order by hour"
    before = rollups.ask(query)
    late = [
        Reading(one, RAIN, START + (hour - 365 * 24) * HOUR + timedelta(minutes=5), float(hour % 50))
        for hour in range(364 * 24)
    ]
    rollups.write(late)
    assert rollups.due() == len(late)
    agree(rollups, there + late)
    rollups.keep(START + 2 * DAY)
    assert rollups.due() == 0
    agree(rollups, there + late)
    assert rollups.ask(query) == before


def test_sums_in_the_columnstore_follow_what_comes_late_like_any_others(rollups: Rollups) -> None:
    if rollups.database.tier is not Tier.COMMUNITY:
        pytest.skip("only TimescaleDB of the community licence has a columnstore")
    one, other = rollups.devices
    there = series(one, 400) + series(other, 400) + [Reading(one, RAIN, START + n * HOUR, float(n)) for n in range(60)]
    rollups.write(there)
    rollups.keep(START + 5 * DAY)
    compress(rollups.database, COLUMNSTORE)
    late = [Reading(one, AIR, START + 7 * HOUR + timedelta(minutes=3), 99.0),
            Reading(one, RAIN, START + 9 * HOUR + timedelta(minutes=3), 9.5)]  # fmt: skip
    rollups.write(late)
    agree(rollups, there + late)
    rollups.keep(START + 5 * DAY)
    assert rollups.due() == 0
    agree(rollups, there + late)
    compress(rollups.database, COLUMNSTORE)
    agree(rollups, there + late)
