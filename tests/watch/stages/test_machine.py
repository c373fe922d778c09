"""The machine of the stages: the same readings give the same changes, whatever happened on the way."""

import dataclasses
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.watch.stages.fallen import Gauge
from ingest.watch.stages.machine import AT_REST, Change, OutOfOrder, advance, chronology, resume, start, step
from ingest.watch.stages.measure import Measure, Value
from ingest.watch.stages.measure import State as StateMeasure
from ingest.watch.stages.rain import RainSum
from ingest.watch.stages.rule import (
    EVER_US,
    NEVER_US,
    NOBODY,
    Condition,
    Partner,
    Series,
    Threshold,
    WatchedRule,
    Working,
)
from ingest.watch.stages.sample import Reading
from ingest.watch.stages.window import Rise
from schemas.japan import to_us
from schemas.reading import Quality
from tests.figures.field import jst
from tests.watch.stages.readings import LEVEL, MINUTE_US, at_minutes, by_definition, level_rule, series

rules = st.builds(
    level_rule,
    hysteresis=st.sampled_from([0.0, 0.25, 0.5]),
    hold_us=st.sampled_from([0, 0, 5 * MINUTE_US]),
    below=st.booleans(),
    patience_us=st.sampled_from([10 * MINUTE_US, 100 * MINUTE_US]),
).map(
    lambda rule: (
        dataclasses.replace(rule, thresholds=tuple(each._replace(value=5 - each.value) for each in rule.thresholds))
        if rule.below
        else rule
    )
)


