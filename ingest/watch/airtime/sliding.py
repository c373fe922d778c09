"""The 60 minutes in which a transmitter was on the air longest, wherever they begin. Pure; times in seconds."""

from collections.abc import Iterable
from typing import NamedTuple

HOUR_S = 3600.0
SHORTEST_S = 0.001
"""A piece is taken to last at least so long: a step would have no slope."""


SAME_S = 5e-7
"""Hours that differ by less are as long: airtimes are whole microseconds, and sums of fractions are not exact."""


class Piece(NamedTuple):
    """So many seconds on the air, spread evenly over a time. Negative: taken back, where a counter went back."""

    starts_s: float
    ends_s: float
    seconds: float


class Most(NamedTuple):
    """The most within 60 minutes, and when these ended."""

    seconds: float
    at_s: float


def most_used(pieces: Iterable[Piece], from_s: float, until_s: float) -> Most:
    """The most within any 60 minutes that end in [from_s, until_s]; of several the first.

    `pieces`: all that touch the time from an hour before `from_s` to `until_s`. What is used within the last hour is
    a line with a bend where a piece begins, ends, and drops out an hour later: its highest point is one of the bends.
    """
    bends: list[tuple[float, float]] = []
    for starts_s, ends_s, seconds in pieces:
        starts = starts_s - from_s  # small numbers: fractions of a second keep their digits
        ends = max(ends_s - from_s, starts + SHORTEST_S)
        slope = seconds / (ends - starts)
        bends += [(starts, slope), (ends, -slope), (starts + HOUR_S, -slope), (ends + HOUR_S, slope)]
    bends.sort()
    last = until_s - from_s
    most, used, slope, here = Most(0.0, from_s), 0.0, 0.0, bends[0][0] if bends else 0.0
    for at, change in [*bends, (last, 0.0)]:
        if here < 0.0 <= at:
            used += slope * (0.0 - here)
            here = 0.0
            most = max(most, Most(used, from_s), key=lambda each: each.seconds)
        until = min(at, last)
        used += slope * (until - here)
        here = until
        if here >= 0.0 and used > most.seconds + SAME_S:
            most = Most(used, from_s + here)
        if at >= last:
            break
        slope += change
    return most
