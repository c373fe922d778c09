"""Gauges of two intervals: every figure counts by the interval that holds, on every tier."""

from datetime import UTC, datetime, timedelta

import pytest

from ingest.figures.device import device_state
from ingest.figures.fleet import device_states, gateway_states
from ingest.figures.plan.sums import plan_sums
from ingest.figures.rain import rain_of
from ingest.figures.stages import stages_now
from ingest.figures.usage import Period, usage
from ingest.figures.usage_model import DeviceUsage
from tests.figures.field import Field, jst

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
CALM = (3600, 1.2)
NOVEMBER = Period(jst(2026, 11, 1), jst(2026, 12, 1), jst(2027, 6, 1))


def now() -> datetime:
    return datetime.now(UTC)


def gauge(field: Field, code: str, ago: timedelta, said: dict[str, float], calm: tuple[int, float] = CALM) -> int:
    """A gauge of ten minutes and an hour that was heard once."""
    device = field.device(code, interval_s=600, calm=calm, gateway="hill")
    field.uplink(device, now() - ago, said, gateway="hill")
    return device


def states(field: Field) -> dict[str, str]:
    return {row.device: row.state for row in device_states(field.connection)}


def of(field: Field, code: str) -> DeviceUsage:
    return next(line for line in usage(field.connection, "tea", NOVEMBER).devices if line.device == code)


def test_a_gauge_is_silent_by_the_interval_of_its_mode(field: Field) -> None:
    for code, minutes, level in (("calm", 85, 1.19), ("calm over", 95, 1.19), ("flood", 25, 1.2), ("over", 35, 1.2)):
        gauge(field, code, minutes * MINUTE, {"river_level": level})
    gauge(field, "level never told", 85 * MINUTE, {"air_temperature": 20.0})
    field.uplink(field.device("one interval", interval_s=600), now() - 35 * MINUTE, {"river_level": 0.1})
    assert states(field) == {
        "calm": "live", "calm over": "silent", "flood": "live", "over": "silent", "level never told": "live",
        "one interval": "silent",
    }  # fmt: skip
    rows = {
        row.device: (row.calm_interval_s, row.interval_now_s, row.patience_s) for row in device_states(field.connection)
    }
    assert rows["calm"] == rows["level never told"] == (3600, 3600, 5400)
    assert rows["flood"] == (3600, 600, 1800)
    assert rows["one interval"] == (None, 600, 1800)


def test_the_last_level_decides_also_where_later_messages_have_none(field: Field) -> None:
    device = gauge(field, "r", 5 * HOUR, {"river_level": 1.5})
    field.uplink(device, now() - 6 * HOUR, {"river_level": 0.3})
    field.uplink(device, now() - 50 * MINUTE, {"battery_voltage": 3.3})
    assert states(field) == {"r": "silent"}


@pytest.mark.parametrize(("centimetres", "state"), [(14.9, "live"), (15.0, "silent")])
def test_a_level_in_centimetres_is_compared_in_metres(field: Field, centimetres: float, state: str) -> None:
    gauge(field, "paddy", 50 * MINUTE, {"paddy_water_level": centimetres}, calm=(3600, 0.15))
    assert states(field) == {"paddy": state}


def test_an_own_level_in_millimetres_counts_and_what_is_no_level_does_not(field: Field) -> None:
    field.connection.execute(
        "insert into quantity (quantity_id, code, unit, unit_ja, kind, label_ja, label_en, reject_low, reject_high,"
        " flag_low, flag_high, of_project_id) select i, code, 'mm', 'mm', 'gauge', '', '', 0, 1e4, 0, 1e4, %s"
        " from (values (10000, 'well_level'), (10001, 'well_depth')) q (i, code)",
        (field.project_id,),
    )
    for code, quantity in (("level", 10000), ("no level", 10001)):
        device = gauge(field, code, 50 * MINUTE, {})
        field.connection.execute(
            "insert into reading (time, value, device_id, quantity_id, channel) values (%s, 1200, %s, %s, 0)",
            (now() - 50 * MINUTE, device, quantity),
        )
    assert states(field) == {"level": "silent", "no level": "live"}


def test_a_gateway_has_the_patience_of_what_stands_behind_it(field: Field) -> None:
    gauge(field, "r", 85 * MINUTE, {"river_level": 0.5})
    assert [row.state for row in gateway_states(field.connection)] == ["live"]
    field.connection.execute("update device set calm_interval_s = 3000")
    assert [row.state for row in gateway_states(field.connection)] == ["silent"]


