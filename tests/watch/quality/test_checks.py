"""The tests of quality on hand-made series, and the same grades whatever part of a series is looked at."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.watch.quality.checks import (
    Expected,
    Reading,
    grade_drift,
    grade_ranges,
    grade_rates,
    grade_spikes,
    grade_stuck,
)
from ingest.watch.quality.defaults import DEFAULTS, expect
from ingest.watch.quality.flags import days_of, judge_moments, judge_stuck
from schemas.quantity import BY_CODE, Kind
from schemas.watch_quality import FAIL, SUSPECT, Limits, QualitySeries, QualityTest

BEGIN = datetime(2026, 7, 1, tzinfo=UTC)


def series(values: Sequence[float], minutes: float = 10) -> list[Reading]:
    return [Reading(BEGIN + place * timedelta(minutes=minutes), value) for place, value in enumerate(values)]


def limits(suspect: float, fail: float | None = None) -> Limits:
    return Limits(suspect=suspect, fail=fail)


def grades(graded: Sequence[tuple[int, float] | None]) -> list[int | None]:
    return [None if each is None else each[0] for each in graded]


def test_a_spike_stands_out_beyond_both_neighbours() -> None:
    expected = Expected(spike=limits(1, 3))
    values = [1.0, 1.1, 3.2, 1.2, 1.2, -4.0, 1.2, 5.0, 9.0]
    assert grades(grade_spikes(series(values), expected)) == [None, None, SUSPECT, None, None, FAIL, None, None, None]


def test_the_crest_of_a_flood_is_no_spike_where_the_gauge_seldom_sends() -> None:
    flood = series([1.0, 4.5, 1.2], minutes=60)
    assert grades(grade_spikes(flood, DEFAULTS["river_level"])) == [None, None, None]


def test_a_steep_rise_is_no_spike_however_steep() -> None:
    assert grades(grade_spikes(series([0.5, 4.5, 8.5, 9.0]), DEFAULTS["river_level"])) == [None] * 4


def test_a_river_that_rises_fast_never_fails_by_default() -> None:
    """What the watch is for must not be taken away by the watch: the Toga river rose by 1.34 m in ten minutes."""
    toga = series([0.1, 0.1, 1.44, 2.4, 3.0])
    flags = judge_moments(toga, DEFAULTS["river_level"], *days_of(BEGIN, toga[-1].at + timedelta(minutes=1)))
    assert not [flag for flag in flags if flag.grade == FAIL]
    assert grades(grade_rates(toga, DEFAULTS["river_level"], [None] * 5)) == [None] * 5


def test_a_rate_is_reckoned_over_ten_minutes_and_not_from_a_spike() -> None:
    expected = Expected(spike=limits(1), rate_per_h=limits(6, 60))
    assert grades(grade_rates(series([0, 0.5, 0], minutes=1), expected, [None] * 3)) == [None, None, None]
    values = series([0, 0, 5, 0, 0, 2.1, 2.1])
    spikes = grade_spikes(values, expected)
    assert grades(spikes) == [None, None, SUSPECT, None, None, None, None]
    assert grades(grade_rates(values, expected, spikes)) == [None, None, None, None, None, SUSPECT, None]
    far = series([0, 100], minutes=181)
    assert grades(grade_rates(far, expected, [None, None])) == [None, None]


def test_a_value_is_stuck_after_its_hours_and_not_before() -> None:
    expected = Expected(stuck_h=limits(2, 4))
    flat = [*series([7.0] * 26), Reading(BEGIN + timedelta(minutes=260), 7.1)]
    assert grades(grade_stuck(flat, expected)) == [None] * 13 + [SUSPECT] * 12 + [FAIL] + [None]


def test_what_may_rest_is_not_stuck() -> None:
    rain = expect("rain_amount", ())
    assert grades(grade_stuck(series([0.0] * 400), rain)) == [None] * 400
    assert grades(grade_stuck(series([0.5] * 400), rain))[-1] == FAIL
    dry = expect("river_level", [QualitySeries(quantity="river_level", stuck_h=limits(6, 12), rest=(-0.05, 0.02))])
    assert grades(grade_stuck(series([0.01] * 200), dry)) == [None] * 200


def test_a_calm_gauge_sends_too_seldom_to_be_stuck() -> None:
    assert grades(grade_stuck(series([0.3] * 5, minutes=12 * 60), Expected(stuck_h=limits(30)))) == [None] * 5


def test_a_silence_ends_a_stuck_value() -> None:
    expected = Expected(stuck_h=limits(2))
    before, after = series([7.0] * 12), series([7.0] * 12)
    moved = [Reading(each.at + timedelta(days=90), each.value) for each in after]
    assert grades(grade_stuck([*before, *moved], expected)) == [None] * 24


def test_what_creeps_by_less_than_the_tolerance_is_not_stuck() -> None:
    expected = Expected(stuck_h=limits(2), tolerance=0.1)
    assert grades(grade_stuck(series([place * 0.05 for place in range(60)]), expected)) == [None] * 60
    assert grades(grade_stuck(series([7.0, 7.1] * 30), expected))[-1] == SUSPECT


def test_a_range_holds_in_its_season_by_the_day_in_japan() -> None:
    expected = expect(
        "air_temperature",
        [QualitySeries.model_validate({"quantity": "air_temperature", "range": {"07-02..08-31": [-5, 5, 40, 50]}})],
    )
    last_of_july_first = Reading(datetime(2026, 7, 1, 14, 59, tzinfo=UTC), -20.0)
    first_of_july_second = Reading(datetime(2026, 7, 1, 15, 0, tzinfo=UTC), -20.0)
    assert grades(grade_ranges([last_of_july_first, first_of_july_second], expected)) == [None, FAIL]


def test_a_station_drifts_from_the_median_of_its_neighbours() -> None:
    expected = Expected(drift=limits(1), drift_days=4, drift_offset=-0.5)
    days = [date(2026, 7, day) for day in range(1, 11)]
    near = [dict.fromkeys(days, 20.0 + shift) for shift in (-5.0, 0.0, 0.1)]
    own = {day: 19.5 + (1.2 if day.day > 4 else 0) for day in days}
    assert sorted(day.day for day in grade_drift(own, near, expected)) == [7, 8, 9, 10]
    assert grade_drift(own, near[:2], expected) == {}


def test_defaults_are_of_gauges_of_the_catalogue_and_fail_no_level_that_stands_still() -> None:
    assert {BY_CODE[code].kind for code in DEFAULTS} == {Kind.GAUGE}
    for code in ("river_level", "paddy_water_level", "snow_depth", "soil_moisture", "distance"):
        stuck = DEFAULTS[code].stuck_h
        rate = DEFAULTS[code].rate_per_h
        assert stuck is not None, code
        assert stuck.fail is None, code
        assert rate is None or rate.fail is None, code


def test_the_document_overrides_in_its_order_and_turns_tests_off() -> None:
    expected = expect(
        "river_level",
        [
            QualitySeries(quantity="river_level", spike=limits(0.3), stuck_h=limits(5)),
            QualitySeries(quantity="river_level", spike=limits(0.4), off=(QualityTest.STUCK,)),
        ],
    )
    assert (expected.spike, expected.stuck_h) == (limits(0.4), None)
    assert expected.rate_per_h == DEFAULTS["river_level"].rate_per_h


@st.composite
def _irregular(draw: st.DrawFn) -> list[Reading]:
    steps = draw(st.lists(st.sampled_from([1, 10, 10, 10, 60, 200, 700]), min_size=1, max_size=120))
    values = draw(
        st.lists(st.sampled_from([0.0, 1.0, 1.0, 1.0, 1.05, 1.1, 4.0, 9.0]), min_size=len(steps), max_size=len(steps))
    )
    at, readings = BEGIN, []
    for step, value in zip(steps, values, strict=True):
        at += timedelta(minutes=step)
        readings.append(Reading(at, value))
    return readings


@given(_irregular(), st.sampled_from([0.0, 0.1]))
def test_a_day_has_the_same_flags_from_a_part_of_the_series(readings: list[Reading], tolerance: float) -> None:
    expected = Expected(spike=limits(1, 3), rate_per_h=limits(6), stuck_h=limits(2, 5), tolerance=tolerance)
    whole = days_of(readings[0].at, readings[-1].at + timedelta(minutes=1))
    moments = judge_moments(readings, expected, *whole)
    stuck = judge_stuck(readings, expected, *whole)
    starts = whole[0]
    while starts < whole[1]:
        ends = starts + timedelta(days=1)
        near = [each for each in readings if starts - expected.reach <= each.at < ends + expected.reach]
        back = [each for each in readings if starts - expected.stuck_reach <= each.at < ends]
        assert judge_moments(near, expected, starts, ends) == [each for each in moments if starts <= each.starts < ends]
        assert judge_stuck(back, expected, starts, ends) == [each for each in stuck if starts <= each.starts < ends]
        starts = ends


@pytest.mark.parametrize("test", list(QualityTest))
def test_every_test_has_a_name_in_both_languages(test: QualityTest) -> None:
    assert all(test.label)
