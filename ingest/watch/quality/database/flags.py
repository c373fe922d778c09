"""Reads and writes flags. Where one of failed readings changes, everything that rests on these is told."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import NamedTuple

from psycopg.types.json import Jsonb

from ingest.store.database import Database
from ingest.store.many import arrays, insert_of
from ingest.watch.quality.database.series import PIECES, Piece, Series, columns_of
from ingest.watch.quality.flags import Flag
from schemas.watch_quality import FAIL, QualityTest

_DELETE = """
delete from watch_flag f
using unnest(%s::int[], %s::smallint[], %s::smallint[], %s::text[], %s::timestamptz[])
    gone (device_id, quantity_id, channel, test, starts)
where f.device_id = gone.device_id and f.quantity_id = gone.quantity_id and f.channel = gone.channel
  and f.test = gone.test and f.starts = gone.starts
"""

_INSERT = insert_of(
    "watch_flag",
    {
        "device_id": "int", "quantity_id": "smallint", "channel": "smallint", "test": "text", "starts": "timestamptz",
        "ends": "timestamptz", "readings": "int", "grade": "smallint", "detail": "jsonb",
    },
)  # fmt: skip


class Change(NamedTuple):
    """The flags of a series that go, and those that come."""

    series: Series
    gone: Sequence[Flag]
    new: Sequence[Flag]


def flags_of(connection: Database, pieces: Sequence[Piece], tests: Iterable[QualityTest]) -> list[list[Flag]]:
    """The flags of these tests that begin in each of the pieces."""
    rows = connection.execute(
        f"""
        select s.place, f.test, f.starts, f.ends, f.readings, f.grade, f.detail
        from {PIECES}
        join watch_flag f on f.device_id = s.device_id and f.quantity_id = s.quantity_id and f.channel = s.channel
            and f.starts >= s.starts and f.starts < s.ends
        where f.test = any(%(tests)s)
        """,  # noqa: S608  made of constants
        columns_of(pieces) | {"tests": [test.value for test in tests]},
    )
    found: list[list[Flag]] = [[] for _ in pieces]
    for place, test, *rest in rows:
        found[place - 1].append(Flag(QualityTest(test), *rest))
    return found


def replace_flags(connection: Database, changes: Iterable[Change]) -> None:
    """Take flags away and write others; where a failed one changes, everything that rests on it is told."""
    changes = list(changes)
    gone = [(*change.series, flag.test.value, flag.starts) for change in changes for flag in change.gone]
    new = [
        (*change.series, flag.test.value, flag.starts, flag.ends, flag.readings, flag.grade, Jsonb(dict(flag.detail)))
        for change in changes
        for flag in change.new
    ]
    if gone:
        connection.execute(_DELETE, arrays(gone))
    if new:
        connection.execute(_INSERT, arrays(new))
    _tell(connection, [span for change in changes if (span := _failed(change)) is not None])


def _failed(change: Change) -> Piece | None:
    """Around the failed readings whose flags change."""
    failed = [flag for flag in (*change.gone, *change.new) if flag.grade == FAIL]
    if not failed:
        return None
    ends = max(flag.ends for flag in failed) + timedelta(microseconds=1)
    return Piece(change.series, min(flag.starts for flag in failed), ends)


def _tell(connection: Database, spans: Sequence[Piece]) -> None:
    """The sums count valid slots anew, and stages are looked at again, as after a correction."""
    if not spans:
        return
    columns = columns_of(spans)
    # Hours that are not closed yet are not noted anyway.
    connection.execute(
        f"select rollup_touch(s.device_id, s.starts, s.ends) from {PIECES}, rollup_state r"  # noqa: S608
        " where rollup_hour_of(s.starts) < r.closing_until",
        columns,
    )
    connection.execute(
        f"""
        insert into watch_note (device_id, quantity_id, starts, ends, late)
        select s.device_id, s.quantity_id, s.starts, s.ends, true from {PIECES}
        join watch_selected w on w.device_id = s.device_id and w.quantity_id = s.quantity_id
        order by s.place
        """,  # noqa: S608
        columns,
    )
