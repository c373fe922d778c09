"""Sums that came with a hand-over because their readings are deleted: where they end, and how rollups continue."""

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

# Readings of other devices before `end` are not all summed up yet. Closing these hours makes them due now.
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
    """The time before which readings were deleted, where the files come from (`there`) or here. None: nothing was."""
    (found,) = connection.execute(_END, (there,)).fetchone() or (None,)
    return found


def begin(connection: Connection[Any]) -> None:
    """Take the lock of the rollups: nobody else computes them until the end of the transaction."""
    connection.execute("select pg_advisory_xact_lock(%s)", (LOCK,))


def settle(connection: Connection[Any], end: datetime, devices: Sequence[int]) -> None:
    """Mark everything before `end` as summed up. The sums of `devices` are written; those of others become due."""
    values = {"end": end, "devices": list(devices)}
    connection.execute(_SERIES, values)
    if connection.execute(_STANDS, (end,)).fetchone() == (True,):
        # A writer could not know that these hours are closed now. With this lock it waits before it books its batch.
        connection.execute("select account_lock()")
        (since,) = connection.execute(_CLOSE, values).fetchone() or ("-infinity",)
        connection.execute(_TOUCH_OTHERS, values | {"since": since})
    connection.execute(_LAST, values)
    connection.execute(_GONE, (end,))
