"""The small rules, each by itself, with numbers a hand can follow."""

from itertools import accumulate, pairwise
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.figures.conftest import connection, empty_database
from tests.store.rollup.counters import Frame, Step, classify

__all__ = ["connection", "empty_database"]


def ask(connection: psycopg.Connection[Any], call: str, *values: object) -> Any:
    marks = ", ".join(["%s"] * len(values))
    (answer,) = connection.execute(f"select {call}({marks})".encode(), values).fetchone() or (None,)
    return answer


@pytest.mark.parametrize(
    ("before", "value", "increase"),
    [
        (10.0, 12.5, 2.5),
        (10.0, 10.0, 0.0),
        (None, 10.0, None),
        (800.0, 3.0, 3.0),  # began again at nought
        (6553.5, 0.25, 0.35),  # 2^16 steps of 0.1 rolled over
        (65530.0, 4.0, 10.0),  # 2^16 steps of 1
        (4294967290.0, 5.0, 11.0),  # 2^32 steps of 1
        (65530.0, 30000.0, 30000.0),  # too far beyond the top for a roll-over
        (6400.0, 1.0, 1.0),  # too far below it
        (5010.0, 4990.0, None),  # stepped back: no beginning at nought
    ],
)
def test_a_counter_grows_through_resets_and_roll_overs(
    connection: psycopg.Connection[Any], before: float | None, value: float, increase: float | None
) -> None:
    found = ask(connection, "rollup_increase", before, value)
    assert found == (None if increase is None else pytest.approx(increase))


@pytest.mark.parametrize(
    ("before", "counter", "lost", "reset"),
    [
        (41, 42, 0, False),
        (41, 45, 3, False),
        (42, 42, 0, False),  # sent again
        (65534, 2, 3, False),  # 65535, 0 and 1, of 16 bits
        (100_000, 3, 0, True),
        (5, 0, 0, True),
        (70, 69, -2, False),  # out of order: gives back itself, and the one that will be counted again
        (5, 40_000, 0, True),
    ],
)
def test_a_gap_in_the_message_counter_is_a_loss_and_a_new_beginning_is_none(
    connection: psycopg.Connection[Any], before: int, counter: int, lost: int, *, reset: bool
) -> None:
    assert (ask(connection, "rollup_lost", before, counter), ask(connection, "rollup_reset", before, counter)) == (
        lost,
        reset,
    )


def test_messages_out_of_order_are_no_loss_in_sum(connection: psycopg.Connection[Any]) -> None:
    order = [70, 72, 71, 73, 74]
    assert sum(ask(connection, "rollup_lost", before, counter) for before, counter in pairwise(order)) == 0


EDGES = st.sampled_from([0, 16, 17, 1_023, 1_024, 32_767, 32_768, 64_511, 64_512, 65_535, 65_536, 2**32 - 1])
COUNTER = st.builds(lambda edge, by: max(edge + by, 0), EDGES, st.integers(-40, 40)) | st.integers(0, 2**32)
RUN = st.lists(st.tuples(COUNTER, st.lists(st.integers(-40, 40), max_size=6)), min_size=1, max_size=8)
"""Counters that jump, and go on from there in small steps, forth and back."""


@given(RUN)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sql_tells_every_gap_apart_as_the_rule_in_python_does(
    connection: psycopg.Connection[Any], run: list[tuple[int, list[int]]]
) -> None:
    counters = [max(counter + by, 0) for counter, steps in run for by in (0, *accumulate(steps))]
    found = connection.execute(
        "select rollup_lost(before, counter), rollup_reset(before, counter) from"
        " unnest(%s::bigint[], %s::bigint[]) with ordinality pair (before, counter, place) order by place",
        (counters[:-1], counters[1:]),
    ).fetchall()
    told = [classify(Frame(before), Frame(counter)) for before, counter in pairwise(counters)]
    assert found == [(one.lost, one.step is Step.RESET) for one in told]


def test_opposite_winds_have_no_direction(connection: psycopg.Connection[Any]) -> None:
    direction = "select rollup_direction(sum(sind(d)), sum(cosd(d)), count(*)) from unnest(%s::float[]) d"
    for winds, mean in (([350, 10], 0.0), ([80, 100], 90.0), ([90, 270], None), ([315, 225], 270.0)):
        (found,) = connection.execute(direction.encode(), (winds,)).fetchone() or (None,)
        assert found == (None if mean is None else pytest.approx(mean, abs=1e-9))
