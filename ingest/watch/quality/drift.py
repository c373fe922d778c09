"""Drift from neighbours: judged by the day, by the sums by day."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from ingest.store.database import Database
from ingest.watch.progress.database import Span
from ingest.watch.quality.checks import Expected, grade_drift
from ingest.watch.quality.database.series import DailyMeans, Means, Piece, Series, daily_means
from ingest.watch.quality.expectations import Expectations
from ingest.watch.quality.flags import days_of, judge_drift, midnight
from ingest.watch.quality.keep import Judged, keep_flags
from schemas.japan import JST
from schemas.watch_quality import QualityTest

DRIFTING_AT_ONCE = 200
"""Of so many series the days are held at once, with those of their neighbours."""


class _Drifting(NamedTuple):
    """A series that is compared with neighbours, and the days for which it is."""

    series: Series
    expected: Expected
    neighbours: Sequence[int]
    first: date
    until: date

    def means(self) -> Means:
        """What has to be known."""
        back = self.first - timedelta(days=self.expected.drift_days - 1)
        return Means([self.series.device_id, *self.neighbours], *self.series[1:], back, self.until)


def keep_drift(connection: Database, expectations: Expectations, closed: Span | None, touched: Sequence[Span]) -> None:
    """Judge each day when it is closed, and with the days after it when a station or a neighbour changed.

    `closed`: the hours that were closed, of any device.
    """
    drifting = list(_drifting(expectations, closed, touched))
    for place in range(0, len(drifting), DRIFTING_AT_ONCE):
        some = drifting[place : place + DRIFTING_AT_ONCE]
        means = daily_means(connection, [each.means() for each in some])
        keep_flags(connection, [QualityTest.DRIFT], map(_judged_drift, some, means))


def _drifting(expectations: Expectations, closed: Span | None, touched: Sequence[Span]) -> Iterator[_Drifting]:
    touched_of: dict[int, list[Span]] = {}
    for span in touched:
        touched_of.setdefault(span.device_id, []).append(span)
    a_day = closed is not None and days_of(closed.starts, closed.ends)[0] + timedelta(days=1) <= closed.ends
    for series, expected in expectations.drifting():
        project_id = expectations.project_of(series)
        near = [expectations.device_ids.get((project_id, code)) for code in expected.neighbours]
        neighbours = [each for each in near if each is not None and each != series.device_id]
        spans = [span for each in {series.device_id, *neighbours} for span in touched_of.get(each, ())]
        if closed is not None and a_day:
            spans.append(closed)
        if spans:
            starts = min(span.starts for span in spans) - timedelta(hours=1)
            ends = max(span.ends for span in spans) + timedelta(days=expected.drift_days - 1)
            first, until = (each.astimezone(JST).date() for each in days_of(starts, ends))
            yield _Drifting(series, expected, neighbours, first, until)


def _judged_drift(each: _Drifting, means: DailyMeans) -> Judged:
    own = means.get(each.series.device_id, {})
    others = [{day: mean for day, (mean, _) in means.get(near, {}).items()} for near in each.neighbours]
    graded = grade_drift({day: mean for day, (mean, _) in own.items()}, others, each.expected)
    inside = {day: grade for day, grade in graded.items() if day >= each.first}
    flags = judge_drift(inside, {day: count for day, (_, count) in own.items()})
    return Judged(Piece(each.series, midnight(each.first), midnight(each.until)), flags)
