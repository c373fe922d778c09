"""Notes that are folded, as rows."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from ingest.store.database import Database

_OLDEST = """
select note_id, readings from watch_note where readings is not null order by note_id limit %s for update skip locked
"""
_WIDEN = """
with wanted as (
    select * from unnest(%(device)s::integer[], %(quantity)s::smallint[], %(starts)s::timestamptz[])
        wanted (device_id, quantity_id, starts)
),
before as (
    delete from watch_note n using wanted w
    where n.device_id = w.device_id and n.quantity_id = w.quantity_id and n.starts is not null
    returning n.device_id, n.quantity_id, n.starts
)
insert into watch_note (device_id, quantity_id, starts, late)
select device_id, quantity_id, min(starts), true from (select * from wanted union all select * from before) every_one
group by device_id, quantity_id
"""
_DELETE = "delete from watch_note where note_id = any(%s)"
_DELETE_ALL = "delete from watch_note"


def oldest_packed(connection: Database, most: int) -> list[tuple[int, bytes]]:
    """Number and readings of the oldest notes that are no spans. Nobody else deletes them before COMMIT."""
    return connection.execute(_OLDEST, (most,), binary=True).fetchall()


def widen_spans(connection: Database, starts: Mapping[tuple[int, int], datetime]) -> None:
    """One span of each of these devices and quantities, from its time on or from that of a span that it replaces."""
    values = {
        "device": [device_id for device_id, _ in starts],
        "quantity": [quantity_id for _, quantity_id in starts],
        "starts": [*starts.values()],
    }
    connection.execute(_WIDEN, values)


def delete(connection: Database, note_ids: Sequence[int]) -> None:
    """These notes are folded."""
    connection.execute(_DELETE, (list(note_ids),))


def delete_all(connection: Database) -> int:
    """Give up everything that waits. Returns how many notes that were."""
    return connection.execute(_DELETE_ALL).rowcount
