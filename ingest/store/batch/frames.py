"""LoRaWAN frames that come again: by another gateway, or from a network server that does not look for repetitions.

The message is another one, with another time and other gateways; the frame is the same. So each frame is noted when its
message is stored, in the same transaction, and a message whose frame is noted already is a duplicate. The key of the
table makes that exact between workers: the second one waits until the first has committed.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from psycopg import Connection

from ingest.rows import MessageRows
from schemas.japan import to_datetime
from schemas.uplink import EventKind

REPEATED_WITHIN = timedelta(hours=1)
"""How much later a frame may come again. A counter that stands where it stood so long ago began anew."""

EARLY_COUNTERS = 16
"""Counters up to this come again when a device begins anew, under the same address if it has a fixed one."""

SHORTEST = timedelta(seconds=60)
"""Of early counters a frame is a repetition only within half the interval of its device, at least within this."""

_JOINED = "delete from lorawan_frame where device_id = any(%s)"

# In the order of the key, so that two writers never wait for each other.
_NOTE = """
insert into lorawan_frame as known (device_id, frame, received_at)
select t.device_id, t.frame, min(t.received_at)
from unnest(%(devices)s::int[], %(frames)s::bigint[], %(received)s::timestamptz[]) as t (device_id, frame, received_at)
group by t.device_id, t.frame
order by t.device_id, t.frame
on conflict (device_id, frame) do update set received_at = excluded.received_at
where abs(extract(epoch from excluded.received_at - known.received_at)) > extract(epoch from case
    when known.device_id = any(%(early_devices)s::int[]) and known.frame = any(%(early_frames)s::bigint[]) then (
        select least(greatest(coalesce(min(d.interval_s), 3600) * interval '0.5 second', %(shortest)s), %(within)s)
        from device d where d.device_id = known.device_id
    )
    else %(within)s
end)
returning device_id, frame
"""

_FORGET = "delete from lorawan_frame where received_at < now() - 2 * %s::interval"


def repeated(connection: Connection[Any], batch: Sequence[MessageRows]) -> set[MessageRows]:
    """Note the frames of a batch, in its transaction; returns the messages whose frame was noted before them."""
    joined = {rows.uplink.device_id for rows in batch if rows.uplink is not None and rows.uplink.kind == EventKind.JOIN}
    if joined:
        connection.execute(_JOINED, (sorted(joined),))
    framed = [(rows, rows.uplink, rows.frame) for rows in batch if rows.frame is not None and rows.uplink is not None]
    if not framed:
        return set()
    early = [(row.device_id, frame) for _, row, frame in framed if (row.counter or 0) <= EARLY_COUNTERS]
    values = {
        "devices": [row.device_id for _, row, _ in framed],
        "frames": [frame for _, _, frame in framed],
        "received": [to_datetime(row.received_us) for _, row, _ in framed],
        "early_devices": [device_id for device_id, _ in early],
        "early_frames": [frame for _, frame in early],
        "shortest": SHORTEST,
        "within": REPEATED_WITHIN,
    }
    new = set(connection.execute(_NOTE, values).fetchall())
    again = set()
    for rows, row, frame in framed:
        if (row.device_id, frame) in new:
            new.remove((row.device_id, frame))  # the second one of the same batch is a repetition
        else:
            again.add(rows)
    return again


def forget(connection: Connection[Any]) -> int:
    """Delete frames that are too old to be repeated; returns how many."""
    return connection.execute(_FORGET, (REPEATED_WITHIN,)).rowcount
