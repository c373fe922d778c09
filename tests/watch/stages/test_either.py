"""Rain of a gauge of which nobody knows what it sends: a running total, amounts, or both."""

from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.watch.stages.either import AMOUNTS, TOTAL, TotalOrAmounts
from ingest.watch.stages.fallen import Gauge
from ingest.watch.stages.machine import chronology
from ingest.watch.stages.measure import Measure
from ingest.watch.stages.rain import RainCumulative, RainSum
from ingest.watch.stages.rule import Series, Threshold, WatchedRule
from ingest.watch.stages.sample import Reading
from ingest.watch.stages.window import HOUR_US
from tests.watch.stages.readings import MINUTE_US
from tests.watch.stages.test_measures import samples

GAP_US = 30 * MINUTE_US
OF_AMOUNTS = Gauge(counter=False, interval_us=10 * MINUTE_US, gap_us=GAP_US)
OF_TOTALS = OF_AMOUNTS._replace(counter=True, per_hour=400)
HOUR = TotalOrAmounts(RainSum("rain_1h", HOUR_US, OF_TOTALS), RainSum("rain_1h", HOUR_US, OF_AMOUNTS), GAP_US)
SPELL = TotalOrAmounts(RainCumulative(2 * HOUR_US, OF_TOTALS), RainCumulative(2 * HOUR_US, OF_AMOUNTS), GAP_US)
STAGES = (Threshold(1, 10.0, "市設定基準1"), Threshold(2, 20.0, "市設定基準2"))

FALLEN = [0.0] * 8 + [2.0, 5.0, 8.0, 9.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
"""Rain of ten minutes each: 10 mm in an hour are reached with place 10, 20 mm with 11, and left with 17 and 16."""


def rule(measure: Measure, inputs: int = 2) -> WatchedRule:
    series = (Series(1, 31, 0), Series(1, 30, 0))[-inputs:]
    own = tuple(range(inputs))
    return WatchedRule("r", 1, "rain", series, measure, STAGES, own=own, hysteresis=1, patience_us=GAP_US, hold_us=0)


def amounts(first: int = 0) -> list[Reading]:
    return [Reading(place * 10 * MINUTE_US, mm, AMOUNTS) for place, mm in enumerate(FALLEN) if place >= first]


def totals(first: int = 0, *, minutes_later: float = 0) -> list[Reading]:
    found, total = [], 4000.0
    for place, mm in enumerate(FALLEN):
        total += mm
        if place >= first:
            found.append(Reading(round((place * 10 + minutes_later) * MINUTE_US), total, TOTAL))
    return found


def ranks(measure: Measure, readings: Iterable[Reading]) -> list[tuple[int, int]]:
    """(place, rank) of every change."""
    found = chronology(rule(measure), readings)
    return [(change.at_us // (10 * MINUTE_US), change.rank) for change in found]


WANTED = [(10, 1), (11, 2), (16, 1), (17, 0)]


@pytest.mark.parametrize("measure", [HOUR, SPELL])
@pytest.mark.parametrize("source", [TOTAL, AMOUNTS])
def test_of_a_gauge_that_sends_one_of_them_it_is_the_measure_of_that(measure: TotalOrAmounts, source: int) -> None:
    readings = totals() if source == TOTAL else amounts()
    alone = rule((measure.total, measure.amounts)[source], 1)
    found = chronology(rule(measure), readings)
    assert found == [
        each._replace(source=source) for each in chronology(alone, [r._replace(series=0) for r in readings])
    ]
    assert found


@pytest.mark.parametrize("later", [0, 5])
def test_a_crossing_of_both_is_one(later: float) -> None:
    """In one message, and in two that are five minutes apart."""
    assert ranks(HOUR, [*amounts(), *totals(minutes_later=later)]) == WANTED


@pytest.mark.parametrize("first", range(9, 14))
@pytest.mark.parametrize("later", [0, 5])
def test_a_total_that_begins_in_the_rain_forgets_nothing_of_it(first: int, later: float) -> None:
    assert ranks(HOUR, [*amounts(), *totals(first, minutes_later=later)]) == WANTED


def test_a_total_that_is_known_whole_is_believed_before_amounts() -> None:
    wrong = [each._replace(value=each.value * 10) for each in amounts(8)]
    assert ranks(HOUR, [*totals(), *wrong]) == WANTED


def test_amounts_count_at_once_where_the_total_falls_silent() -> None:
    assert ranks(HOUR, [*totals()[:9], *amounts()]) == WANTED


def test_an_amount_that_was_lost_takes_nothing_back() -> None:
    """Without the amount of place 10 the others come to less than the total, five minutes before it."""
    lossy = [each for each in amounts() if each.time_us != 100 * MINUTE_US]
    assert ranks(HOUR, [*totals(), *(each._replace(time_us=each.time_us + 5 * MINUTE_US) for each in lossy)]) == WANTED


def test_an_event_is_about_what_the_gauge_sends() -> None:
    for readings, quantity in ((totals(), 31), (amounts(), 30)):
        found = rule(HOUR)
        assert {found.thing(each.source).quantity_id for each in chronology(found, readings)} == {quantity}
        assert found.subject == "stage:d1:q31:c0:r"


pairs = st.lists(
    st.tuples(
        st.integers(1, 50),
        st.sampled_from([0.0, 0.2, 3.0, 30.0, -5.0]),
        st.sampled_from([(True, False), (False, True), (True, True)]),
    ),
    min_size=2,
    max_size=25,
)


@given(steps=pairs, stop=st.integers(0, 24))
def test_the_memory_is_made_again_of_readings_since_the_look_back(
    steps: list[tuple[int, float, tuple[bool, bool]]], stop: int
) -> None:
    fed: list[tuple[float, Sequence[float | None]]] = []
    minute, total = 0, 100.0
    for gap, mm, (sends_total, sends_amount) in steps:
        minute, total = minute + gap, total + mm
        fed.append((minute, [total if sends_total else None, abs(mm) if sends_amount else None]))
    stop = min(stop, len(fed) - 1)
    needed = [each for each in fed[: stop + 1] if each[0] > fed[stop][0] - HOUR.look_back_us / MINUTE_US]
    assert samples(HOUR, *fed)[stop + 1 :] == samples(HOUR, *needed, *fed[stop + 1 :])[len(needed) :]
