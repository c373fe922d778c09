"""The same as the look at quality, plainly: every series and every flag by statements of its own.

Slow, and easy to follow: what a look writes is compared with what this writes.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from unittest.mock import patch

from psycopg.types.json import Jsonb

from ingest.store.database import Database
from ingest.watch.model import Event
from ingest.watch.progress.database import Span
from ingest.watch.quality.checks import Expected, Reading, grade_drift
from ingest.watch.quality.database.candidates import flagged, flat, suspicious
from ingest.watch.quality.database.series import Series
from ingest.watch.quality.expectations import Documents, Expectations
from ingest.watch.quality.flags import (
    MOMENTARY,
    Flag,
    days_of,
    judge_drift,
    judge_moments,
    judge_stuck,
    midnight,
)
from ingest.watch.quality.look import look
from ingest.watch.quality.stuck import STUCK_REACH
from schemas.japan import JST
from schemas.watch_quality import FAIL, QualityTest


def look_one_by_one(connection: Database, rules: Documents, now: datetime) -> Sequence[Event]:
    """Judge what is new, write its flags, and return the series that can no longer, or again, be trusted.

    In the transaction of the caller, whose events and flags are kept together.
    """
    with patch.multiple(
        "ingest.watch.quality.look", keep_moments=_judge_moments, keep_stuck=_judge_stuck, keep_drift=_judge_drift
    ):
        return look(connection, rules, now)


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


def readings_of(connection: Database, series: Series, starts: datetime, ends: datetime) -> list[Reading]:
    """What counts of a series in [starts, ends), in order."""
    rows = connection.execute(
        """
        select r.time, r.value from reading_counted r
        where r.device_id = %(device_id)s and r.quantity_id = %(quantity_id)s and r.channel = %(channel)s
          and r.time >= %(starts)s and r.time < %(ends)s
        order by r.time
        """,
        series._asdict() | {"starts": starts, "ends": ends},
    )
    return [Reading(at, value) for at, value in rows]


def flat_until(connection: Database, series: Series, ends: datetime, tolerance: float, reach: timedelta) -> datetime:
    """Up to where a series stays as it is at `ends`, by the sums by hour: the end of the first hour that differs."""
    row = connection.execute(
        """
        with first as (
            select h.first as value from rollup_hour h
            where h.device_id = %(device_id)s and h.quantity_id = %(quantity_id)s and h.channel = %(channel)s
              and h.hour >= %(ends)s and h.hour < %(ends)s + %(reach)s and h.count > 0
            order by h.hour limit 1
        )
        select coalesce(
            (
                select min(h.hour) + interval '1 hour' from rollup_hour h, first
                where h.device_id = %(device_id)s and h.quantity_id = %(quantity_id)s and h.channel = %(channel)s
                  and h.hour >= %(ends)s and h.hour < %(ends)s + %(reach)s
                  and (abs(h.maximum - first.value) > %(tolerance)s or abs(h.minimum - first.value) > %(tolerance)s)
            ),
            (
                select max(h.hour) + interval '1 hour' from rollup_hour h
                where h.device_id = %(device_id)s and h.quantity_id = %(quantity_id)s and h.channel = %(channel)s
                  and h.hour >= %(ends)s and h.hour < %(ends)s + %(reach)s
            ),
            %(ends)s
        )
        """,
        series._asdict() | {"ends": ends, "reach": reach, "tolerance": tolerance},
    ).fetchone()
    return ends if row is None else row[0]


def daily_means(
    connection: Database, devices: Sequence[int], quantity_id: int, channel: int, first: date, until: date
) -> dict[int, dict[date, tuple[float, int]]]:
    """Mean and number of readings of each closed day, by device."""
    rows = connection.execute(
        """
        select d.device_id, d.day, d.total / d.count, d.count
        from rollup_day d, rollup_state s
        where d.device_id = any(%(devices)s) and d.quantity_id = %(quantity)s and d.channel = %(channel)s
          and d.day >= %(first)s and d.day < %(until)s and d.count > 0
          and rollup_midnight(d.day + 1) <= s.materialised_until
        """,
        {"devices": list(devices), "quantity": quantity_id, "channel": channel, "first": first, "until": until},
    )
    means: dict[int, dict[date, tuple[float, int]]] = {}
    for device_id, day, mean, count in rows:
        means.setdefault(device_id, {})[day] = mean, count
    return means


def flags_of(
    connection: Database, series: Series, tests: Iterable[QualityTest], starts: datetime, ends: datetime
) -> list[Flag]:
    """The flags of a series that begin in [starts, ends)."""
    rows = connection.execute(
        """
        select f.test, f.starts, f.ends, f.readings, f.grade, f.detail from watch_flag f
        where f.device_id = %(device_id)s and f.quantity_id = %(quantity_id)s and f.channel = %(channel)s
          and f.test = any(%(tests)s) and f.starts >= %(starts)s and f.starts < %(ends)s
        """,
        series._asdict() | {"tests": [test.value for test in tests], "starts": starts, "ends": ends},
    )
    return [Flag(QualityTest(test), *rest) for test, *rest in rows]


def replace_flags(connection: Database, series: Series, gone: Iterable[Flag], new: Iterable[Flag]) -> None:
    """Take flags of a series away and write others; where a failed one changes, everything that rests on it is told."""
    gone, new = list(gone), list(new)
    for flag in gone:
        connection.execute(
            """
            delete from watch_flag
            where device_id = %(device_id)s and quantity_id = %(quantity_id)s and channel = %(channel)s
              and test = %(test)s and starts = %(starts)s
            """,
            series._asdict() | {"test": flag.test.value, "starts": flag.starts},
        )
    for flag in new:
        connection.execute(
            """
            insert into watch_flag (device_id, quantity_id, channel, test, starts, ends, readings, grade, detail)
            select %(device_id)s, %(quantity_id)s, %(channel)s, %(test)s, %(starts)s, %(ends)s, %(readings)s, %(grade)s,
                %(detail)s
            """,
            series._asdict()
            | {
                "test": flag.test.value, "starts": flag.starts, "ends": flag.ends, "readings": flag.readings,
                "grade": flag.grade, "detail": Jsonb(dict(flag.detail)),
            },
        )  # fmt: skip
    failed = [(flag.starts, flag.ends) for flag in (*gone, *new) if flag.grade == FAIL]
    if failed:
        _tell(connection, series, min(starts for starts, _ in failed), max(ends for _, ends in failed))


def _tell(connection: Database, series: Series, starts: datetime, ends: datetime) -> None:
    """The sums count valid slots anew, and stages are looked at again, as after a correction."""
    span = series._asdict() | {"starts": starts, "ends": ends + timedelta(microseconds=1)}
    connection.execute("select rollup_touch(%(device_id)s, %(starts)s, %(ends)s)", span)
    connection.execute(
        """
        insert into watch_note (device_id, quantity_id, starts, ends, late)
        select s.device_id, s.quantity_id, %(starts)s, %(ends)s, true from watch_selected s
        where s.device_id = %(device_id)s and s.quantity_id = %(quantity_id)s
        """,
        span,
    )
