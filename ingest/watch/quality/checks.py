"""The tests themselves: the readings of one series in the order of time, and a grade for each. Pure.

Grades are those of QARTOD: 3 suspect, 4 fail. None: the reading passes, or nothing can be told of it. A grade depends
on what was measured, never on when it arrived; but for a stuck value it depends on readings within `reach` alone.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import NamedTuple, TypeAlias

from schemas.japan import JST
from schemas.watch_quality import Limits, SeasonalRange

HOUR = timedelta(hours=1)
RATE_WITHIN = timedelta(hours=3)
"""What changed between readings that are farther apart says nothing about how fast it did."""
RATE_OVER_H = 1 / 6
"""A change is reckoned over at least so many hours: noise from one minute to the next is no rate."""
FEWEST_STUCK = 6
"""So many equal readings at least: a gauge in its calm mode sends a few a day."""
FEWEST_NEIGHBOURS = 3
"""Of fewer neighbours a median says nothing: one of them may be the wrong one."""


class Reading(NamedTuple):
    """What one sensor measured."""

    at: datetime
    value: float


class Grade(NamedTuple):
    """The grade of a reading and by how much: what the limits were compared with."""

    grade: int
    amount: float


Grades: TypeAlias = list[Grade | None]


@dataclass(frozen=True, slots=True)
class Expected:
    """What is expected of one series, as `schemas.watch_quality.QualitySeries` says. None or empty: no test."""

    spike: Limits | None = None
    spike_within: timedelta = timedelta(minutes=150)
    rate_per_h: Limits | None = None
    stuck_h: Limits | None = None
    tolerance: float = 0.0
    rest: tuple[float, float] | None = None
    ranges: tuple[SeasonalRange, ...] = ()
    neighbours: tuple[str, ...] = ()
    drift: Limits | None = None
    drift_days: int = 7
    drift_offset: float = 0.0

    @property
    def reach(self) -> timedelta:
        """How far from a reading those lie on which its grades for spike and rate may depend."""
        return max(self.spike_within, RATE_WITHIN)

    @property
    def stuck_reach(self) -> timedelta:
        """How far back one looks whether a value changed: beyond the highest limit, by the longest silence within."""
        limits = self.stuck_h
        return (
            timedelta(0)
            if limits is None
            else timedelta(hours=max(limits.suspect, limits.fail or 0) + limits.suspect / 2)
        )


def _graded(limits: Limits, amount: float) -> Grade | None:
    grade = limits.grade(amount)
    return None if grade is None else Grade(grade, amount)


def grade_spikes(readings: Sequence[Reading], expected: Expected) -> Grades:
    """How far each value stands out beyond both its neighbours, above or below them.

    The first and the last reading, and those whose neighbours lie more than `spike_within` apart, have no grade.
    """
    grades: Grades = [None] * len(readings)
    if expected.spike is None:
        return grades
    for place in range(1, len(readings) - 1):
        before, here, after = readings[place - 1 : place + 2]
        rise, fall = here.value - before.value, here.value - after.value
        if rise * fall > 0 and after.at - before.at <= expected.spike_within:
            grades[place] = _graded(expected.spike, min(abs(rise), abs(fall)))
    return grades


def grade_rates(readings: Sequence[Reading], expected: Expected, spikes: Grades) -> Grades:
    """How fast each value changed since the one before, by the hour. A spike has no rate, and is no base of one."""
    grades: Grades = [None] * len(readings)
    if expected.rate_per_h is None:
        return grades
    for place in range(1, len(readings)):
        base = place - 1 if spikes[place - 1] is None else place - 2
        if spikes[place] is not None or base < 0:
            continue
        before, here = readings[base], readings[place]
        passed = here.at - before.at
        if passed <= RATE_WITHIN:
            hours = max(passed / HOUR, RATE_OVER_H)
            grades[place] = _graded(expected.rate_per_h, abs(here.value - before.value) / hours)
    return grades


def grade_ranges(readings: Sequence[Reading], expected: Expected) -> Grades:
    """Whether each value is within the range of its season, by the day in Japan. The first range that holds counts."""
    grades: Grades = [None] * len(readings)
    if not expected.ranges:
        return grades
    for place, reading in enumerate(readings):
        day = f"{reading.at.astimezone(JST):%m-%d}"
        season = next((each for each in expected.ranges if each.holds_on(day)), None)
        grade = None if season is None else season.grade(reading.value)
        grades[place] = None if grade is None else Grade(grade, reading.value)
    return grades


class _Window:
    """The longest row of readings up to the newest one that do not differ by more than the tolerance."""

    def __init__(self, expected: Expected, gap: timedelta) -> None:
        self._tolerance, self._gap, self._reach = expected.tolerance, gap, expected.stuck_reach
        self._row: deque[Reading] = deque()
        # Values that are the least, or the greatest, of what came from them on: the first is that of the row.
        self._low: deque[Reading] = deque()
        self._high: deque[Reading] = deque()

    def __len__(self) -> int:
        return len(self._row)

    @property
    def first(self) -> Reading:
        return self._row[0]

    @property
    def bounds(self) -> tuple[float, float]:
        return self._low[0].value, self._high[0].value

    def add(self, reading: Reading) -> None:
        """The next reading in time."""
        if self._row and reading.at - self._row[-1].at > self._gap:
            for row in (self._row, self._low, self._high):
                row.clear()
        while self._low and self._low[-1].value >= reading.value:
            self._low.pop()
        while self._high and self._high[-1].value <= reading.value:
            self._high.pop()
        for row in (self._row, self._low, self._high):
            row.append(reading)
        while self._high[0].value - self._low[0].value > self._tolerance or reading.at - self._row[0].at > self._reach:
            gone = self._row.popleft()
            for row in (self._low, self._high):
                if row[0] is gone:
                    row.popleft()


def grade_stuck(readings: Sequence[Reading], expected: Expected) -> Grades:
    """For how many hours each value has not changed. Only what lies before a reading decides, so a grade stays.

    A silence of more than half the limit ends it: nobody knows what was measured meanwhile. Values of `rest` may stay.
    """
    grades: Grades = [None] * len(readings)
    limits = expected.stuck_h
    if limits is None:
        return grades
    window = _Window(expected, timedelta(hours=limits.suspect) / 2)
    for place, reading in enumerate(readings):
        window.add(reading)
        if len(window) >= FEWEST_STUCK and not _rests(*window.bounds, expected.rest):
            grades[place] = _graded(limits, (reading.at - window.first.at) / HOUR)
    return grades


def _rests(low: float, high: float, rest: tuple[float, float] | None) -> bool:
    return rest is not None and rest[0] <= low and high <= rest[1]


def grade_drift(
    own: Mapping[date, float], neighbours: Sequence[Mapping[date, float]], expected: Expected
) -> dict[date, Grade]:
    """How far the daily means of a station lie from the median of its neighbours, as the median over `drift_days`.

    No grade of a day whose days before do not have half of them with three neighbours or more.
    """
    if expected.drift is None:
        return {}
    apart: dict[date, float] = {}
    for day, mean in own.items():
        others = [each[day] for each in neighbours if day in each]
        if len(others) >= FEWEST_NEIGHBOURS:
            apart[day] = mean - median(others) - expected.drift_offset
    graded: dict[date, Grade] = {}
    for day in own:
        window = [day - timedelta(days=back) for back in range(expected.drift_days)]
        known = [apart[each] for each in window if each in apart]
        if day in apart and 2 * len(known) >= expected.drift_days:
            grade = _graded(expected.drift, abs(median(known)))
            if grade is not None:
                graded[day] = grade
    return graded