def test_a_month_counts_each_mode_by_its_interval(field: Field) -> None:
    """Calm once a day at 09:00. On the 10th the river is at the level from 13:20 to 15:50, then below at 16:00."""
    device = field.device("r", interval_s=600, calm=(86400, 0.12))
    for day in range(1, 31):
        field.uplink(device, jst(2026, 11, day, 9), {"paddy_water_level": 4.0})
    for number in range(16):
        if number != 5:
            at = jst(2026, 11, 10, 13, 20) + number * 10 * MINUTE
            field.uplink(device, at, {"paddy_water_level": 12.0})
    field.uplink(device, jst(2026, 11, 10, 16), {"paddy_water_level": 11.9})
    field.uplink(field.device("one interval", interval_s=86400), jst(2026, 11, 3))
    line = of(field, "r")
    # Calm: 9 days and 13:20, then 20 days and 8 hours. High: 160 minutes, of which one message is missing.
    assert (line.expected, line.received) == (9 + 20 + 16, 9 + 20 + 15)
    assert line.longest_silence_s == 86400
    assert (of(field, "one interval").expected, of(field, "one interval").received) == (30, 1)
    planned = plan_sums(field.connection, "tea", NOVEMBER.start.date(), NOVEMBER.end.date(), NOVEMBER.now)
    (sums,) = [each for each in planned if (each.level, each.key) == ("device", "r")]
    assert (sums.expected, sums.valid) == (line.expected, line.received)
    days = field.connection.execute(
        "select extract(day from day)::int, expected, received"
        " from figure_device_days('tea', 'r', '2026-11-09', '2026-11-12', %s)",
        (NOVEMBER.now,),
    ).fetchall()
    assert days == [(9, 1, 1), (10, 16, 15), (11, 1, 1)]


def test_a_change_of_the_registry_holds_at_once_in_usage(field: Field) -> None:
    device = field.device("r", interval_s=600, calm=(86400, 1.2))
    for day in range(1, 31):
        field.uplink(device, jst(2026, 11, day, 9), {"river_level": 1.0})
    assert of(field, "r").expected == 30
    field.connection.execute("update device set calm_interval_s = 43200")
    assert of(field, "r").expected == 60
    field.connection.execute("update device set active_level_m = 1.0")
    # Calm for nine hours until the first message, then at the level for the rest of the month.
    assert of(field, "r").expected == 0 + (30 * 24 - 9) * 6


def test_stages_and_levels_are_not_old_while_the_river_is_calm(field: Field) -> None:
    for code, minutes, level in (("calm", 85, 0.5), ("calm over", 95, 0.5), ("flood", 35, 1.3)):
        field.stage(gauge(field, code, minutes * MINUTE, {"river_level": level}), 1, "基準1", 1.0)
    wanted = [("calm", False), ("calm over", True), ("flood", True)]
    reached = [stages_now(field.connection, "tea", code, now())[0] for code, _ in wanted]
    assert [(row.device, row.silent) for row in reached] == wanted
    levels = field.connection.execute(
        "select device, silent from figure_level(array['tea'], array['river_level'], now()) order by 1"
    )
    assert levels.fetchall() == wanted


def test_a_rain_gauge_on_a_calm_device_knows_nothing_of_ten_minutes(field: Field) -> None:
    gauge(field, "calm", 40 * MINUTE, {"river_level": 0.5, "rain_amount": 3.0})
    gauge(field, "flood", 20 * MINUTE, {"river_level": 1.5, "rain_amount": 3.0})
    found = rain_of(field.connection, ["tea"], ["calm", "flood"], now())
    assert {row.device: (row.silent, row.rain_10min, row.rain_1h) for row in found} == {
        "calm": (False, None, 3.0),
        "flood": (False, 0.0, 3.0),
    }


def test_a_state_is_held_as_long_as_the_device_may_be_silent(field: Field) -> None:
    for code, calm in (("two", (3600, 1.2)), ("one", None)):
        device = field.device(code, interval_s=600, calm=calm)
        field.uplink(device, jst(2026, 11, 1, 9), {"gate_state": 1})
    held = field.connection.execute(
        "select d.code, extract(epoch from s.ends - s.starts)::int from rollup_states(null, %s, %s) s"
        " join device d using (device_id) order by 1",
        (jst(2026, 11, 1), jst(2026, 11, 2)),
    )
    assert held.fetchall() == [("one", 1800), ("two", 5400)]


@pytest.mark.parametrize("levels", [(0.5, 1.3), (1.3, 0.5), (1.3, 0.5, 1.2), (0.5, 1.3, 1.19)])
def test_the_mode_of_a_period_ends_as_the_mode_of_its_last_moment(field: Field, levels: tuple[float, ...]) -> None:
    device = field.device("r", interval_s=600, calm=CALM)
    for number, level in enumerate(levels):
        field.uplink(device, jst(2026, 11, 10, 9) + number * 10 * MINUTE, {"river_level": level})
    for at in (jst(2026, 11, 10, 9, 40), jst(2026, 11, 12)):
        query = """
            select figure_flood_at(%(device)s, 1.2, %(at)s), coalesce((
                select span @> %(at)s - interval '1 s'
                from figure_flood(array[%(device)s], %(at)s - interval '1 day', %(at)s, true)
            ), false)
        """
        row = field.connection.execute(query, {"device": device, "at": at}).fetchone()
        assert row == (levels[-1] >= 1.2, levels[-1] >= 1.2)


def test_one_device_is_read_as_the_fleet_is(field: Field) -> None:
    gauge(field, "r", 85 * MINUTE, {"river_level": 0.5})
    row = device_state(field.connection, "tea", "r")
    assert row is not None
    assert (row.state, row.interval_s, row.interval_now_s) == ("live", 600, 3600)
