"""Gaps of a counter told apart."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.store.rollup.counters import Classified, Frame, Step, classify


def step(before: int, counter: int) -> Classified:
    return classify(Frame(before, "0182ab7c", 1), Frame(counter, "0182AB7C", 2))


@pytest.mark.parametrize(
    ("before", "counter", "expected"),
    [
        (7, 8, (Step.NEXT, 0)),
        (7, 9, (Step.LOST, 1)),
        (7, 7 + 32_768, (Step.LOST, 32_767)),
        (7, 8 + 32_768, (Step.RESET, 0)),
        (7, 7, (Step.RETRANSMISSION, 0)),
        (65_535, 0, (Step.ROLL_OVER, 0)),
        (65_535, 65_536, (Step.NEXT, 0)),
        (65_530, 3, (Step.ROLL_OVER, 8)),
        (64_512, 1_023, (Step.ROLL_OVER, 2_046)),
        (64_511, 0, (Step.RESET, 0)),
        (65_536, 0, (Step.RESET, 0)),
        (65_535, 1_024, (Step.RESET, 0)),
        (100, 98, (Step.LATE, -3)),
        (100, 84, (Step.LATE, -17)),
        (100, 83, (Step.RESET, 0)),
        (20, 16, (Step.RESET, 0)),
        (2_000, 0, (Step.RESET, 0)),
        (2_000, 1, (Step.RESET, 0)),
    ],
)
def test_a_counter_is_read_by_the_rule(before: int, counter: int, expected: tuple[Step, int]) -> None:
    assert step(before, counter) == expected


def test_the_first_message_of_a_device_says_nothing_about_loss() -> None:
    assert classify(None, Frame(500)) == (Step.FIRST, 0)


def test_another_address_or_a_join_is_a_new_count() -> None:
    assert classify(Frame(900, "0182ab7c"), Frame(3, "0182ab7d")) == (Step.REJOIN, 0)
    assert classify(Frame(900, "0182ab7c"), Frame(901, "0182ab7d")) == (Step.REJOIN, 0)
    assert classify(Frame(900), Frame(901), joined=True) == (Step.REJOIN, 0)
    assert classify(Frame(900, "0182ab7c"), Frame(901)) == (Step.NEXT, 0)


def test_the_same_message_twice_is_no_retransmission() -> None:
    assert classify(Frame(7, message_id="a"), Frame(7, message_id="a")).step == Step.DUPLICATE
    assert classify(Frame(7, message_id="a"), Frame(7, message_id="b")).step == Step.RETRANSMISSION
    assert classify(Frame(7), Frame(7)).step == Step.RETRANSMISSION


@given(
    start=st.integers(17, 60_000),
    missing=st.sets(st.integers(1, 19), max_size=10),
    swaps=st.lists(st.integers(0, 20), max_size=5),
)
def test_the_sum_is_what_never_came_whatever_the_order(start: int, missing: set[int], swaps: list[int]) -> None:
    """Between the first and the last, which are there and in their place."""
    there = [number for number in range(1, 20) if number not in missing]
    for at in swaps:
        if at + 1 < len(there):
            there[at], there[at + 1] = there[at + 1], there[at]
    counters = [start, *(start + number for number in there), start + 20]
    steps = [step(before, counter) for before, counter in itertools.pairwise(counters)]
    if all(one.step != Step.RESET for one in steps):
        assert sum(one.lost for one in steps) == len(missing)
