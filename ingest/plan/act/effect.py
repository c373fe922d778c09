"""The effect of a measure: the same figure so many days before and after it, with how sure the difference is.

The day on which the measure was done counts on neither side. Days are those of Japan, and only whole days that are over
count. What else could explain the difference stands beside it: the change of all other devices, the change between the
same days of the year before, and other measures at the same devices.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from ingest.figures.plan.measure import MeasureSpan, measure_spans, measure_work
from ingest.plan.act.compare import Block, borders_of, interval_of, ratio_of
from ingest.plan.act.model import Measure
from ingest.plan.act.series import SERIES, Series
from ingest.store.database import Database
from schemas.bilingual import Bilingual
from schemas.japan import to_jst

LEAST_COMPLETENESS = Fraction(80, 100)
"""Below it a figure that rests on what arrived is 参考値."""

_NOTHING_EXPECTED = (
    "期待される受信がなかったため(運用期間外・計画停止・機器なし)",
    ("because nothing was expected (out of season, planned stop, no device)"),
)


class Verdict(StrEnum):
    """What the interval says about the change."""

    BETTER = "better"
    WORSE = "worse"
    UNCLEAR = "unclear"
    """The interval holds 0: it may be chance."""
    TOO_LITTLE = "too_little"
    """There is a change, but no interval."""
    NONE = "none"
    """There is no change to speak of: a side has no value."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of the comparison, from `first_day` to the day before `until_day`.

    `over`: days of it that are over. `blocks`: these days in blocks of a week or longer, in the unit of the catalogue.
    `value`: of all of them, in the unit of the series; None where no block has one. `completeness`: valid / expected of
    the same devices and days; None without anything expected.
    """

    first_day: date
    until_day: date
    over: int
    blocks: tuple[Block, ...]
    value: Fraction | None
    completeness: Fraction | None

    @property
    def last_day(self) -> date:
        """The last day of the window."""
        return self.until_day - timedelta(days=1)

    @property
    def window_days(self) -> int:
        """Days of the whole window."""
        return (self.until_day - self.first_day).days


@dataclass(frozen=True, slots=True)
class Effect:
    """After minus before, in the unit of the series. `change` is None with the reason in `missing`.

    `low`, `high`: the 95 % interval of the change; None with the reason in `unsure` where too little is there.
    `others`: the same change of all other devices of the project. `year_before`: the change between the same days of
    the year before. Both are None where there is nothing to compare with. `ended`: the window after is over.
    """

    series: Series
    before: Side
    after: Side
    change: Fraction | None
    missing: Bilingual | None
    low: float | None
    high: float | None
    unsure: Bilingual | None
    verdict: Verdict
    others: Fraction | None
    year_before: Fraction | None
    ended: bool
    reference_only: bool


def effect_of(connection: Database, project_code: str, measure: Measure, now: datetime) -> Effect | None:
    """The effect of a measure as it is known now; None while no day is known on which it was done."""
    if measure.done_on is None:
        return None
    asked = _Asked(connection, project_code, measure, SERIES[measure.figure], now)
    window = timedelta(days=measure.window_days)
    before = (measure.done_on - window, measure.done_on)
    after = (measure.done_on + timedelta(days=1), measure.done_on + timedelta(days=1) + window)
    a_year_before = [(_year_back(first_day), _year_back(first_day) + window) for first_day, _ in (before, after)]
    return _judged(
        asked.series,
        asked.side(*before),
        asked.side(*after),
        asked.wide_change((before, after), chosen=False),
        asked.wide_change(a_year_before, chosen=True),
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked about a measure, as it is known now."""

    connection: Database
    project_code: str
    measure: Measure
    series: Series
    now: datetime

    def side(self, first_day: date, until_day: date) -> Side:
        """A window as far as it is over, in blocks."""
        ends = max(min(until_day, self._today()), first_day)
        borders = [day for day in borders_of(first_day, (until_day - first_day).days) if day < ends] + [ends]
        rows = self._spans(borders) if len(borders) > 1 else []
        blocks = self._work_blocks(borders) if self.series.of_work else self._blocks(rows, chosen=True)
        value = ratio_of(blocks)
        expected = sum(row.expected for row in rows)
        return Side(
            first_day,
            until_day,
            over=(ends - first_day).days,
            blocks=tuple(blocks),
            value=None if value is None else value * self.series.scale,
            completeness=Fraction(sum(row.valid for row in rows), expected) if expected else None,
        )

    def wide_change(self, windows: Sequence[tuple[date, date]], *, chosen: bool) -> Fraction | None:
        """The change from one window to the next; None where one has no value, or its days are still to come.

        Not `chosen`: of all devices that the measure is not about. Work of others is no measure of anything.
        """
        values = []
        for first_day, until_day in windows:
            borders = [first_day, min(until_day, self._today())]
            if borders[1] <= first_day or (self.series.of_work and not chosen):
                return None
            if self.series.of_work:
                blocks = [block for block in self._work_blocks(borders) if block.numerator]  # no log says nothing
            else:
                blocks = self._blocks(self._spans(borders, with_others=not chosen), chosen=chosen)
            values.append(ratio_of(blocks))
        was, became = values
        return None if was is None or became is None else (became - was) * self.series.scale

    def _today(self) -> date:
        return to_jst(self.now).date()

    def _spans(self, borders: Sequence[date], *, with_others: bool = False) -> list[MeasureSpan]:
        devices, networks = self.measure.devices, self.measure.networks
        return measure_spans(
            self.connection, self.project_code, devices, networks, borders, self.now, with_others=with_others
        )

    def _blocks(self, rows: Sequence[MeasureSpan], *, chosen: bool) -> list[Block]:
        assert self.series.of_span is not None  # those of work are counted from the work log
        return [Block(row.first_day, row.until_day, *self.series.of_span(row)) for row in rows if row.chosen is chosen]

    def _work_blocks(self, borders: Sequence[date]) -> list[Block]:
        """Every block has a value here: without work it is 0."""
        assert self.series.of_work is not None
        found = measure_work(
            self.connection, self.project_code, self.measure.devices, self.measure.networks, borders[0], borders[-1]
        )
        amounts = {row.day: self.series.of_work(row) for row in found if row.chosen}
        return [
            Block(
                first_day, until_day,
                sum((amount for day, amount in amounts.items() if first_day <= day < until_day), Fraction(0)),
                Fraction((until_day - first_day).days),
            )
            for first_day, until_day in pairwise(borders)
        ]  # fmt: skip


