"""What is stored after its hour was closed: noted for the rollups, in the transaction that stores it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import Connection

from ingest.rows import MessageRows
from schemas.japan import to_us

HOUR_US = 3_600_000_000

NOTE = "insert into rollup_late (devices, hours) values (%b::int[], %b::int[])"


def note_late(connection: Connection[Any], batch: Sequence[MessageRows], closing_until: datetime | None) -> None:
    """Note the hours of a batch that are closed or closing. To be called after its rows are written.

    `closing_until` must have been read after that: see `ingest/store/rollup/rollup.py`. None: nothing was closed yet.
    """
    if closing_until is None:
        return
    hours = _late_hours(batch, to_us(closing_until))
    if hours:
        connection.execute(NOTE, [list(column) for column in zip(*hours, strict=True)])


def _late_hours(batch: Sequence[MessageRows], closing_us: int) -> set[tuple[int, int]]:
    """(device, hour since 1970) of every row older than `closing_us`. Nearly all readings have their message's time."""
    hours: set[tuple[int, int]] = set()
    for rows in batch:
        uplink = rows.uplink
        if uplink is None:
            continue
        at_us, device_id = uplink.time_us, uplink.device_id
        if at_us < closing_us:
            hours.add((device_id, at_us // HOUR_US))
        for row in rows.readings:
            if row[0] != at_us and row[0] < closing_us:
                hours.add((device_id, row[0] // HOUR_US))
    return hours