def ranks(changes: list[Change]) -> list[tuple[int, int]]:
    return [(change.at_us // MINUTE_US, change.rank) for change in changes]


@given(rules, series, st.randoms(use_true_random=False))
def test_any_order_and_any_repetition_of_the_same_readings_give_the_changes_of_the_definition(
    rule: WatchedRule, readings: list[Reading], chance: random.Random
) -> None:
    jumbled = readings + readings[::2]
    chance.shuffle(jumbled)
    assert [(change.at_us, change.rank) for change in chronology(rule, jumbled)] == by_definition(rule, readings)


@given(rules, series)
def test_one_by_one_is_the_same_as_all_at_once(rule: WatchedRule, readings: list[Reading]) -> None:
    state = start(rule)
    changes: list[Change] = []
    for reading in sorted(readings):
        state, changed = step(rule, state, reading)
        changes += changed
    assert (state, tuple(changes)) == advance(rule, start(rule), readings)


GAUGE = Gauge(counter=False, interval_us=10 * MINUTE_US, gap_us=15 * MINUTE_US)
FROM_TO = st.sampled_from([(EVER_US, NEVER_US), (EVER_US, 30 * MINUTE_US), (20 * MINUTE_US, NEVER_US)])
of_any_kind = st.builds(
    lambda rule, spans, alone, **more: dataclasses.replace(
        rule,
        thresholds=tuple(
            each._replace(from_us=span[0], to_us=span[1], conditions=(Condition(NOBODY, 1.0),) if rank in alone else ())
            for rank, (each, span) in enumerate(zip(rule.thresholds, spans, strict=True))
        ),
        **more,
    ),
    rules,
    st.lists(FROM_TO, min_size=4, max_size=4),
    st.sets(st.integers(0, 3), max_size=1),
    measure=st.sampled_from([
        Value("m"), StateMeasure(), Rise("m", 10 * MINUTE_US), RainSum("rain_1h", 20 * MINUTE_US, GAUGE),
        RainSum("rain_1h", 20 * MINUTE_US, GAUGE._replace(counter=True)),
    ]),
    hold_us=st.sampled_from([0, MINUTE_US, 5 * MINUTE_US]),
    patience_us=st.just(100 * MINUTE_US),
    working=st.sampled_from([(), (), (Working(minutes=(9 * 60 + 10, 9 * 60 + 40)),)]),
)  # fmt: skip
"""Rules of one series whose stages begin or end, want what nobody measures, rest, or have samples that say nothing."""


@settings(max_examples=500)
@given(of_any_kind, series, st.integers(0, 60))
def test_readings_that_change_nothing_are_passed_over_as_if_each_were_judged(
    rule: WatchedRule, readings: list[Reading], minute: int
) -> None:
    state = start(rule)
    changes: list[Change] = []
    for reading in sorted(readings):
        state, changed = step(rule, state, reading)
        changes += changed
    first = [reading for reading in readings if reading.time_us <= minute * MINUTE_US]
    rest = [reading for reading in readings if reading.time_us > minute * MINUTE_US]
    between, before = advance(rule, start(rule), first)
    after, then = advance(rule, between, rest)
    assert (after, (*before, *then)) == (state, tuple(changes))


@given(rules, series, st.integers(0, 60))
def test_a_state_made_again_from_rank_and_readings_goes_on_as_if_nothing_had_stopped(
    rule: WatchedRule, readings: list[Reading], minute: int
) -> None:
    stop_us = minute * MINUTE_US
    before = [reading for reading in readings if reading.time_us <= stop_us]
    after = [reading for reading in readings if reading.time_us > stop_us]
    state, _ = advance(rule, start(rule), before)
    needed = [reading for reading in before if reading.time_us > stop_us - rule.look_back_us]
    again = resume(rule, state.rank, needed)
    assert chronology(rule, after, again) == chronology(rule, after, state)


@given(
    series, st.sampled_from([Quality.RANGE, Quality.CLAMPED, Quality.PUBLISHER, Quality.RANGE | Quality.CLOCK_AHEAD])
)
def test_a_reading_with_a_remark_about_its_value_moves_nothing(readings: list[Reading], quality: Quality) -> None:
    flagged = [Reading(reading.time_us + 1, 99.0, 0, int(quality)) for reading in readings]
    assert chronology(level_rule(), readings + flagged) == chronology(level_rule(), readings)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_moves_nothing(value: float) -> None:
    assert chronology(level_rule(), at_minutes((0, 2.2), (1, value), (2, 2.2)))[1:] == []


def test_a_remark_about_the_clock_hinders_nothing() -> None:
    assert ranks(chronology(level_rule(), [Reading(0, 2.0, 0, int(Quality.CLOCK_AHEAD))])) == [(0, 2)]


@given(st.lists(st.floats(1.5, 1.99), max_size=20))
def test_within_the_hysteresis_nothing_swings(levels: list[float]) -> None:
    readings = at_minutes((0, 2.0), *enumerate(levels, 1))
    assert ranks(chronology(level_rule(), readings)) == [(0, 2)]


def test_a_stage_is_reached_at_its_value_and_left_below_its_hysteresis() -> None:
    changes = chronology(level_rule(), at_minutes((0, 1.99), (1, 2.0), (2, 1.5), (3, 1.49), (4, 0.4)))
    assert ranks(changes) == [(0, 1), (1, 2), (3, 1), (4, 0)]
    reached, left = changes[1], changes[3]
    assert reached.threshold is not None
    assert (reached.before_rank, reached.value, reached.threshold.name) == (1, 2.0, "市設定基準2")
    assert (left.threshold, left.left and left.left.rank) == (None, 1)


def test_a_stage_that_has_to_last_is_reached_by_the_reading_after_it_lasted() -> None:
    rule = level_rule(hold_us=10 * MINUTE_US)
    assert ranks(chronology(rule, at_minutes((0, 2.0), (5, 2.2), (9.9, 2.1)))) == []
    assert ranks(chronology(rule, at_minutes((0, 2.0), (5, 2.2), (10, 3.5)))) == [(10, 2)]
    assert ranks(chronology(rule, at_minutes((0, 2.0), (5, 1.9), (10, 2.0), (19, 2.0)))) == [(10, 1)]


def test_nothing_is_known_to_have_lasted_over_a_silence() -> None:
    rule = level_rule(hold_us=10 * MINUTE_US, patience_us=30 * MINUTE_US)
    assert ranks(chronology(rule, at_minutes((0, 2.0), (60, 2.0), (65, 2.0)))) == []


def test_new_thresholds_take_effect_with_the_reading_after_them() -> None:
    low = Threshold(1, 2.0, "新しい基準", from_us=10 * MINUTE_US)
    rule = level_rule((Threshold(1, 3.0, "古い基準", to_us=10 * MINUTE_US), low))
    assert ranks(chronology(rule, at_minutes((0, 2.5), (9, 2.5)))) == []
    changes = chronology(rule, at_minutes((0, 2.5), (10, 2.5)))
    assert ranks(changes) == [(10, 1)]
    assert changes[0].threshold == low


def test_other_thresholds_alone_raise_nothing_without_a_reading_at_them() -> None:
    state, _ = advance(level_rule(), start(level_rule()), at_minutes((0, 2.5)))
    lowered = level_rule(tuple(each._replace(value=each.value / 2) for each in level_rule().thresholds))
    assert chronology(lowered, at_minutes((1, 1.49)), state) == []
    assert ranks(chronology(lowered, at_minutes((1, 1.5)), state)) == [(1, 3)]


def test_a_stage_that_no_longer_holds_is_left_with_the_next_reading() -> None:
    rule = level_rule((Threshold(1, 1.0), Threshold(2, 2.0, to_us=5 * MINUTE_US)))
    changes = chronology(rule, at_minutes((0, 2.5), (5, 2.5)))
    assert ranks(changes) == [(0, 2), (5, 1)]
    assert changes[1].left is None


def test_frost_is_reached_downwards() -> None:
    rule = level_rule((Threshold(1, 3.0), Threshold(2, 0.0)), below=True)
    assert ranks(chronology(rule, at_minutes((0, 3.1), (1, 3.0), (2, -1.0), (3, 0.5), (4, 0.6), (5, 3.6)))) == [
        (1, 1), (2, 2), (4, 1), (5, 0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("working", "holds", "rests"),
    [
        (Working(("04-01", "10-31")), [(4, 1, 0), (10, 31, 23)], [(3, 31, 23), (11, 1, 0)]),
        (Working(("11-01", "03-31")), [(11, 1, 0), (1, 15, 0), (3, 31, 23)], [(4, 1, 0), (10, 31, 23)]),
        (Working(None, (18 * 60, 6 * 60)), [(5, 1, 18), (5, 1, 5)], [(5, 1, 6), (5, 1, 17)]),
        (Working(None, (8 * 60, 17 * 60)), [(5, 1, 8), (5, 1, 16)], [(5, 1, 17), (5, 1, 7)]),
    ],
)
def test_a_rule_works_in_its_season_and_hours_by_the_clock_of_japan(
    working: Working, holds: list[tuple[int, int, int]], rests: list[tuple[int, int, int]]
) -> None:
    said = {at: working.holds(to_us(jst(2026, *at))) for at in holds + rests}
    assert said == dict.fromkeys(holds, True) | dict.fromkeys(rests, False)


def test_the_end_of_the_season_ends_a_stage_with_the_next_reading() -> None:
    rule = level_rule(working=(Working(("04-01", "10-31")),))
    readings = [Reading(to_us(at), 2.5) for at in (jst(2026, 10, 31, 23), jst(2026, 11, 1), jst(2027, 4, 1))]
    assert [(each.rank, each.why) for each in chronology(rule, readings)] == [(2, ""), (0, AT_REST), (2, "")]


RAIN, OTHER_RAIN = Series(2, 36, 0), Series(3, 36, 0)


def beside_rain(*, any_condition: bool = False) -> WatchedRule:
    hour = Partner(Value("mm"), (1,), 30 * MINUTE_US)
    stage = Threshold(1, 2.0, conditions=(Condition(0, 30.0), Condition(1, 30.0)), any_condition=any_condition)
    return dataclasses.replace(
        level_rule((stage,)), inputs=(LEVEL, RAIN, OTHER_RAIN), partners=(hour, hour._replace(inputs=(2,)))
    )


def beside(minute: int, value: float, station: int) -> Reading:
    return Reading(minute * MINUTE_US, value, station)


def test_a_stage_may_want_rain_of_all_stations_or_of_any() -> None:
    one = [*at_minutes((0, 2.5)), beside(1, 30.0, 1)]
    assert ranks(chronology(beside_rain(), one)) == []
    assert ranks(chronology(beside_rain(any_condition=True), one)) == [(1, 1)]
    assert ranks(chronology(beside_rain(), [*one, beside(2, 31.0, 2)])) == [(2, 1)]


def test_rain_is_needed_to_reach_a_stage_and_not_to_keep_it() -> None:
    reached = [*at_minutes((0, 2.5)), beside(1, 30.0, 1), beside(1, 0.0, 2)]
    rule = beside_rain(any_condition=True)
    assert ranks(chronology(rule, [*reached, beside(2, 0.0, 1), *at_minutes((3, 2.5), (4, 1.4))])) == [(1, 1), (4, 0)]


def test_a_lower_stage_that_wants_rain_is_not_there_without_it() -> None:
    wanting = Threshold(1, 1.0, conditions=(Condition(0, 30.0),))
    rule = dataclasses.replace(beside_rain(), thresholds=(wanting, Threshold(2, 2.0)))
    dry = [beside(0, 0.0, 1), *at_minutes((1, 2.5), (2, 1.2))]
    assert ranks(chronology(rule, dry)) == [(1, 2), (2, 0)]
    assert ranks(chronology(rule, dry[1:])) == [(1, 2), (2, 1)]  # where nothing is known of the rain it stays


def test_rain_that_nobody_measured_lately_reaches_nothing() -> None:
    readings = [beside(0, 99.0, 1), beside(0, 99.0, 2), *at_minutes((31, 2.5))]
    assert ranks(chronology(beside_rain(), readings)) == []


def test_the_stage_of_a_state_is_the_state_itself() -> None:
    trap = WatchedRule(
        "trap", 1, "trap", (Series(5, 116, 0),), StateMeasure(), (Threshold(1, 1.0, "作動"), Threshold(2, 2.0, "捕獲"))
    )
    assert ranks(chronology(trap, at_minutes((0, 0), (1, 1), (2, 2), (3, 3), (4, 1), (5, 0)))) == [
        (1, 1), (2, 2), (3, 0), (4, 1), (5, 0),
    ]  # fmt: skip


@pytest.mark.parametrize("minute", [0, 1])
def test_a_reading_that_is_not_newer_is_refused(minute: int) -> None:
    state, _ = advance(level_rule(), start(level_rule()), at_minutes((1, 2.0)))
    with pytest.raises(OutOfOrder):
        step(level_rule(), state, at_minutes((minute, 2.0))[0])


HOUR = RainSum("rain_1h", 60 * MINUTE_US, Gauge(counter=False, interval_us=10 * MINUTE_US, gap_us=30 * MINUTE_US))


def rain_rule(measure: Measure = HOUR, **more: Any) -> WatchedRule:
    return WatchedRule("rain", 1, "rain", (RAIN,), measure, (Threshold(1, 10.0),), hysteresis=1, **more)


def test_rain_of_which_only_a_part_is_known_reaches_a_stage_and_leaves_none() -> None:
    regular = [(minute, 0.0) for minute in range(0, 80, 10)]
    reached = [*regular, (80, 12.0)]
    gap = [(150, 0.0), (160, 0.0), (170, 0.0), (180, 0.0), (190, 0.0), (200, 0.0)]
    changes = chronology(rain_rule(), at_minutes(*reached, *gap))
    assert ranks(changes) == [(80, 1)]  # the readings of 90 to 140 are missing: nobody knows what fell
    changes = chronology(rain_rule(), at_minutes(*reached, *gap, (210, 0.0)))
    assert ranks(changes) == [(80, 1), (210, 0)]
    alone = chronology(rain_rule(), at_minutes((0, 0.0), (10, 11.0)))
    assert ([(each.rank, each.partial) for each in alone]) == [(1, True)]


def test_a_measure_without_a_value_leaves_no_stage_and_breaks_what_lasts() -> None:
    rise = Rise("m", 60 * MINUTE_US)
    high = [(0, 0.0), (60, 12.0), (70, 12.0), (80, 12.0)]
    silent = [(300, 12.0), (310, 12.0)]
    assert ranks(chronology(rain_rule(rise), at_minutes(*high[:2], *silent))) == [(60, 1)]
    lasting = rain_rule(rise, hold_us=20 * MINUTE_US, patience_us=600 * MINUTE_US)
    assert ranks(chronology(lasting, at_minutes((0, 0.0), (10, 0.0), (60, 12.0), (80, 12.0)))) == [(80, 1)]
    unknown = [(0, 0.0), (60, 12.0), (185, 12.0), (250, 24.0)]  # at 185 there is nothing of an hour before
    assert ranks(chronology(lasting, at_minutes(*unknown))) == []


def test_of_two_readings_of_one_series_and_time_the_first_counts() -> None:
    assert ranks(chronology(level_rule(), at_minutes((0, 1.0), (0, 4.0)))) == [(0, 1)]


def test_rain_of_a_neighbour_that_is_at_least_so_much_is_not_known_to_be_too_little() -> None:
    wanting = Threshold(1, 1.0, conditions=(Condition(0, 30.0),))
    rule = WatchedRule(
        "", 1, "river", (LEVEL, RAIN), Value("m"), (wanting, Threshold(2, 2.0)), hysteresis=0.5,
        partners=(Partner(HOUR, (1,), 60 * MINUTE_US),),
    )  # fmt: skip
    new_gauge = [beside(0, 0.0, 1), *at_minutes((1, 2.5), (2, 1.2))]
    assert ranks(chronology(rule, new_gauge)) == [(1, 2), (2, 1)]
    dry = [beside(minute, 0.0, 1) for minute in range(0, 80, 10)]
    assert ranks(chronology(rule, [*dry, *at_minutes((71, 2.5), (72, 1.2))])) == [(71, 2), (72, 0)]


def test_what_may_reach_a_stage_is_known_by_a_look() -> None:
    assert [level_rule().may_reach(value, 0) for value in (0.9, 1.0, 5.0)] == [False, True, True]
    assert [level_rule(below=True).may_reach(value, 0) for value in (4.1, 4.0)] == [False, True]
    rain = dataclasses.replace(level_rule(), measure=HOUR)
    assert [rain.may_reach(value, 0) for value in (0.0, 0.5)] == [False, True], "a sum may"
