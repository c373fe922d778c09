"""Lays out a waterfall: from one total over what raised and lowered it to the other, one row for each part."""

from collections.abc import Callable, Sequence
from math import inf
from typing import NamedTuple

from ingest.web.chart.frame import SIZE, Mark
from ingest.web.chart.scale import ticks

_THINNEST = 3.0
"""Units of a bar that would else not be seen."""


class Part(NamedTuple):
    """What raised (> 0) or lowered a total. `detail`: a line under its name."""

    name: str
    change: float
    detail: str = ""


class Row(NamedTuple):
    """A row of the waterfall. `kind`: total, up, down or same. Positions in `SIZE` units from the left.

    `joint`: where the line down to the next row stands.
    """

    name: str
    detail: str
    kind: str
    left: float
    width: float
    joint: float
    value: float


class Waterfall(NamedTuple):
    """All rows, and the axis: its marks in percent from the left. `cut`: whether it does not begin at zero."""

    rows: list[Row]
    marks: list[Mark]
    cut: bool


def waterfall(
    begin: tuple[str, float],
    parts: Sequence[Part],
    end: tuple[str, float],
    number: Callable[[float], str],
    *,
    most: float = inf,
) -> Waterfall:
    """The parts must add up to the difference of both totals; what is drawn is what is given.

    `most`: more than no total can be, so that the axis ends there at the latest.
    """
    levels = [begin[1]]
    for part in parts:
        levels.append(levels[-1] + part.change)
    low, high = min([*levels, end[1]]), max([*levels, end[1]])
    room = max(0.15 * (high - low), 0.01 * abs(high), 1e-9)
    steps = [step for step in ticks(low - room, high + room) if step <= max(most, high)]
    if len(steps) < 2:
        steps = ticks(low - room, max(most, high))
    first, span = steps[0], steps[-1] - steps[0]

    def x(value: float) -> float:
        return round(SIZE * (value - first) / span, 1)

    rows = [_total(begin, x)]
    for before, after, part in zip(levels, levels[1:], parts, strict=False):
        left, right = sorted((x(before), x(after)))
        kind = "up" if part.change > 0 else "down" if part.change < 0 else "same"
        width = max(_THINNEST, round(right - left, 1))
        rows.append(Row(part.name, part.detail, kind, min(left, SIZE - width), width, x(after), part.change))
    rows.append(_total(end, x))
    return Waterfall(rows, [Mark(x(step) / SIZE * 100, number(step)) for step in steps], first != 0)


def _total(named: tuple[str, float], x: Callable[[float], float]) -> Row:
    name, value = named
    return Row(name, "", "total", 0.0, max(_THINNEST, x(value)), x(value), value)
