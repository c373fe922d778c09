"""The comparison of two windows: a case reckoned by hand, and how often the interval holds the truth."""

import random
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest

from ingest.plan.act.compare import Block, borders_of, interval_of, quantile, ratio_of

APRIL = date(2026, 4, 1)


def weeks(*percents: int, expected: int = 700, first_day: date = APRIL) -> list[Block]:
    """Weeks with so many percent of what was expected."""
    starts = [first_day + timedelta(7 * each) for each in range(len(percents))]
    return [
        Block(start, start + timedelta(7), Fraction(percent * expected, 100), Fraction(expected))
        for start, percent in zip(starts, percents, strict=True)
    ]


def test_a_case_reckoned_by_hand() -> None:
    """Four weeks at 70, 74, 72, 76 % and four at 90, 92, 91, 95 %.

    Means 73 and 92, a change of 19 points. Squares about the means: 9 + 1 + 1 + 9 = 20 and 4 + 0 + 1 + 9 = 14, in
    points squared, so the variances of the means are 20 / 3 / 4 = 1.6667 and 14 / 3 / 4 = 1.1667, together 2.8333.
    Degrees: 2.8333² / (1.6667² / 3 + 1.1667² / 3) = 8.0278 / 1.3796 = 5.82, cut to 5; t = 2.571.
    Half a width: 2.571 x 1.6833 = 4.328.
    """
    before, after = weeks(70, 74, 72, 76), weeks(90, 92, 91, 95)
    assert (ratio_of(before), ratio_of(after)) == (Fraction(73, 100), Fraction(92, 100))
    found = interval_of(before, after)
    assert found is not None
    assert (found.degrees, found.blocks_before, found.blocks_after) == (5, 4, 4)
    assert (found.low * 100, found.high * 100) == pytest.approx((19 - 4.328, 19 + 4.328), abs=0.001)


def test_a_window_is_the_sum_of_its_parts_and_not_the_mean_of_its_blocks() -> None:
    assert ratio_of([*weeks(100), *weeks(0, expected=70)]) == Fraction(700, 770)
    assert ratio_of(weeks(0, 0, expected=0)) is None


def test_weeks_in_which_nothing_was_expected_are_left_out() -> None:
    resting = [*weeks(0, expected=0), *weeks(90, 91, 92)]
    found = interval_of(resting, weeks(1, 2, 3, 4))
    assert found is not None
    assert found.blocks_before == 3


def test_two_weeks_say_nothing_about_how_sure_it_is() -> None:
    short, long = weeks(70, 80), weeks(90, 91, 92, 93)
    assert interval_of(short, long) is None
    assert interval_of(long, short) is None
    lasting = [*long[:2], long[2]._replace(until_day=long[2].first_day + timedelta(3))]
    assert interval_of(long, lasting) is None, "the third week lasts"


@pytest.mark.parametrize(("window", "count"), [(7, 1), (13, 1), (14, 2), (28, 4), (29, 4), (56, 4), (182, 4)])
def test_blocks_are_of_a_week_or_longer_and_at_most_four(window: int, count: int) -> None:
    borders = borders_of(APRIL, window)
    lengths = [(until - first).days for first, until in pairwise(borders)]
    assert (len(lengths), sum(lengths), borders[0]) == (count, window, APRIL)
    assert min(lengths) >= 7
    assert max(lengths) - min(lengths) <= 1


def test_without_any_scatter_the_interval_has_no_width() -> None:
    found = interval_of(weeks(0, 0, 0, 0), weeks(100, 100, 100, 100))
    assert found is not None
    assert (found.low, found.high) == (1.0, 1.0)


def test_between_two_rows_of_the_table_the_wider_one_counts() -> None:
    assert quantile(1) == 12.706
    assert quantile(30) == 2.042
    assert quantile(39) == 2.042
    assert quantile(40) == 2.021
    assert quantile(100_000) == 1.980


@pytest.mark.parametrize(("likeness", "window"), [(0.0, 28), (0.5, 28), (0.7, 28), (0.7, 56)])
def test_the_interval_holds_the_truth_although_days_resemble_each_other(likeness: float, window: int) -> None:
    """Made days without any change: 0 lies within the interval in about 95 of 100 cases."""
    chance, held, times = random.Random(20_261_130), 0, 600

    def made(first_day: date, values: list[float]) -> list[Block]:
        spans = pairwise(borders_of(first_day, window))
        return [
            Block(
                start, until,
                sum((Fraction(round(values[(start - first_day).days + each] * 100), 10_000)
                     for each in range((until - start).days)), Fraction(0)),
                Fraction((until - start).days),
            )
            for start, until in spans
        ]  # fmt: skip

    for _ in range(times):
        value, values = chance.gauss(0, 3 / (1 - likeness**2) ** 0.5), []
        for _ in range(2 * window):
            value = likeness * value + chance.gauss(0, 3)
            values.append(90 + value)
        found = interval_of(made(APRIL, values[:window]), made(APRIL + timedelta(window), values[window:]))
        assert found is not None
        held += found.low <= 0 <= found.high
    assert held / times >= 0.91
