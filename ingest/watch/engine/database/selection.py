"""Which series the writers note, and the wait until all of them know it."""

from collections.abc import Collection

from ingest.store.database import Database

_SELECTED = "select device_id, quantity_id from watch_selected"
_UNSELECT = """
delete from watch_selected s using unnest(%s::integer[], %s::smallint[]) gone (device_id, quantity_id)
where (s.device_id, s.quantity_id) = (gone.device_id, gone.quantity_id)
"""
_SELECT = "insert into watch_selected select * from unnest(%s::integer[], %s::smallint[]) on conflict do nothing"
_BUMP = "update watch_selection set version = version + 1"
_NEXT_TRANSACTION = "select pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
_OLDEST_TRANSACTION = "select pg_snapshot_xmin(pg_current_snapshot())::text::bigint"

Pairs = Collection[tuple[int, int]]
"""Devices and quantities."""


def write_selection(connection: Database, wanted: Pairs) -> bool:
    """Have the writers note these series and no others. Whether that is a change. In the caller's transaction."""
    before = set(connection.execute(_SELECTED).fetchall())
    gone, new = before - set(wanted), set(wanted) - before
    if not gone and not new:
        return False
    for statement, pairs in ((_UNSELECT, gone), (_SELECT, new)):
        connection.execute(statement, ([device for device, _ in pairs], [quantity for _, quantity in pairs]))
    connection.execute(_BUMP)
    return True


def next_transaction(connection: Database) -> int:
    """A number that is above every transaction that has begun to write. To be asked after a change was committed."""
    row = connection.execute(_NEXT_TRANSACTION).fetchone()
    assert row is not None  # a function has one row
    return int(row[0])


def oldest_transaction(connection: Database) -> int:
    """A number that is not above any transaction that still writes."""
    row = connection.execute(_OLDEST_TRANSACTION).fetchone()
    assert row is not None  # a function has one row
    return int(row[0])
