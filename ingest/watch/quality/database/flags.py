"""Reads and writes flags. Where one of failed readings changes, everything that rests on these is told."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from psycopg.types.json import Jsonb

from ingest.store.database import Database
from ingest.watch.quality.database.series import Series
from ingest.watch.quality.flags import Flag
from schemas.watch_quality import FAIL, QualityTest


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
