"""Sums that came with a hand-over because their readings are gone: where they end, and how it goes on after them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import Connection

from ingest.store.rollup.rollup import LOCK

_END = "select greatest(nullif(raw_from, '-infinity'), %s::timestamptz) from rollup_state"

_STANDS = "select materialised_until < %s from rollup_state"

_SERIES = """
insert into rollup_series (device_id, quantity_id, channel)
select distinct h.device_id, h.quantity_id, h.channel
from rollup_hour h join quantity q using (quantity_id)
where h.device_id = any(%(devices)s) and q.kind in ('counter', 'state')
on conflict do nothing
"""

# What the others have in between would have been summed up some day: now it is due.
_CLOSE = """
with before as materialized (select materialised_until from rollup_state),
closed as (
    update rollup_state
    set closing_until = greatest(closing_until, %(end)s), materialised_until = greatest(materialised_until, %(end)s)
)
select materialised_until::text from before
"""
_TOUCH_OTHERS = """
select rollup_touch(device_id, %(since)s::timestamptz, %(end)s) from device where device_id <> all(%(devices)s)
"""
_LAST = "select rollup_fill_last(%(devices)s)"
_GONE = "update rollup_state set raw_from = greatest(raw_from, %s)"


def end(connection: Connection[Any], there: datetime | None) -> datetime | None:
    """What is older has no readings: `there`, where the files come from, or here. None: nothing was let go."""
    (found,) = connection.execute(_END, (there,)).fetchone() or (None,)
    return found


def begin(connection: Connection[Any]) -> None:
    """Nobody else computes rollups until the end of the transaction."""
    connection.execute("select pg_advisory_xact_lock(%s)", (LOCK,))


def settle(connection: Connection[Any], end: datetime, devices: Sequence[int]) -> None:
    """Count everything before `end` as summed up: of these devices it is written, of others it is noted as due."""
    values = {"end": end, "devices": list(devices)}
    connection.execute(_SERIES, values)
    if connection.execute(_STANDS, (end,)).fetchone() == (True,):
        # Whoever writes meanwhile could not know that these hours are closed: he waits before he books his batch.
        connection.execute("select account_lock()")
        (since,) = connection.execute(_CLOSE, values).fetchone() or ("-infinity",)
        connection.execute(_TOUCH_OTHERS, values | {"since": since})
    connection.execute(_LAST, values)
    connection.execute(_GONE, (end,))
