"""Notes of the writers as rows: taking, counting and deleting them, in the transaction of the caller."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from psycopg.rows import args_row

from ingest.store.database import Database

_NOTES = """
select note_id, noted_at, xact, exact, readings, device_id, quantity_id, starts_us from (
    select *, sum(bytes) over (order by note_id {order}) - bytes as bytes_before
    from (
        select note_id, noted_at, xact::text::bigint as xact, exact, readings, device_id, quantity_id,
            case when starts > '-infinity' then (extract(epoch from starts) * 1000000)::bigint end as starts_us,
            coalesce(octet_length(readings), 0) as bytes
        from watch_note where {which} and not (note_id = any(%(but)s)) order by note_id {order} limit %(most)s
    ) first
) counted
where bytes_before < %(most_bytes)s
"""
_WHICH = ("not late", "late")
_NEWEST = [_NOTES.format(order="desc", which=which) for which in _WHICH]
_OLDEST = [_NOTES.format(order="asc", which=which) for which in _WHICH]
_WAITS = """
select exists (select from watch_note where not late),
    (select noted_at from watch_note where late order by note_id limit 1),
    (select note_id from watch_note where late order by note_id desc limit 1)
"""
_PUT_BACK = "update watch_note set readings = %b, late = %b where note_id = %b"
_PUT_BACK_WHOLE = "update watch_note set late = %s where note_id = any(%s) and late <> %s"
_DELETE = "delete from watch_note where note_id = any(%s)"
_NOTE_SPANS = """
insert into watch_note (device_id, quantity_id, starts, late)
select *, true from unnest(%s::integer[], %s::smallint[], %s::timestamptz[])
"""
_SNAPSHOT = """
select pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint,
    array(select x::text::bigint from pg_snapshot_xip(s) x)
from pg_current_snapshot() s
"""
_CORRECTED = "select device_id from corrected_device"


class Note(NamedTuple):
    """What one transaction noted: packed readings, or a span of a device that is to be looked at again.

    `exact`: the readings are stored as they stand here. `quantity_id` None: every quantity of the device.
    `starts_us` None: since its first reading. Nobody asks where a span ends: what follows depends on what was before.
    """

    note_id: int
    noted_at: datetime
    xact: int
    exact: bool
    readings: bytes | None
    device_id: int | None = None
    quantity_id: int | None = None
    starts_us: int | None = None


class Span(NamedTuple):
    """A device or one of its quantities that is to be looked at again, from `starts` on; None: all of it."""

    device_id: int
    quantity_id: int | None
    starts: datetime | None


class Snapshot(NamedTuple):
    """Which transactions a statement sees."""

    xmin: int
    xmax: int
    running: frozenset[int]

    def sees(self, xact: int) -> bool:
        """Whether what this transaction committed was visible."""
        return xact < self.xmin or (xact < self.xmax and xact not in self.running)


class Waits(NamedTuple):
    """Whether there are notes of now, and since when there are late ones, with the newest of those; None: none."""

    live: bool
    late_since: datetime | None
    newest_late: int | None


def what_waits(connection: Database) -> Waits:
    """What there is to look at."""
    row = connection.execute(_WAITS).fetchone()
    assert row is not None  # it has one row
    return Waits(*row)


def take_newest(connection: Database, most: int, most_bytes: int, *, late: bool) -> list[Note]:
    """The newest notes, the newest first: at most so many, and one more than so many bytes have place for."""
    return _take(connection, _NEWEST[late], most, most_bytes, [])


def take_oldest(connection: Database, most: int, most_bytes: int, but: Sequence[int], *, late: bool) -> list[Note]:
    """The oldest notes without `but`, the oldest first, bounded likewise."""
    return _take(connection, _OLDEST[late], most, most_bytes, but)


def _take(connection: Database, statement: str, most: int, most_bytes: int, but: Sequence[int]) -> list[Note]:
    with connection.cursor(row_factory=args_row(Note)) as cursor:
        values: dict[str, Any] = {"most": most, "most_bytes": most_bytes, "but": list(but)}
        return cursor.execute(statement, values, binary=True).fetchall()


def delete_notes(connection: Database, note_ids: Sequence[int]) -> None:
    """These notes were looked at."""
    connection.execute(_DELETE, (list(note_ids),))


def put_back(connection: Database, notes: Mapping[int, bytes | None], *, late: bool) -> None:
    """Of these notes only these readings are left to be looked at, or all (None); `late`: with those that may wait."""
    cut = [(readings, late, note_id) for note_id, readings in notes.items() if readings is not None]
    whole = [note_id for note_id, readings in notes.items() if readings is None]
    if cut:
        with connection.cursor() as cursor:
            cursor.executemany(_PUT_BACK, cut)
    if whole:
        connection.execute(_PUT_BACK_WHOLE, (late, whole, late))


def note_spans(connection: Database, spans: Iterable[Span]) -> None:
    """Have these spans looked at again."""
    wanted = list(spans)
    if wanted:
        connection.execute(_NOTE_SPANS, tuple(list(column) for column in zip(*wanted, strict=True)))


def snapshot(connection: Database) -> Snapshot:
    """What a statement of now sees. One that follows sees at least as much."""
    row = connection.execute(_SNAPSHOT).fetchone()
    assert row is not None  # a function has one row
    return Snapshot(row[0], row[1], frozenset(row[2]))


def corrected_devices(connection: Database) -> frozenset[int]:
    """Devices with corrections in force: what counts of them is not what was noted."""
    return frozenset(row[0] for row in connection.execute(_CORRECTED).fetchall())
