"""Readings that writers store become events, in whatever order they come: the chronology is that of all readings."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from struct import Struct

import pytest

from ingest.store.batch.watched import READING_BYTES
from ingest.watch.engine import turn
from ingest.watch.engine.rest import LateRest
from tests.fixtures.database import Database
from tests.watch.engine.gauge import CHRONOLOGY, FLOOD, Gauge
from tests.watch.engine.river import LEVEL


@pytest.fixture
def gauge(any_database: Database) -> Iterator[Gauge]:
    gauge = Gauge(any_database, began=datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=60))
    gauge.watch()
    yield gauge
    gauge.close()


def test_readings_in_order_are_told_when_they_are_fresh(gauge: Gauge) -> None:
    for each in FLOOD:
        gauge.send(each)
        gauge.watch()
    assert gauge.chronology() == CHRONOLOGY
    assert gauge.origins() == ["late", "late", "live", "live"], "measured within three intervals"
    assert gauge.incident() == [(0, False), (3, True)], "the reading at 40 confirmed what was found late"
    assert gauge.connection.execute("select count(*) from watch_note").fetchone() == (0,)


def test_what_is_left_is_named_and_when_it_was_stored(gauge: Gauge) -> None:
    gauge.send((55, 1.5))
    gauge.watch()
    gauge.send((60, 0.5))
    gauge.watch()
    row = gauge.connection.execute(
        "select name, details -> 'left' ->> 'name', value, committed_at > at, unit"
        " from watch_event order by at desc limit 1"
    ).fetchone()
    assert row == ("", "基準1", 0.5, True, "m")


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("births", [False, True])
def test_in_whatever_order_readings_come_the_chronology_is_the_same(seed: int, gauge: Gauge, *, births: bool) -> None:
    """Some twice, some in one batch with others, with a watcher that dies at any moment."""
    chance = random.Random(seed)
    readings = [*FLOOD, *chance.sample(FLOOD, 2)]
    chance.shuffle(readings)
    while readings:
        some = [readings.pop() for _ in range(min(chance.randint(1, 3), len(readings)))]
        gauge.send(*some)
        if chance.random() < 0.7:
            gauge.watch()
        if births and chance.random() < 0.5:
            gauge.reborn()
    gauge.watch()
    assert gauge.chronology() == CHRONOLOGY
    assert gauge.incident()[-1] == (3, True)
    assert set(gauge.withdrawn()) <= {"amended by readings that came later"}


def test_a_late_reading_amends_and_closes_but_calls_nobody(gauge: Gauge) -> None:
    gauge.send((40, 0.5))
    gauge.send((58, 1.5))
    gauge.watch()
    assert gauge.incident() == [(1, True)]
    gauge.send((50, 2.5))
    gauge.watch()
    assert gauge.chronology() == [(50, 0, 2), (58, 2, 1)]
    assert gauge.origins() == ["late", "late"]
    assert gauge.incident() == [(1, True)], "no second incident, and none raised"


def test_a_stage_found_late_is_told_by_the_next_measurement(gauge: Gauge) -> None:
    gauge.send((0, 0.5))
    gauge.send((30, 1.5))
    gauge.watch()
    assert gauge.incident() == [], "half an hour old when it was stored"
    gauge.send((59, 1.6))
    gauge.watch()
    assert gauge.chronology() == [(30, 0, 1)]
    assert gauge.incident() == [(1, True)]


def test_an_unsound_reading_reaches_nothing(gauge: Gauge) -> None:
    time_us, value, *rest = gauge.row(60, 9.0)
    gauge.store((time_us, value, *rest[:-1], 1))  # type: ignore[arg-type]
    gauge.watch()
    assert gauge.chronology() == []


def test_a_correction_withdraws_what_it_proves_wrong_and_says_so(gauge: Gauge) -> None:
    gauge.send((50, 0.5), (60, 3.5))
    gauge.watch()
    assert gauge.incident() == [(3, True)]
    gauge.connection.execute(
        "insert into correction (kind, device_id, quantity_id, starts, ends, who, why)"
        " values ('annul', %s, %s, %s, %s, 'x', 'a fish')",
        (gauge.device, LEVEL, gauge.began + timedelta(minutes=55), gauge.began + timedelta(minutes=65)),
    )
    gauge.watch()
    assert gauge.chronology() == []
    assert gauge.withdrawn() == ["amended by a correction of readings"]
    assert gauge.incident() == [(0, False)]


def test_readings_of_a_corrected_device_count_as_corrected(gauge: Gauge) -> None:
    gauge.connection.execute(
        "insert into correction (kind, device_id, quantity_id, channel, scale, offset_, who, why)"
        " values ('recalibrate', %s, %s, 0, 1, -1, 'x', 'staff gauge')",
        (gauge.device, LEVEL),
    )
    gauge.watch()
    gauge.send((50, 1.5))
    gauge.watch()
    gauge.send((60, 2.5))
    gauge.watch()
    assert gauge.chronology() == [(60, 0, 1)]
    assert gauge.connection.execute("select value from watch_event").fetchone() == (1.5,)


def test_another_value_for_the_same_time_does_not_count(gauge: Gauge) -> None:
    gauge.send((60, 1.5))
    gauge.watch()
    gauge.store(gauge.row(60, 2.5))
    gauge.watch()
    assert gauge.chronology() == [(60, 0, 1)]


def test_changed_stages_are_compared_with_the_newest_reading_at_once(gauge: Gauge) -> None:
    gauge.send((50, 0.6), (60, 0.7))
    gauge.watch()
    gauge.connection.execute("update device_stage set level_m = 0.5 where rank = 1")
    gauge.connection.execute("update registry_state set version = version + 1")
    assert gauge.turns.follow_rules()
    gauge.watch()
    assert gauge.chronology() == [(60, 0, 1)]
    assert gauge.incident() == [(1, True)]


def test_without_its_rule_an_incident_is_closed(gauge: Gauge) -> None:
    gauge.send((60, 1.5))
    gauge.watch()
    gauge.connection.execute("update device set enabled = false")
    gauge.connection.execute("update registry_state set version = version + 1")
    gauge.turns.follow_rules()
    assert gauge.incident() == [(0, False)]
    assert gauge.connection.execute("select count(*) from watch_selected").fetchone() == (0,)


def test_what_was_stored_before_it_was_selected_is_found(any_database: Database) -> None:
    """A transaction that began before the selection stores a reading without a note, and commits after it."""
    gauge = Gauge(any_database, began=datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=60))
    gauge.watch()
    gauge.connection.execute("delete from watch_selected")
    slow = any_database.connect(autocommit=False)
    slow.execute(
        "insert into reading_packed (time, device_id, amount, quantity_id, channel, per)"
        " values (%s, %s, 150, %s, 0, 100)",
        (gauge.began + timedelta(minutes=59), gauge.device, LEVEL),
    )
    gauge.reborn()
    gauge.watch()
    assert gauge.turns.evaluator.looks == 1, "it waits for those who may not know the selection"
    slow.commit()
    gauge.watch()
    assert gauge.chronology() == [(59, 0, 1)]
    gauge.close()


def test_a_backlog_is_told_as_if_there_had_been_none(any_database: Database) -> None:
    """So many notes wait that one turn does not take them: the newest first, and each stage at its own time."""
    gauge = Gauge(any_database, 2, began=datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=60))
    gauge.watch()
    for number in range(4):
        gauge.store(gauge.row(40 + number, 0.5, gauge.devices[1]))
    for minute, value in [(46, 0.5), (48, 1.2), (50, 1.3), (52, 2.5), (54, 2.6), (56, 2.5), (58, 2.6), (60, 2.7)]:
        gauge.send((minute, value))
    turns = gauge.reborn()
    while turns.take(most_notes=2):
        pass
    assert gauge.chronology() == [(48, 0, 1), (52, 1, 2)]
    assert gauge.origins() == ["live", "live"]
    assert gauge.withdrawn() == []
    gauge.send((61, 0.5))
    gauge.watch()
    assert gauge.incident() == [(0, False)]
    gauge.close()


def test_a_late_reading_in_a_backlog_is_not_passed_over(gauge: Gauge) -> None:
    """It was in the database when the newest one was computed, but lies before all that was looked at then."""
    gauge.send((55, 0.5))
    gauge.send((5, 2.5))
    gauge.send((60, 0.6))
    turns = gauge.reborn()
    while turns.take(most_notes=1):
        pass
    assert gauge.chronology() == [(5, 0, 2), (55, 2, 0)]


def test_what_a_merged_batch_says_is_looked_up(gauge: Gauge) -> None:
    """A reading of it may not have been stored, or with another value."""
    gauge.send((50, 0.5))
    gauge.watch()
    time_us, value, *rest = gauge.row(60, 9.0)
    packed = Struct(">qdihhh").pack(time_us, value, *rest[:-1], -1)
    gauge.connection.execute("insert into watch_note (readings, exact) values (%b, false)", (packed,))
    gauge.watch()
    assert gauge.chronology() == []


def test_many_gauges_do_not_move_each_other(any_database: Database) -> None:
    gauge = Gauge(any_database, 30, datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=60))
    expected: dict[int, Sequence[tuple[float, int, int]]] = {}
    for number, device in enumerate(gauge.devices):
        gauge.store(gauge.row(50, 0.5, device), gauge.row(51 + number % 5, 1.5 + number % 2, device))
        expected[device] = [(51 + number % 5, 0, 1 + number % 2)]
    gauge.watch()
    assert {device: gauge.chronology(device) for device in gauge.devices} == expected
    gauge.close()


@pytest.mark.parametrize("age", [60, 600], ids=["now", "late"])
def test_what_one_turn_does_not_compute_is_left_for_the_next(
    any_database: Database, age: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five gauges that nothing is known of, in one note: two of them are computed in a turn."""
    monkeypatch.setattr(turn, "MOST_AGAIN", 2)
    gauge = Gauge(any_database, 5, datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=age))
    gauge.watch()
    turns = gauge.reborn()
    turns.evaluator.use(turns.rules)
    gauge.store(*(gauge.row(59, 1.5, device) for device in gauge.devices))
    seen = []
    while turns.take():
        seen.append(sum(bool(gauge.chronology(device)) for device in gauge.devices))
    assert seen[:2] == [2, 4]
    assert [gauge.chronology(device) for device in gauge.devices] == [[(59, 0, 1)]] * 5
    assert gauge.connection.execute("select count(*) from watch_note").fetchone() == (0,)
    gauge.close()


