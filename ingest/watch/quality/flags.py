"""Flags: readings of one grade in a row, cut at midnight in Japan, so that each day can be judged by itself."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from ingest.watch.quality.checks import (
    Expected,
    Grade,
    Grades,
    Reading,
    grade_ranges,
    grade_rates,
    grade_spikes,
    grade_stuck,
)
from schemas.japan import JST
from schemas.watch_quality import QualityTest

MOMENTARY = (QualityTest.SPIKE, QualityTest.RATE, QualityTest.RANGE)
"""The tests that look at a reading and those near it."""


@dataclass(frozen=True, slots=True)
class Flag:
    """What one test says of readings in a row. `ends`: the last of them."""

    test: QualityTest
    starts: datetime
    ends: datetime
    readings: int
    grade: int
    detail: Mapping[str, float] = field(default_factory=dict)


def midnight(day: date) -> datetime:
    """When a day begins in Japan."""
    return datetime(day.year, day.month, day.day, tzinfo=JST)


def days_of(starts: datetime, ends: datetime) -> tuple[datetime, datetime]:
    """The midnights around [starts, ends)."""
    last = (ends - timedelta(microseconds=1)).astimezone(JST).date()
    return midnight(starts.astimezone(JST).date()), midnight(last + timedelta(days=1))


def judge_moments(readings: Sequence[Reading], expected: Expected, starts: datetime, ends: datetime) -> list[Flag]:
    """The flags of spike, rate and range within [starts, ends), two midnights.

    `readings`: of the series, in order, from `expected.reach` before to as long after, without a gap.
    """
    spikes = grade_spikes(readings, expected)
    rates = grade_rates(readings, expected, spikes)
    ranges = grade_ranges(readings, expected)
    flags: list[Flag] = []
    for test, grades in zip(MOMENTARY, (spikes, rates, ranges), strict=True):
        flags += _flags(readings, test, grades, starts, ends, _farthest)
    return flags


def judge_stuck(readings: Sequence[Reading], expected: Expected, starts: datetime, ends: datetime) -> list[Flag]:
    """The flags of a stuck value within [starts, ends), two midnights.

    `readings`: of the series, in order, from `expected.stuck_reach` before `starts` on.
    """
    grades = grade_stuck(readings, expected)
    return list(_flags(readings, QualityTest.STUCK, grades, starts, ends, _the_value))


def judge_drift(graded: Mapping[date, Grade], counts: Mapping[date, int]) -> list[Flag]:
    """A flag for each day that drifts; `counts`: readings by day."""
    return [
        Flag(
            QualityTest.DRIFT, midnight(day), midnight(day + timedelta(days=1)) - timedelta(microseconds=1),
            counts.get(day, 0), grade.grade, {"amount": round(grade.amount, 6)},
        )
        for day, grade in sorted(graded.items())
    ]  # fmt: skip


def _farthest(readings: Sequence[Reading], grades: Sequence[Grade]) -> Mapping[str, float]:
    worst = max(range(len(grades)), key=lambda place: abs(grades[place].amount))
    return {"amount": round(grades[worst].amount, 6), "value": readings[worst].value}


def _the_value(readings: Sequence[Reading], _: Sequence[Grade]) -> Mapping[str, float]:
    return {"value": readings[0].value}


def _flags(
    readings: Sequence[Reading],
    test: QualityTest,
    grades: Grades,
    starts: datetime,
    ends: datetime,
    explain: Callable[[Sequence[Reading], Sequence[Grade]], Mapping[str, float]],
) -> Iterator[Flag]:
    row: list[tuple[Reading, Grade]] = []
    row_of: tuple[date, int] | None = None
    for reading, grade in zip(readings, grades, strict=True):
        inside = grade is not None and starts <= reading.at < ends
        here = (reading.at.astimezone(JST).date(), grade.grade) if inside and grade is not None else None
        if row and here != row_of:
            yield _flag(test, row, explain)
            row = []
        if here is not None and grade is not None:
            row.append((reading, grade))
        row_of = here
    if row:
        yield _flag(test, row, explain)


def _flag(
    test: QualityTest,
    row: Sequence[tuple[Reading, Grade]],
    explain: Callable[[Sequence[Reading], Sequence[Grade]], Mapping[str, float]],
) -> Flag:
    readings, grades = [reading for reading, _ in row], [grade for _, grade in row]
    return Flag(test, readings[0].at, readings[-1].at, len(row), grades[0].grade, explain(readings, grades))
