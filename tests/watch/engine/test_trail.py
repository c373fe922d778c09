"""A reading that comes a moment too late is fitted in, and the state is that of the right order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.watch.engine.memory import RuleMemory
from ingest.watch.engine.trail import MOST_RULES, Trail, Trails, longer, rewind
from ingest.watch.stages.machine import State, advance, start, step
from ingest.watch.stages.sample import UNSOUND, Reading
from tests.watch.stages.readings import MINUTE_US, level_rule

CALM = 0.5
memories = st.builds(
    level_rule, hysteresis=st.sampled_from([0.0, 0.25]), hold_us=st.sampled_from([0, 5 * MINUTE_US])
).map(lambda rule: RuleMemory(rule, 0))
values = st.sampled_from([CALM, 0.9, 1.0, 1.5, 2.5])


def walk(memory: RuleMemory, readings: list[Reading]) -> tuple[State, Trail]:
    """One reading after the other, as they come."""
    state: State = start(memory.rule)
    trail: Trail = ()
    for reading in readings:
        after, changes = step(memory.rule, state, reading)
        trail, state = () if changes else longer(trail, state, [reading]), after
    return state, trail


@given(memory=memories, levels=st.lists(values, min_size=2, max_size=6), place=st.integers(0, 5))
def test_what_is_fitted_in_is_as_if_it_had_come_in_order(memory: RuleMemory, levels: list[float], place: int) -> None:
    every = [Reading(n * MINUTE_US, level) for n, level in enumerate(levels, start=1)]
    late = every.pop(min(place, len(every) - 2))
    _, trail = walk(memory, every)
    rewound = rewind(memory, trail, [late])
    if rewound is None:
        return
    wanted, changes = advance(memory.rule, start(memory.rule), sorted([*every, late]))
    assert rewound[0] == wanted
    assert list(changes) == list(advance(memory.rule, start(memory.rule), every)[1]), "no event would be another"
    again = rewind(memory, rewound[1], [Reading(late.time_us + 1, CALM)])
    assert again is None or again[0].at_us == wanted.at_us


def test_calm_water_in_disorder_needs_no_question() -> None:
    memory = RuleMemory(level_rule(), 0)
    first, late, last = (Reading(minute * MINUTE_US, CALM) for minute in (1, 2, 3))
    state, trail = walk(memory, [first, last])
    rewound = rewind(memory, trail, [late])
    assert rewound is not None
    assert rewound[0] == state
    assert rewind(memory, rewound[1], [Reading(late.time_us + 1, CALM)]) is not None


@pytest.mark.parametrize(
    ("late", "why"),
    [
        (Reading(2 * MINUTE_US, 1.5), "it reaches a stage"),
        (Reading(3 * MINUTE_US, CALM), "its time is known"),
        (Reading(MINUTE_US - 1, CALM), "it is older than the trail"),
    ],
)
def test_the_database_is_asked_where_it_must_be(late: Reading, why: str) -> None:
    memory = RuleMemory(level_rule(), 0)
    _, trail = walk(memory, [Reading(minute * MINUTE_US, CALM) for minute in (1, 1.5, 3)])  # type: ignore[arg-type]
    assert rewind(memory, trail, [late]) is None, why


def test_a_step_that_changed_a_rank_begins_a_new_trail() -> None:
    memory = RuleMemory(level_rule(), 0)
    _, trail = walk(memory, [Reading(MINUTE_US, CALM), Reading(3 * MINUTE_US, 1.5)])
    assert trail == ()
    assert rewind(memory, trail, [Reading(2 * MINUTE_US, CALM)]) is None


def test_unsound_readings_beside_it_do_not_count() -> None:
    memory = RuleMemory(level_rule(), 0)
    state, trail = walk(memory, [Reading(MINUTE_US, CALM), Reading(3 * MINUTE_US, CALM)])
    unsound = Reading(3 * MINUTE_US, 9.0, quality=UNSOUND)
    rewound = rewind(memory, trail, [Reading(2 * MINUTE_US, CALM), unsound])
    assert rewound is not None
    assert rewound[0] == state


def test_so_many_rules_are_remembered_and_no_more() -> None:
    trails, rule = Trails(), level_rule()
    trail = longer((), start(rule), [Reading(1, CALM)])
    first, *rest, last = [RuleMemory(rule, 0) for _ in range(MOST_RULES + 1)]
    trails.keep(dict.fromkeys([first, *rest], trail), ())
    assert trails.of(first) == trail
    trails.keep({last: trail}, ())
    assert (trails.of(first), trails.of(last)) == ((), trail)
    trails.keep({}, [last])
    assert trails.of(last) == (), "it was computed from the database"
