"""Quality on real servers: flags follow the readings in any order, and what rests on them follows the flags."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random

from ingest.watch.model import Kind
from ingest.watch.quality.checks import Expected, Reading
from ingest.watch.quality.defaults import expect
from ingest.watch.quality.flags import Flag, days_of, judge_moments, judge_stuck
from schemas.quantity import BY_CODE
from schemas.watch_quality import FAIL, SUSPECT, QualitySeries, QualityTest
from tests.figures.field import jst
from tests.watch.quality.conftest import Stations, series

START = jst(2026, 6, 1)


def naive(values: Mapping[datetime, float], expected: Expected) -> list[Flag]:
    """All of a series judged at once."""
    readings = [Reading(at, value) for at, value in sorted(values.items())]
    days = days_of(readings[0].at, readings[-1].at + timedelta(seconds=1))
    flags = judge_moments(readings, expected, *days) + judge_stuck(readings, expected, *days)
    return sorted(flags, key=lambda flag: (flag.starts, flag.test.value))


def test_the_flags_do_not_depend_on_the_order_of_arrival(stations: Stations) -> None:
    """Half of the readings come at once, the others hours or days later, and readings of a flat stretch come last."""
    limits = {"spike": [1, 3], "rate_per_h": [20, 60], "stuck_h": [3, 8], "range": {"06-02..06-03": [-5, 0, 6, 9]}}
    stations.expect(quantity="air_temperature", **limits)
    device = stations.field.device("A", interval_s=600)
    chance = Random(4)
    values = series(START, (chance.choice([1.0, 1.2, 1.4, 1.6, 5.0, 9.5]) for _ in range(4 * 144)))
    for flat_from, length, value in ((100, 80, 1.0), (300, 60, 2.0), (361, 60, 2.0)):
        for number in range(flat_from, flat_from + length):
            values[START + number * timedelta(minutes=10)] = value
    looks = [START + timedelta(hours=hours) for hours in (0, 5, 26, 27, 71, 90, 200)]
    arrives: dict[datetime, dict[datetime, float]] = {look: {} for look in looks}
    for at, value in values.items():
        possible = [look for look in looks if look > at]
        arrives[possible[0] if chance.random() < 0.7 else chance.choice(possible)][at] = value
    for now, arriving in arrives.items():
        stations.arrive(device, "air_temperature", arriving)
        stations.look(now)
    expected = expect("air_temperature", [QualitySeries.model_validate({"quantity": "air_temperature", **limits})])
    wanted = naive(values, expected)
    assert stations.flags(device, "air_temperature") == wanted
    assert {flag.test for flag in wanted} == set(QualityTest) - {QualityTest.DRIFT}
    assert any(flag.test is QualityTest.STUCK and flag.grade == FAIL for flag in wanted)


def test_a_spike_is_judged_when_the_next_reading_arrives(stations: Stations) -> None:
    device = stations.field.device("A", interval_s=600)
    stations.look(START)
    stations.arrive(device, "river_level", series(START, [1.0, 1.0, 9.0]))
    stations.look(START + timedelta(minutes=21))
    assert [flag.test for flag in stations.flags(device, "river_level")] == [QualityTest.RATE]
    stations.arrive(device, "river_level", {START + timedelta(minutes=30): 1.0})
    stations.look(START + timedelta(minutes=31))
    (flag,) = stations.flags(device, "river_level")
    assert (flag.test, flag.grade, flag.detail) == (QualityTest.SPIKE, FAIL, {"amount": 8.0, "value": 9.0})


def test_a_failed_reading_reaches_no_stage_and_is_looked_at_again(stations: Stations) -> None:
    device, quantity = stations.field.device("A", interval_s=600), BY_CODE["river_level"].id
    stations.connection.execute("insert into watch_selected values (%s, %s)", (device, quantity))
    stations.look(START)
    stations.arrive(device, "river_level", series(START, [1.0, 1.0, 9.0, 1.0]))
    stations.look(START + timedelta(minutes=31))
    sound = "select time, value from figure_sound where device_id = %s order by time"
    assert [value for _, value in stations.ask(sound, (device,))] == [1.0, 1.0, 1.0]
    spike = START + timedelta(minutes=20)
    noted = (
        "select starts, ends > starts from watch_note where device_id = %s and quantity_id = %s and starts is not null"
    )
    assert stations.ask(noted, (device, quantity)) == [(spike, True)]


def test_what_late_readings_prove_right_is_no_longer_flagged(stations: Stations) -> None:
    device = stations.field.device("A", interval_s=600)
    stations.look(START)
    stations.arrive(device, "river_level", series(START, [1.0, 5.0, 1.0], minutes=20))
    stations.look(START + timedelta(hours=5))
    assert [flag.grade for flag in stations.flags(device, "river_level")] == [FAIL]
    stations.arrive(device, "river_level", {START + timedelta(minutes=minute): 4.9 for minute in (15, 25)})
    stations.look(START + timedelta(hours=6))
    assert {flag.grade for flag in stations.flags(device, "river_level")} == {SUSPECT}


def test_slots_with_nothing_but_failed_readings_are_not_valid(stations: Stations) -> None:
    """Completeness and 有効率 fall, what was sent and what is available do not; corrections bring them back."""
    stations.expect(quantity="air_temperature", range={"06-01..06-02": [-5, 0, 30, 40]})
    device = stations.field.device("A", interval_s=3600)
    stations.look(START)
    day = series(START, [20.0] * 12 + [99.0] * 6 + [20.0] * 6, minutes=60)
    stations.arrive(device, "air_temperature", day)
    later = START + timedelta(days=2)
    stations.look(later)
    usage = "select received, uplinks, readings, longest_silence_s from figure_usage_device('tea', %s, %s, %s)"
    sums = (START, START + timedelta(days=1), later)
    assert stations.ask(usage, sums) == [(18, 24, 24, 3600.0)]  # on the spot: the sums wait to be computed again
    stations.look(later + timedelta(hours=1))
    assert stations.ask("select slots, halves, readings from rollup_usage_day where day = '2026-06-01'") == [
        (18, 18, 24)
    ]
    assert stations.ask(usage, sums) == [(18, 24, 24, 3600.0)]
    plan = "select valid, arrived, sent, alive_s from figure_plan_device('tea', '2026-06-01', '2026-06-02', %s)"
    assert stations.ask(plan, (later,)) == [(18, 24, 24, 86400.0)]


def test_a_corrected_reading_loses_its_flag(stations: Stations) -> None:
    device = stations.field.device("A", interval_s=600)
    stations.look(START)
    stations.arrive(device, "river_level", series(START, [1.0, 1.0, 9.0, 1.0]))
    stations.look(START + timedelta(hours=5))
    assert len(stations.flags(device, "river_level")) == 1
    spike = START + timedelta(minutes=20)
    stations.connection.execute(
        "insert into correction (device_id, kind, starts, ends, who, why)"
        " values (%s, 'annul', %s, %s, 'test', 'test')", (device, spike, spike + timedelta(seconds=1)),
    )  # fmt: skip
    stations.connection.execute("select rollup_touch(%s, %s, %s)", (device, spike, spike + timedelta(seconds=1)))
    stations.look(START + timedelta(hours=6))
    assert stations.flags(device, "river_level") == []


def test_people_are_told_of_a_series_that_has_failed_for_long_and_once(stations: Stations) -> None:
    stations.quality = None
    device = stations.field.device("A", interval_s=3600)
    stations.look(START)
    stations.arrive(device, "air_pressure", series(START, [1000.0] * 100, minutes=60))
    assert stations.look(START + timedelta(hours=80)) == []
    event = stations.look(START + timedelta(hours=100))[-1]
    assert (event.kind, event.rank, event.stage.name, event.subject) == (
        Kind.QUALITY, 1, "値の固着", f"quality:d{device}:q{BY_CODE['air_pressure'].id}:c0",
    )  # fmt: skip


def test_a_station_that_drifts_from_its_neighbours_is_flagged_by_the_day(stations: Stations) -> None:
    devices = [stations.field.device(code, interval_s=3600) for code in ("a", "b", "c", "d")]
    stations.expect(
        quantity="air_temperature", devices=["a"], neighbours=["b", "c", "d"], drift=1, drift_days=2, off=["stuck"]
    )
    stations.look(START)
    for number, device in enumerate(devices):
        stations.arrive(
            device, "air_temperature", series(START, [20 + 0.1 * number - (2 if not number else 0)] * 96, 60)
        )
    stations.look(START + timedelta(days=5))
    flags = [flag for flag in stations.flags(devices[0], "air_temperature") if flag.test is QualityTest.DRIFT]
    assert [(flag.grade, flag.readings, flag.detail) for flag in flags] == [(SUSPECT, 24, {"amount": 2.2})] * 4
    stations.arrive(devices[3], "air_temperature", series(START + timedelta(minutes=30), [-100.0] * 96, 60))
    stations.arrive(devices[2], "air_temperature", series(START + timedelta(minutes=30), [-100.0] * 96, 60))
    stations.look(START + timedelta(days=6))
    flags = [flag for flag in stations.flags(devices[0], "air_temperature") if flag.test is QualityTest.DRIFT]
    assert {flag.detail["amount"] > 50 for flag in flags} == {True}


def test_a_changed_document_judges_the_newest_days_again(stations: Stations) -> None:
    device = stations.field.device("A", interval_s=600)
    stations.look(START)
    stations.arrive(device, "air_temperature", series(START, [1.0, 4.0, 1.0]))
    stations.look(START + timedelta(hours=1))
    assert stations.flags(device, "air_temperature") == []
    stations.expect(quantity="air_temperature", spike=2)
    stations.look(START + timedelta(hours=2))
    assert [flag.test for flag in stations.flags(device, "air_temperature")] == [QualityTest.SPIKE]


def test_a_late_reading_shortens_how_long_a_value_was_stuck_on_the_days_after_it(stations: Stations) -> None:
    device = stations.field.device("A", interval_s=3600)
    stations.look(START)
    values = series(START, [1000.0] * 100, minutes=60)
    stations.arrive(device, "air_pressure", values)
    stations.look(START + timedelta(hours=102))
    assert FAIL in {flag.grade for flag in stations.flags(device, "air_pressure")}
    late = {START + timedelta(hours=30, minutes=30): 1000.2}
    stations.arrive(device, "air_pressure", late)
    stations.look(START + timedelta(hours=104))
    flags = stations.flags(device, "air_pressure")
    assert flags == naive(values | late, expect("air_pressure", ()))
    assert {flag.grade for flag in flags} == {SUSPECT}