def test_what_may_be_at_a_stage_is_computed_first(any_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five gauges that nothing is known of; one is at a stage, and the others have newer readings."""
    monkeypatch.setattr(turn, "MOST_AGAIN", 1)
    gauge = Gauge(any_database, 5, datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=61))
    gauge.watch()
    turns = gauge.reborn()
    turns.evaluator.use(turns.rules)
    high, *calm = gauge.devices
    gauge.store(gauge.row(58, 1.5, high), *(gauge.row(59, 0.5, device) for device in calm))
    assert turns.take()
    assert gauge.chronology(high) == [(58, 0, 1)]
    gauge.watch()
    assert gauge.connection.execute("select count(*) from watch_note").fetchone() == (0,)
    gauge.close()


@pytest.mark.parametrize("most", [1, 100], ids=["beyond what a turn computes", "within it"])
def test_what_cannot_be_at_a_stage_waits_with_what_came_late(
    any_database: Database, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """A new watcher meets a flood of readings: only what may be at a stage is computed beside it."""
    monkeypatch.setattr(turn, "MOST_AGAIN", most)
    gauge = Gauge(any_database, 3, datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=61))
    gauge.watch()
    turns = gauge.reborn()
    turns.evaluator.use(turns.rules)
    high, *calm = gauge.devices
    gauge.store(gauge.row(58, 1.5, high), *(gauge.row(59, 0.5, device) for device in calm))
    with monkeypatch.context() as patched:
        patched.setattr(LateRest, "is_over", lambda *_: False)
        while turns.take():
            pass
    assert gauge.chronology(high) == [(58, 0, 1)]
    assert gauge.connection.execute("select late, octet_length(readings) from watch_note").fetchall() == [
        (True, len(calm) * READING_BYTES)
    ]
    gauge.store(gauge.row(60, 1.5, calm[0]))
    gauge.watch()
    assert [gauge.chronology(device) for device in calm] == [[(60, 0, 1)], []]
    assert gauge.connection.execute("select count(*) from watch_note").fetchone() == (0,)
    gauge.close()


def test_what_a_new_watcher_finds_before_a_known_event_is_late(any_database: Database) -> None:
    """It remembers nothing; but an event is stored, and people know of it."""
    gauge = Gauge(any_database, began=datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=60))
    gauge.send((50, 1.5))
    gauge.watch()
    gauge.reborn()
    gauge.send((46, 1.5), (48, 0.5))
    gauge.watch()
    assert gauge.chronology() == [(46, 0, 1), (48, 1, 0), (50, 0, 1)]
    assert gauge.origins() == ["late", "late", "live"]
    assert gauge.incident() == [(1, True)]
    gauge.close()
