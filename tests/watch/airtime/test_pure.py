"""Time on the air within any 60 minutes, reckoned by hand and by a naive walk, and ranks that do not flap."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.watch.airtime.pieces import Sent, on_air
from ingest.watch.airtime.ranks import percent_used, rank_of
from ingest.watch.airtime.sliding import HOUR_S, Piece, most_used
from schemas.airtime import airtime_limits

BEGIN = datetime(2026, 7, 1, tzinfo=UTC)
BEGIN_S = BEGIN.timestamp()


def at(minutes: float) -> datetime:
    return BEGIN + timedelta(minutes=minutes)


def test_two_half_hours_around_a_full_hour_add_up() -> None:
    """Twelve seconds at half past and twelve before the next half: no clock hour has more than twelve."""
    sent = [Sent(at(minute), 1_000, 0) for minute in (*range(48, 60), *range(60, 72))]
    most = on_air(sent).most(BEGIN_S, BEGIN_S + 3 * HOUR_S)
    assert most.seconds == pytest.approx(24)
    assert most.at_s == pytest.approx(at(71).timestamp())


def test_lost_frames_count_where_they_were_sent_and_not_all_at_once() -> None:
    """Silent for ten hours while its counter went on: 59 lost frames of 2 s are 12 s an hour, not 118 s in one."""
    sent = [Sent(at(0), 2_000, 0), Sent(at(600), 2_000, 59, at(0))]
    most = on_air(sent).most(BEGIN_S, BEGIN_S + 20 * HOUR_S)
    assert most.seconds == pytest.approx(2 + 118 * 59.97 / 600, abs=0.2)
    assert on_air(sent).estimated


def test_what_the_transmitter_says_itself_comes_first() -> None:
    counted = [Sent(at(10 * n), 50_000, 9, at(0), counter_ms=1_000.0 * n) for n in range(7)]
    assert on_air(counted).most(BEGIN_S, BEGIN_S + HOUR_S).seconds == pytest.approx(6)
    assert not on_air(counted).estimated
    anew = [Sent(at(0), None, counter_ms=90_000), Sent(at(10), None, counter_ms=4_000)]
    assert on_air(anew).most(BEGIN_S, BEGIN_S + HOUR_S).seconds == pytest.approx(4)
    told = [Sent(at(5), 50_000, duty_percent=2.5), Sent(at(30), 50_000, duty_percent=9)]
    assert on_air(told).most(BEGIN_S, BEGIN_S + HOUR_S) == (324.0, at(30).timestamp())
    assert on_air(told).used(at(89).timestamp()) == 324.0
    assert on_air(told).used(at(91).timestamp()) == 0.0


def test_nothing_is_known_of_frames_without_a_time_on_the_air() -> None:
    assert not on_air([Sent(at(0), None, 3, at(-10))]).known


PIECES = st.lists(
    st.tuples(st.integers(0, 30_000), st.integers(0, 9_000), st.integers(1, 400)).map(
        lambda drawn: Piece(float(drawn[0]), float(drawn[0] + drawn[1]), float(drawn[2]))
    ),
    max_size=12,
)


def naive(pieces: list[Piece], until_s: float) -> float:
    """Seconds within the 60 minutes before a moment, piece by piece."""
    total = 0.0
    for starts_s, ends_s, seconds in pieces:
        until = max(ends_s, starts_s + 0.001)
        inside = min(until, until_s) - max(starts_s, until_s - HOUR_S)
        total += seconds * max(inside, 0) / (until - starts_s)
    return total


@given(PIECES, st.integers(0, 30_000), st.integers(0, 20_000))
def test_the_most_is_that_of_a_naive_walk(pieces: list[Piece], from_s: int, length: int) -> None:
    until_s = from_s + length
    most = most_used(pieces, from_s, until_s)
    edges = {edge for piece in pieces for edge in (piece[0], piece[0] + 0.001, piece[1])}
    moments = {from_s, until_s, *edges, *(edge + HOUR_S for edge in edges)}
    walked = max(naive(pieces, moment) for moment in moments if from_s <= moment <= until_s)
    assert most.seconds == pytest.approx(walked, abs=1e-5)
    assert naive(pieces, most.at_s) == pytest.approx(most.seconds, abs=1e-3)


def test_a_rank_ends_below_its_share_by_the_hysteresis() -> None:
    rank, ranks = 0, []
    for percent in (69, 70, 66, 64.9, 95, 86, 84, 101, 99, 94, 0):
        rank = rank_of(percent, rank, (70, 90, 100), 5)
        ranks.append(rank)
    assert ranks == [0, 1, 1, 0, 2, 2, 1, 3, 3, 2, 0]


def test_a_regime_without_a_sum_knows_single_transmissions_only() -> None:
    limits = {each.code.value: each for each in airtime_limits().regimes}
    assert percent_used(limits["A"], 3_000, 3_999) == 0
    assert percent_used(limits["E"], 0, 4_400) == pytest.approx(110)
    assert percent_used(limits["B"], 324, 4_400) == pytest.approx(90)
    assert percent_used(limits["D"], 36, None) == pytest.approx(100)
