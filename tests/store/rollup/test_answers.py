"""The same data gives the same sums on every tier: those of a plain loop, at every moment and without waiting."""

from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.store.rollup import rollup
from tests.fixtures.examples import examples
from tests.store.rollup.conftest import Rollups
from tests.store.rollup.reference import Reading, rounded
from tests.store.rollup.reference import rollup as by_hand

START = datetime(2026, 6, 10, 3, tzinfo=UTC)
NOW = START + timedelta(days=2, hours=14)
TEMPERATURE, DIRECTION, RAIN, VALVE = 20, 35, 37, 118

VALUES = {
    TEMPERATURE: st.sampled_from([-3.5, 0.0, 18.25, 30.0]),
    DIRECTION: st.sampled_from([0.0, 45.0, 90.0, 180.0, 225.0, 270.0, 359.0]),
    RAIN: st.sampled_from([0.0, 0.5, 3.0, 64.0, 700.0, 6500.0, 6553.5, 65530.0]),
    VALVE: st.sampled_from([0.0, 1.0, 3.0]),
}
MINUTES = st.integers(0, 3 * 1440 - 1) | st.integers(0, 72).map(lambda hour: hour * 60)


@st.composite
def one_reading(draw: st.DrawFn) -> tuple[int, int, int, float, bool]:
    """Device (0 or 1), quantity, minute, value, and whether it comes late."""
    quantity = draw(st.sampled_from(sorted(VALUES)))
    return draw(st.integers(0, 1)), quantity, draw(MINUTES), draw(VALUES[quantity]), draw(st.booleans())


FUNCTIONS = {
    "rollup_hourly": ("rollup_hourly_of", "hour"),
    "rollup_daily": ("rollup_daily_of", "day"),
    "uplink_hourly": ("rollup_uplink_hourly_of", "hour"),
    "uplink_daily": ("rollup_uplink_days", "day"),
}
PERIODS = ("-infinity", "infinity"), ("2026-06-11 05:30+09", "2026-06-12 11:20:00.000001+09")
DIFFERENT = """
    with given as (select f::text from {function}(array(select device_id from device), '{start}', '{end}') f),
    seen as (select v::text from {view} v where {bucket} >= '{start}' and {bucket} < '{end}')
    (table given except all table seen) union all (table seen except all table given)
"""
"""Rows in which a view and its function for a list of devices differ."""

SERIES = st.lists(one_reading(), min_size=1, max_size=60, unique_by=lambda one: one[:3])


@settings(max_examples=examples(5, 12), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(series=SERIES)
def test_the_rollups_are_what_a_plain_loop_computes_whatever_comes_late(
    rollups: Rollups, series: list[tuple[int, int, int, float, bool]]
) -> None:
    rollups.empty()
    early: list[Reading] = []
    late: list[Reading] = []
    for device, quantity, minute, value, comes_late in series:
        reading = Reading(rollups.devices[device], quantity, START + timedelta(minutes=minute), value)
        (late if comes_late else early).append(reading)

    rollups.write(early)
    agree(rollups, early)
    rollups.keep(NOW)
    agree(rollups, early)
    rollups.write(late)
    agree(rollups, early + late)  # at once
    rollups.keep(NOW)
    assert rollups.due() == 0
    agree(rollups, early + late)
    rollups.keep(NOW + timedelta(days=2))
    agree(rollups, early + late)
    rollup.touch(rollups.connection, rollups.devices, START)
    agree(rollups, early + late)
    rollup.refresh_all(rollups.connection)
    agree(rollups, early + late)


def agree(rollups: Rollups, readings: list[Reading]) -> None:
    assert rounded(rollups.hourly()) == rounded(by_hand(readings, rollups.interval_s, daily=False))
    assert rounded(rollups.daily()) == rounded(by_hand(readings, rollups.interval_s, daily=True))
    for view, (function, bucket) in FUNCTIONS.items():
        for start, end in PERIODS:
            asked = DIFFERENT.format(view=view, function=function, bucket=bucket, start=start, end=end)
            assert rollups.ask(asked) == []
