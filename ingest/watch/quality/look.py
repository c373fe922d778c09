"""The quality watch: what is new or changed since the last look is judged, by whole days in Japan.

Flags are a function of the readings alone: a day that anything changed in, or near, is judged anew, and the difference
to its flags is written. So the order of arrival does not matter. Spike, rate and range are judged with each look from
the first hour that is still open on; a stuck value and drift when an hour and a day are closed. What comes late,
is corrected or annulled is noted by the sums (watch_touched) when they have computed it again.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from ingest.store.database import Database
from ingest.watch.model import Event
from ingest.watch.progress.database import Span, keep_progress, read_progress, take_touched, window_of
from ingest.watch.quality.checks import Expected, grade_drift
from ingest.watch.quality.database.candidates import flagged, flat, flat_until, suspicious
from ingest.watch.quality.database.flags import flags_of, replace_flags
from ingest.watch.quality.database.series import Series, daily_means, readings_of
from ingest.watch.quality.expectations import Documents, Expectations, load_expectations
from ingest.watch.quality.flags import (
    MOMENTARY,
    Flag,
    days_of,
    judge_drift,
    judge_moments,
    judge_stuck,
    midnight,
)
from ingest.watch.quality.trust import changes_of_trust
from schemas.japan import JST
from schemas.watch_quality import LONGEST_STUCK_H, QualityTest

NAME = "quality"
EVERY = timedelta(seconds=60)
"""How often it looks: readings come every few minutes."""
FIRST = timedelta(days=1)
"""So far back the first look of all begins."""
AGAIN = timedelta(days=7)
"""So far back is judged again where a document changed what is expected."""
STUCK_REACH = timedelta(hours=LONGEST_STUCK_H * 1.5)


def look(connection: Database, rules: Documents, now: datetime) -> Sequence[Event]:
    """Judge what is new, write its flags, and return the series that can no longer, or again, be trusted.

    In the transaction of the caller, whose events and flags are kept together.
    """
    progress = read_progress(connection, NAME)
    details = {} if progress is None else progress.details
    expectations = load_expectations(connection, rules)
    done_until = now - FIRST if progress is None else progress.done_until
    if progress is not None and details.get("expected") != expectations.fingerprint:
        done_until = min(done_until, now - AGAIN)
    touched = take_touched(connection, NAME)
    window = window_of(connection, done_until, now)
    devices = expectations.device_list
    new = [Span(device_id, *span) for span in window.spans for device_id in devices]
    _judge_moments(connection, expectations, [*new, *touched])
    closed = [Span(device_id, window.closed_from, window.done_until) for device_id in devices]
    _judge_stuck(connection, expectations, closed if window.closed_from < window.done_until else (), touched)
    _judge_drift(connection, expectations, closed[0] if closed else None, touched)
    events = changes_of_trust(connection, expectations, now)
    keep_progress(connection, NAME, window.done_until, {"expected": expectations.fingerprint})
    return events


def _judge_moments(connection: Database, expectations: Expectations, spans: Sequence[Span]) -> None:
    bounds, reach = expectations.bounds(), expectations.reach()
    days = [Span(span.device_id, *days_of(span.starts - reach, span.ends + reach)) for span in spans]
    found = suspicious(connection, spans, bounds, reach) | flagged(connection, days, MOMENTARY)
    for series in sorted(found):
        expected = expectations.of(series)
        for starts, ends in _joined(span for span in days if span.device_id == series.device_id):
            readings = readings_of(connection, series, starts - expected.reach, ends + expected.reach)
            new = judge_moments(readings, expected, starts, ends)
            _write(connection, series, MOMENTARY, new, starts, ends)


def _joined(spans: Iterable[Span]) -> list[tuple[datetime, datetime]]:
    """Spans that touch or overlap, put together."""
    joined: list[tuple[datetime, datetime]] = []
    for _, starts, ends in sorted(spans):
        if joined and starts <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], ends)
        else:
            joined.append((starts, ends))
    return joined


def _write(
    connection: Database,
    series: Series,
    tests: Sequence[QualityTest],
    new: Sequence[Flag],
    starts: datetime,
    ends: datetime,
) -> None:
    before = flags_of(connection, series, tests, starts, ends)
    gone = [flag for flag in before if flag not in new]
    replace_flags(connection, series, gone, [flag for flag in new if flag not in before])


def _judge_stuck(
    connection: Database, expectations: Expectations, closed: Sequence[Span], touched: Sequence[Span]
) -> None:
    """`closed`: the newest hours. What changed before them may change what was measured after it, too."""
    spans = [*closed, *touched]
    if not spans:
        return
    near = [Span(span.device_id, span.starts, span.ends + STUCK_REACH) for span in spans]
    late = set(touched)
    before = flagged(connection, near, [QualityTest.STUCK])
    for span, series, lasted in flat(connection, spans, expectations.tolerances(), STUCK_REACH):
        expected = expectations.of(series)
        until = span.ends
        if span in late or series in before:
            until = max(until, flat_until(connection, series, span.ends, expected.tolerance, STUCK_REACH))
        limits = expected.stuck_h
        short = limits is None or lasted + (until - span.ends) <= timedelta(hours=limits.suspect)
        if short and series not in before:
            continue
        starts, ends = days_of(span.starts, until)
        readings = readings_of(connection, series, starts - expected.stuck_reach, ends)
        new = judge_stuck(readings, expected, starts, ends)
        _write(connection, series, [QualityTest.STUCK], new, starts, ends)


def _judge_drift(
    connection: Database, expectations: Expectations, closed: Span | None, touched: Sequence[Span]
) -> None:
    """A day is judged when it is closed, and with the days after it when a station or a neighbour changed.

    `closed`: the hours that were closed, of any device.
    """
    for series, expected in expectations.drifting():
        project_id = expectations.project_of(series)
        near = [expectations.device_ids.get((project_id, code)) for code in expected.neighbours]
        neighbours = [each for each in near if each is not None and each != series.device_id]
        spans = [span for span in touched if span.device_id in {series.device_id, *neighbours}]
        if closed is not None and days_of(closed.starts, closed.ends)[0] + timedelta(days=1) <= closed.ends:
            spans.append(closed)
        if spans:
            starts = min(span.starts for span in spans)
            ends = max(span.ends for span in spans) + timedelta(days=expected.drift_days - 1)
            _judge_drift_of(connection, series, expected, neighbours, days_of(starts - timedelta(hours=1), ends))


def _judge_drift_of(
    connection: Database,
    series: Series,
    expected: Expected,
    neighbours: Sequence[int],
    days: tuple[datetime, datetime],
) -> None:
    starts, ends = (each.astimezone(JST).date() for each in days)
    first = starts - timedelta(days=expected.drift_days - 1)
    means = daily_means(
        connection, [series.device_id, *neighbours], series.quantity_id, series.channel, first, ends
    )  # fmt: skip
    own = means.get(series.device_id, {})
    others = [{day: mean for day, (mean, _) in means.get(each, {}).items()} for each in neighbours]
    graded = grade_drift({day: mean for day, (mean, _) in own.items()}, others, expected)
    inside = {day: grade for day, grade in graded.items() if day >= starts}
    new = judge_drift(inside, {day: count for day, (_, count) in own.items()})
    _write(connection, series, [QualityTest.DRIFT], new, midnight(starts), midnight(ends))