def _year_back(day: date) -> date:
    return day.replace(year=day.year - 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)


def _judged(series: Series, before: Side, after: Side, others: Fraction | None, year_before: Fraction | None) -> Effect:
    change, missing = None, _missing(before, after)
    low = high = None
    if before.value is not None and after.value is not None:
        change = after.value - before.value
        found = interval_of(before.blocks, after.blocks)
        if found is not None:
            low, high = found.low * series.scale, found.high * series.scale
    unsure = None if change is None or low is not None else _TOO_LITTLE
    doubtful = series.rests_on_arrival and any(
        side.completeness is not None and side.completeness < LEAST_COMPLETENESS for side in (before, after)
    )
    ended = after.over >= after.window_days
    return Effect(
        series, before, after, change, missing, low, high, unsure, _verdict(series, change, low, high), others,
        year_before, ended, reference_only=change is not None and (doubtful or not ended),
    )  # fmt: skip


_TOO_LITTLE = Bilingual(
    "データのある週が前後それぞれ3つに満たないため、確かさは言えません",
    "with fewer than three weeks of data on each side nothing can be said about how sure it is",
)


def _missing(before: Side, after: Side) -> Bilingual | None:
    reason_ja, reason_en = _NOTHING_EXPECTED
    if before.value is None:
        return Bilingual(f"実施前の値がありません: {reason_ja}", f"there is no value before, {reason_en}")
    if after.over == 0:
        return Bilingual("実施後の日がまだ終わっていません", "no day after it is over yet")
    if after.value is None:
        return Bilingual(f"実施後の値がありません: {reason_ja}", f"there is no value after, {reason_en}")
    return None


def _verdict(series: Series, change: Fraction | None, low: float | None, high: float | None) -> Verdict:
    if change is None:
        return Verdict.NONE
    if low is None or high is None:
        return Verdict.TOO_LITTLE
    if low <= 0 <= high:
        return Verdict.UNCLEAR
    return Verdict.BETTER if (low > 0) is series.more_is_better else Verdict.WORSE
