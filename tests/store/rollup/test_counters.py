"""Counters that tell something wrong: the right sum stands beside what was sent."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ingest.store.schema.migrate import upgrade
from tests.store.rollup.conftest import Rollups
from tests.store.rollup.reference import Reading, rounded
from tests.store.rollup.reference import rollup as by_hand

RAIN, WATER, REBOOTS = 37, 60, 96
NOON = datetime(2026, 6, 10, 3, tzinfo=UTC)
MIDNIGHT = datetime(2026, 6, 10, 15, tzinfo=UTC)
"""In Japan."""
TEN_MINUTES = timedelta(minutes=10)

WRONG: list[tuple[list[float], float]] = [
    ([100, 100.5, 0, 100.5, 101], 1.0),
    ([12.0, 12.2, 429496.7295, 12.2, 12.4], 0.4),
    ([29.21, 12.446, 29.21], 0.0),
    ([5000, 5010, 4990, 5020], 20.0),
    ([5000, 5010, 4990, 5000, 5020], 40.0),  # a step back that stays: from there on it counts again
    ([65530, 4, 65532, 65533], 3.0),
    ([100, 0, 100, 0, 101], 1.0),
]
TRUE: list[tuple[list[float], float]] = [
    ([100, 101, 0, 1, 2], 3.0),
    ([100, 101, 0.5, 1], 2.0),
    ([0.2, 0.0, 0.4], 0.4),  # so little that it may have begun anew
    ([65530, 4, 5], 11.0),
]


def day(
    values: list[float], quantity: int, device: int, start: datetime, every: timedelta = TEN_MINUTES
) -> list[Reading]:
    return [Reading(device, quantity, start + number * every, value) for number, value in enumerate(values)]


def daily(rollups: Rollups) -> tuple[float, int, bool]:
    """Of all days together: increase, readings left out, whether it is provisional."""
    ((increase, implausible, provisional),) = rollups.ask(
        "select sum(increase), sum(implausible)::int, bool_or(provisional) from rollup_daily"
    )
    return round(increase, 6), implausible, provisional


def agree(rollups: Rollups, readings: list[Reading]) -> None:
    assert rounded(rollups.hourly()) == rounded(by_hand(readings, rollups.interval_s, daily=False))
    assert rounded(rollups.daily()) == rounded(by_hand(readings, rollups.interval_s, daily=True))


@pytest.mark.parametrize("quantity", [RAIN, WATER, REBOOTS])
def test_one_wrong_value_of_a_counter_is_in_no_sum_and_a_true_restart_is(rollups: Rollups, quantity: int) -> None:
    for values, right in WRONG + TRUE:
        rollups.empty()
        rollups.write(day([float(value) for value in values], quantity, rollups.devices[0], NOON))
        assert daily(rollups)[0] == right, values
        rollups.keep(NOON + timedelta(days=2))
        assert daily(rollups)[0] == right, values


def test_a_wrong_value_at_midnight_is_known_by_its_neighbours_of_other_days(rollups: Rollups) -> None:
    """One after the other, each hour closed before the next value is there."""
    for values, right in WRONG + TRUE:
        rollups.empty()
        sent: list[Reading] = []
        hours = timedelta(hours=1)
        for reading in day([float(value) for value in values], WATER, rollups.devices[0], MIDNIGHT - 2 * hours, hours):
            sent.append(reading)
            rollups.write([reading])
            agree(rollups, sent)
            rollups.keep(reading.time + timedelta(minutes=75))
            agree(rollups, sent)
        assert daily(rollups)[0] == right, values


def test_a_sum_is_provisional_until_the_next_value_tells_what_the_last_one_was(rollups: Rollups) -> None:
    start, hour = MIDNIGHT - timedelta(hours=1), timedelta(hours=1)
    sent = day([100.0, 100.5, 0.0, 100.5], RAIN, rollups.devices[0], start, hour)
    rollups.write(sent[:2])
    assert daily(rollups) == (0.5, 0, False)
    rollups.write(sent[2:3])
    assert daily(rollups) == (0.5, 0, True)
    rollups.keep(start + timedelta(hours=5))
    assert daily(rollups) == (0.5, 0, True)  # as stored
    rollups.write(sent[3:])
    assert daily(rollups) == (0.5, 1, False)


def test_what_no_rain_can_be_is_left_out_and_counted(rollups: Rollups) -> None:
    rollups.write(day([12.0, 12.2, 5000.0, 5000.2], RAIN, rollups.devices[0], NOON))
    assert daily(rollups) == (0.4, 1, False)
    rollups.empty()
    rollups.write(day([12.0, 62.0], RAIN, rollups.devices[0], NOON))  # 300 mm/h for ten minutes: it has rained so
    assert daily(rollups)[:2] == (50.0, 0)
    rollups.empty()
    rollups.write(day([12.0, 812.0], RAIN, rollups.devices[0], NOON, timedelta(days=30)))  # a gap, and a wet month
    assert daily(rollups)[:2] == (800.0, 0)


def test_a_project_says_how_fast_its_counter_can_be(rollups: Rollups) -> None:
    rollups.write(day([100.0, 5100.0, 5200.0], WATER, rollups.devices[0], NOON))
    assert daily(rollups)[:2] == (5100.0, 0)
    rollups.connection.execute(
        "insert into quantity_range (project_id, quantity_id, greatest_per_hour)"
        " select project_id, 60, 600 from project"
    )
    assert daily(rollups)[:2] == (100.0, 1)


def test_a_late_value_and_an_annulled_one_tell_again_what_their_neighbours_were(rollups: Rollups) -> None:
    hour = timedelta(hours=1)
    sent = day([100.0, 101.0, 0.0, 101.5, 102.0], WATER, rollups.devices[0], MIDNIGHT - 3 * hour, hour)
    rollups.write(sent[:3] + sent[4:])
    rollups.keep(MIDNIGHT + timedelta(hours=9))
    agree(rollups, sent[:3] + sent[4:])
    rollups.write(sent[3:4])
    agree(rollups, sent)
    rollups.keep(MIDNIGHT + timedelta(hours=10))
    assert rollups.due() == 0
    agree(rollups, sent)
    assert daily(rollups)[:2] == (2.0, 1)


def test_an_upgrade_computes_again_the_sums_that_were_wrong_and_no_others(rollups: Rollups) -> None:
    hour = timedelta(hours=1)
    device = rollups.devices[0]
    sent = day([100.0, 100.5, 0.0, 100.5, 101.0, *(101.0 + n / 2 for n in range(40))], RAIN, device, NOON, hour / 2)
    rollups.write(sent)
    rollups.keep(NOON + timedelta(days=2))
    rollups.connection.execute("update rollup_hour set increase = 100.5 where minimum = 0")
    rollups.connection.execute("update rollup_day set increase = 101.5 where day = '2026-06-10'")
    rollups.connection.execute("delete from schema_migration where version = 23")
    for table, columns in (
        ("quantity", ("greatest_per_hour",)), ("quantity_range", ("greatest_per_hour",)),
        ("rollup_hour", ("implausible", "provisional")), ("rollup_day", ("implausible", "provisional")),
        ("last_reading", ("provisional",)),
    ):  # fmt: skip
        for column in columns:
            drop(rollups, f"alter table {table} drop column {column} cascade")
    upgrade(rollups.connection)
    assert 0 < rollups.due() < 5
    rollups.keep(NOON + timedelta(days=2))
    agree(rollups, sent)


def drop(rollups: Rollups, statement: str) -> Any:
    rollups.connection.execute("delete from figure_version")
    return rollups.connection.execute(statement.encode())
