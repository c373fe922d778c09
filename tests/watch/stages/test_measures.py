"""What measures make of readings: values reckoned by hand, what is missing, and the memory after a restart."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.watch.stages.air import VapourDeficit, Wbgt, vapour_deficit_of, wbgt_of
from ingest.watch.stages.fallen import Gauge
from ingest.watch.stages.measure import Measure
from ingest.watch.stages.rain import RainCumulative, RainEffective, RainSum, SoilWaterIndex
from ingest.watch.stages.sample import Lacking, Sample
from ingest.watch.stages.window import HOUR_US, NewSnow, Rise, TiltRate
from tests.watch.stages.readings import MINUTE_US

AMOUNTS = Gauge(counter=False, interval_us=10 * MINUTE_US, gap_us=30 * MINUTE_US)
TOTALS = Gauge(counter=True, interval_us=10 * MINUTE_US, gap_us=30 * MINUTE_US, per_hour=400)

Fed = Sequence[tuple[float, float]]
"""Readings of (minute, value)."""


def samples(
    measure: Measure, *fed: tuple[float, float | Sequence[float | None] | None], memory: Any = None
) -> list[Sample]:
    memory = measure.start() if memory is None else memory
    found = []
    for minute, value in fed:
        values = value if isinstance(value, Sequence) else [value]
        memory, sample = measure.add(memory, round(minute * MINUTE_US), values)
        found.append(sample)
    return found


def last(
    measure: Measure, *fed: tuple[float, float | Sequence[float | None] | None]
) -> tuple[float | None, bool, Lacking | None]:
    sample = samples(measure, *fed)[-1]
    return sample.value, sample.partial, sample.lacking


def every_10(first: float, *values: float) -> list[tuple[float, float]]:
    return [(first + 10 * place, value) for place, value in enumerate(values)]


def test_a_rise_is_to_the_last_reading_of_so_long_before() -> None:
    hour = Rise("m", HOUR_US)
    assert last(hour, (0, 1.0), (10, 1.8), (70, 2.3)) == (0.5, False, None)
    assert last(hour, (0, 1.0), (69, 2.3)) == (1.3, False, None)


def test_a_rise_needs_a_reading_of_so_long_before_and_not_much_older() -> None:
    assert last(Rise("m", HOUR_US), (0, 1.0), (59, 2.3)) == (None, False, Lacking.SHORT)
    assert last(Rise("m", HOUR_US), (0, 1.0), (100, 1.0), (121, 2.3))[2] in (Lacking.SHORT, Lacking.GAP)


def test_tilt_of_two_axes_is_taken_together() -> None:
    assert last(TiltRate(2 * HOUR_US, 2), (0, (0.0, 0.0)), (120, (0.6, -0.8))) == (0.5, False, None)
    assert last(TiltRate(HOUR_US, 1), (0, 1.0), (60, 0.9)) == (0.1, False, None)
    assert last(TiltRate(HOUR_US, 2), (0, (0.0, None)), (60, (0.6, 0.8)))[2] is Lacking.SHORT
    assert last(TiltRate(HOUR_US, 2), (0, (0.0, None)), (60, (0.6, None))) == (0.6, False, None)
    stale = (0, (0.0, 0.0)), (70, (0.6, None))
    assert last(TiltRate(HOUR_US, 2), *stale) == (None, False, Lacking.INPUT)


def test_a_tilt_meter_has_the_axes_that_were_heard_within_a_day() -> None:
    hour = TiltRate(HOUR_US, 2)
    of_y = samples(hour, (0, (None, 0.0)), (60, (None, 0.6)))[-1]
    assert (of_y.value, of_y.partial, of_y.source) == (0.6, False, 1)
    silent: list[tuple[float, Sequence[float | None]]] = [
        (0, (0.0, 0.0)), *((minute, (None, 0.6)) for minute in range(30, 1471, 30)),
    ]  # fmt: skip
    found = samples(hour, *silent)
    assert [each.partial for each in found if each.value is not None] == [True] * 44 + [False] * 2
    assert {each.lacking for each in found if each.time_us < 120 * MINUTE_US} == {Lacking.SHORT, Lacking.INPUT}
    assert [each.source for each in found[-3:]] == [0, 1, 1]


sides = st.lists(
    st.tuples(
        st.integers(1, 900), st.sampled_from([(True, False), (False, True), (True, True)]), st.sampled_from([0.0, 0.4])
    ),
    min_size=2,
    max_size=25,
)


@given(steps=sides, stop=st.integers(0, 24))
def test_the_memory_of_a_tilt_meter_is_made_again_whichever_axes_it_has(
    steps: list[tuple[int, tuple[bool, bool], float]], stop: int
) -> None:
    measure = TiltRate(HOUR_US, 2)
    fed: list[tuple[float, Sequence[float | None]]] = []
    minute = 0
    for gap, has, value in steps:
        minute += gap
        fed.append((minute, [value if each else None for each in has]))
    stop = min(stop, len(fed) - 1)
    needed = [each for each in fed[: stop + 1] if each[0] > fed[stop][0] - measure.look_back_us / MINUTE_US]
    assert samples(measure, *fed)[stop + 1 :] == samples(measure, *needed, *fed[stop + 1 :])[len(needed) :]


def test_new_snow_is_above_the_lowest_of_the_span() -> None:
    day = NewSnow(24 * HOUR_US, 3 * HOUR_US)
    hours = [(60 * hour, 20.0 - hour if hour < 5 else 15.0 + hour) for hour in range(31)]
    assert last(day, *hours) == (24.0, False, None)  # 45 above 21, of 24 hours before
    assert last(day, (0, 20.0), (60, 16.0), (120, 27.0)) == (11.0, True, None)


def test_rain_of_an_hour_is_what_its_readings_brought() -> None:
    hour = RainSum("rain_1h", HOUR_US, AMOUNTS)
    assert last(hour, *every_10(0, 9.0, 1.0, 0.1, 0.2, 0.3, 0.0, 0.4, 0.7)) == (1.7, False, None)


def test_rain_without_an_hour_of_readings_or_with_a_gap_is_at_least_what_is_known() -> None:
    hour = RainSum("rain_1h", HOUR_US, AMOUNTS)
    assert last(hour, *every_10(0, 1.0, 2.0, 3.0)) == (5.0, True, None)
    assert last(hour, *every_10(0, *[1.0] * 8), (110, 4.0)) == (6.0, True, None)


def test_a_gauge_that_reports_once_a_day_has_no_rain_of_an_hour() -> None:
    daily = AMOUNTS._replace(interval_us=24 * HOUR_US)
    assert last(RainSum("rain_1h", HOUR_US, daily), (0, 1.0), (1440, 30.0)) == (None, False, Lacking.COARSE)


@pytest.mark.parametrize(
    ("totals", "wanted"),
    [
        ([100, 100, 100, 100, 100, 100, 100, 100.5, 101], (1.0, False, None)),
        ([100, 100, 100, 100, 100, 100, 100, 100.5, 0, 101], (1.0, False, None)),  # a single wrong value
        ([100, 100, 100, 100, 100, 100, 100, 429496.7, 101], (1.0, False, None)),  # a sentinel
        ([100, 100, 100, 100, 100, 100, 100, 2, 3], (3.0, False, None)),  # it began anew
        ([6553.0, 6553, 6553, 6553, 6553, 6553, 6553, 0.4, 0.6], (1.2, False, None)),  # 16 bits of 0.1 mm ran over
        ([100, 100, 100, 100, 100, 100, 100, 2], (None, False, Lacking.DOUBTFUL)),
        ([100, 100, 100, 100, 100, 100, 100, 200], (None, False, Lacking.DOUBTFUL)),  # more than can fall
    ],
)
def test_what_a_running_total_cannot_be_is_no_rain(
    totals: list[float], wanted: tuple[float | None, bool, Lacking | None]
) -> None:
    assert last(RainSum("rain_1h", HOUR_US, TOTALS), *every_10(0, *totals)) == wanted


def test_a_total_tells_what_fell_in_a_gap_that_lies_within_the_hours() -> None:
    before = every_10(0, *[10.0] * 20)
    assert last(RainSum("rain_3h", 3 * HOUR_US, TOTALS), *before, (250, 18.0)) == (8.0, False, None)
    assert last(RainSum("rain_1h", HOUR_US, TOTALS), *before, (255, 18.0)) == (0.0, True, None)


def test_rain_is_cumulated_until_it_was_dry_for_long_enough() -> None:
    measure = RainCumulative(6 * HOUR_US, AMOUNTS)
    dry = every_10(0, *[0.0] * 37)
    wet = every_10(370, 5.0, 0.0, 0.0, 7.0)
    assert last(measure, *dry, *wet) == (12.0, False, None)
    after = every_10(410, *[0.0] * 35)
    assert last(measure, *dry, *wet, *after) == (12.0, False, None)
    assert last(measure, *dry, *wet, *after, (760, 0.0)) == (0.0, False, None)
    assert last(measure, *dry, *wet, *after, (760, 2.0)) == (2.0, False, None)


def test_rain_whose_beginning_nobody_saw_is_at_least_so_much() -> None:
    measure = RainCumulative(6 * HOUR_US, AMOUNTS)
    assert last(measure, *every_10(0, 3.0, 5.0)) == (5.0, True, None)
    whole = every_10(0, *[0.0] * 37)
    assert last(measure, *whole, (420, 4.0)) == (4.0, True, None)


def test_half_of_effective_rain_is_forgotten_after_its_half_life() -> None:
    measure = RainEffective(3 * HOUR_US // 2, AMOUNTS)
    fed = [*every_10(0, 0.0, 16.0), *every_10(20, *[0.0] * 36)]
    assert samples(measure, *fed)[10].value == pytest.approx(8.0, abs=1e-6)
    assert [sample.partial for sample in samples(measure, *fed)[26:28]] == [True, False]


def test_the_soil_water_index_is_that_of_the_test_vector() -> None:
    fed = every_10(0, 0.0, *[5.0] * 18, *[0.0] * 18)
    found = samples(SoilWaterIndex(AMOUNTS), *fed)
    assert [found[place].value for place in (18, 36)] == pytest.approx([82.342, 69.851], abs=6e-4)
    totals = [(minute, sum(value for _, value in fed[: place + 1])) for place, (minute, _) in enumerate(fed)]
    assert samples(SoilWaterIndex(TOTALS), *totals)[36].value == pytest.approx(69.851, abs=6e-4)


def test_wbgt_and_vapour_deficit_are_those_of_the_test_vectors() -> None:
    assert round(wbgt_of(32, 60, 800, 2), 2) == 30.37
    assert round(vapour_deficit_of(25, 60), 2) == 9.22
    assert wbgt_of(20, 60, -5, 2) == wbgt_of(20, 60, 0, 2)


def test_what_needs_several_readings_has_none_where_one_is_missing_or_old() -> None:
    wbgt = Wbgt(30 * MINUTE_US)
    assert last(wbgt, (0, (32.0, 60.0, 800.0, 2.0)))[0] == pytest.approx(30.37, abs=0.005)
    assert last(wbgt, (0, (32.0, 60.0, None, 2.0))) == (None, False, Lacking.INPUT)
    assert last(wbgt, (0, (32.0, 60.0, None, 2.0)), (29, (None, None, 800.0, None)))[2] is None
    deficit = VapourDeficit(30 * MINUTE_US)
    assert last(deficit, (0, (25.0, 60.0)), (30, (26.0, None))) == (None, False, Lacking.INPUT)


WINDOWED: list[tuple[Measure, int]] = [
    (Rise("m", HOUR_US), 1),
    (Rise("m", HOUR_US // 2), 1),
    (TiltRate(HOUR_US, 2), 2),
    (NewSnow(2 * HOUR_US, HOUR_US), 1),
    (RainSum("rain_1h", HOUR_US, AMOUNTS), 1),
    (RainSum("rain_1h", HOUR_US, TOTALS), 1),
    (Wbgt(30 * MINUTE_US), 4),
]

steps = st.lists(
    st.tuples(
        st.integers(1, 50), st.lists(st.sampled_from([0.0, 0.2, 1.0, 3.0, 100.0, 101.0]), min_size=4, max_size=4)
    ),
    min_size=2,
    max_size=25,
)


@pytest.mark.parametrize(("measure", "inputs"), WINDOWED, ids=lambda each: getattr(each, "kind", ""))
@given(steps=steps, stop=st.integers(0, 24))
def test_the_memory_is_made_again_of_readings_since_the_look_back(
    measure: Measure, inputs: int, steps: list[tuple[int, list[float]]], stop: int
) -> None:
    fed: list[tuple[float, Sequence[float | None]]] = []
    minute = 0
    for gap, values in steps:
        minute += gap
        fed.append((minute, values[:inputs]))
    stop = min(stop, len(fed) - 1)
    stop_minute = fed[stop][0]
    needed = [each for each in fed[: stop + 1] if each[0] > stop_minute - measure.look_back_us / MINUTE_US]
    assert samples(measure, *fed)[stop + 1 :] == samples(measure, *needed, *fed[stop + 1 :])[len(needed) :]


@pytest.mark.parametrize("gauge", [AMOUNTS, TOTALS, TOTALS._replace(per_hour=None)])
@given(
    st.lists(st.tuples(st.integers(1, 50), st.sampled_from([0.0, 0.0, 0.2, 3.0, 60.0, 70.0, -0.2, -5.0])), min_size=1),
    st.sampled_from([30, 60, 180]),
)
def test_rain_that_needs_no_judgement_is_what_its_gains_come_to(
    gauge: Gauge, steps: list[tuple[int, float]], span: int
) -> None:
    measure = RainSum("rain_1h", span * MINUTE_US, gauge)
    memory, minute, total = measure.start(), 0, 6550.0
    for gap, mm in steps:
        minute, total = minute + gap, total + mm
        value = total if gauge.counter else abs(mm)
        memory, sample = measure.add(memory, minute * MINUTE_US, [value])
        assert sample == measure._judged(minute * MINUTE_US, memory)


@pytest.mark.parametrize(
    "measure", [RainCumulative(6 * HOUR_US, TOTALS), RainEffective(3 * HOUR_US // 2, AMOUNTS), SoilWaterIndex(AMOUNTS)],
    ids=lambda each: each.kind,
)  # fmt: skip
def test_rain_of_before_the_look_back_is_less_than_a_millionth(measure: Measure) -> None:
    days = measure.look_back_us // (24 * HOUR_US) + 1
    counter = measure.gauge.counter  # type: ignore[attr-defined]
    old = [(10.0 * place - 1440 * days, 300.0 if counter or place == 1 else 0.0) for place in range(144 * days)]
    recent = [(10.0 * place, (300.0 if counter else 0.0) + (place if counter else 1.0)) for place in range(1, 12)]
    first = next(place for place, (minute, _) in enumerate(old) if -minute * MINUTE_US < measure.look_back_us)
    whole, again = samples(measure, *old, *recent)[-1], samples(measure, *old[first:], *recent)[-1]
    assert whole.value == pytest.approx(again.value, abs=1e-3)
    assert whole.partial == again.partial
