"""Measures of all readings within some time: rise, new snow, rate of tilt.

Their memory is those readings, so that it is the same after a restart as without one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot
from typing import NamedTuple, TypeAlias

from ingest.watch.stages.sample import Lacking, Sample

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
DIGITS = 9
"""Differences and sums are rounded to so many, so that 2.3 - 1.8 is 0.5."""


class Point(NamedTuple):
    """A reading of one series."""

    time_us: int
    value: float


Points: TypeAlias = tuple[Point, ...]


def added(points: Points, time_us: int, value: float | None, keep_us: int) -> Points:
    """The readings with a new one, of those since `keep_us` before it."""
    first_us = time_us - keep_us
    place = next((place for place, point in enumerate(points) if point.time_us > first_us), len(points))
    return points[place:] if value is None else (*points[place:], Point(time_us, value))


def before(points: Points, time_us: int, slack_us: int) -> Point | Lacking:
    """The last reading at or before a time, not older than the slack; else why there is none."""
    found = next((point for point in reversed(points) if point.time_us <= time_us), None)
    if found is None:
        return Lacking.SHORT
    return found if found.time_us > time_us - slack_us else Lacking.GAP


@dataclass(frozen=True, slots=True)
class Rise:
    """The value less that of so long before: of the last reading then, which may be an hour older, as in figure_level.

    For less than an hour it may be older by as much again.
    """

    unit: str
    span_us: int
    kind: str = "rise"

    @property
    def slack_us(self) -> int:
        """How much older the earlier reading may be."""
        return min(self.span_us, HOUR_US)

    @property
    def look_back_us(self) -> int:
        """Part of the protocol."""
        return self.span_us + self.slack_us

    def start(self) -> Points:
        """Part of the protocol."""
        return ()

    def add(self, memory: Points, time_us: int, values: Sequence[float | None]) -> tuple[Points, Sample]:
        """Part of the protocol."""
        points = added(memory, time_us, values[0], self.look_back_us)
        earlier = before(points, time_us - self.span_us, self.slack_us)
        if isinstance(earlier, Lacking):
            return points, Sample(time_us, None, lacking=earlier)
        return points, Sample(time_us, round(points[-1].value - earlier.value, DIGITS))


class Axis(NamedTuple):
    """What is remembered of an axis: its readings within the look-back of the rate, and when it was heard."""

    points: Points = ()
    heard_us: int | None = None


@dataclass(frozen=True, slots=True)
class TiltRate:
    """By how many degrees an hour the tilt changed, over a span: of one axis, or of two at right angles together.

    A meter has the axes that were heard within a day: which ones, its readings alone say. Of an axis that has fallen
    silent nothing is known: the tilt changed by at least that of the other.
    """

    span_us: int
    axes: int
    unit: str = "deg/h"
    kind: str = "tilt_rate"

    @property
    def look_back_us(self) -> int:
        """Part of the protocol."""
        return max(self._keep_us, DAY_US)

    @property
    def _keep_us(self) -> int:
        return self.span_us + min(self.span_us, HOUR_US)

    def start(self) -> tuple[Axis, ...]:
        """Part of the protocol."""
        return (Axis(),) * self.axes

    def add(
        self, memory: tuple[Axis, ...], time_us: int, values: Sequence[float | None]
    ) -> tuple[tuple[Axis, ...], Sample]:
        """Part of the protocol. A sample of the second axis alone says so by `source`."""
        axes = tuple(
            Axis(added(axis.points, time_us, value, self._keep_us), axis.heard_us if value is None else time_us)
            for axis, value in zip(memory, values, strict=True)
        )
        known = [place for place, axis in enumerate(axes) if self._has(axis, time_us)]
        slack_us = min(self.span_us, HOUR_US)
        changes: list[float] = []
        for points in filter(None, (axis.points for axis in axes)):
            now, then = before(points, time_us, slack_us), before(points, time_us - self.span_us, slack_us)
            if isinstance(now, Lacking):
                return axes, Sample(time_us, None, lacking=Lacking.INPUT)
            if isinstance(then, Lacking):
                return axes, Sample(time_us, None, lacking=then)
            changes.append(now.value - then.value)
        rate = round(hypot(*changes) * HOUR_US / self.span_us, DIGITS)
        return axes, Sample(time_us, rate, partial=len(changes) < len(known), source=known[0])

    def _has(self, axis: Axis, time_us: int) -> bool:
        return axis.heard_us is not None and time_us - axis.heard_us < self.look_back_us


@dataclass(frozen=True, slots=True)
class NewSnow:
    """How much higher the snow is than at its lowest within a span; at least so much where readings are missing."""

    span_us: int
    gap_us: int
    unit: str = "cm"
    kind: str = "snow_new"

    @property
    def look_back_us(self) -> int:
        """Part of the protocol."""
        return self.span_us + self.gap_us

    def start(self) -> Points:
        """Part of the protocol."""
        return ()

    def add(self, memory: Points, time_us: int, values: Sequence[float | None]) -> tuple[Points, Sample]:
        """Part of the protocol."""
        points = added(memory, time_us, values[0], self.look_back_us)
        first_us = time_us - self.span_us
        lowest = min(point.value for point in points if point.time_us >= first_us)
        return points, Sample(
            time_us, round(points[-1].value - lowest, DIGITS), partial=has_gap(points, first_us, self.gap_us)
        )


def has_gap(points: Points, first_us: int, gap_us: int) -> bool:
    """Whether readings are missing since a time: two are too far apart, or the first is after it."""
    inside = [point.time_us for point in points if point.time_us > first_us]
    earlier = [point.time_us for point in points if point.time_us <= first_us]
    if not earlier:
        return True
    times = [earlier[-1], *inside]
    return any(later - one > gap_us for one, later in pairwise(times))
