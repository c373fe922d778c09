"""The time of receipt is never the same twice."""

from ingest.receive.arrival_clock import Arrivals


def test_messages_of_one_read_have_times_of_their_own() -> None:
    arrivals = Arrivals(lambda: 1_000)
    assert arrivals.next(3) == 1_000
    assert arrivals.next() == 1_003
    assert arrivals.next(2) == 1_004


def test_a_clock_set_back_brings_no_time_again() -> None:
    clock = iter([5_000, 10, 9_000])  # microseconds
    arrivals = Arrivals(lambda: next(clock))
    assert [arrivals.next(10), arrivals.next(10), arrivals.next(10)] == [5_000, 5_010, 9_000]


def test_a_clock_that_was_far_ahead_is_believed_when_it_is_right_again() -> None:
    year_us = 365 * 86_400 * 1_000_000
    clock = iter([1_000, year_us, 2_000, 2_000])
    arrivals = Arrivals(lambda: next(clock))
    assert [arrivals.next() for _ in range(4)] == [1_000, year_us, 2_000, 2_001]
