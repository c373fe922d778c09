"""What is stored after its hour was closed: noted for the rollups, in the transaction that stores it."""

from collections.abc import Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from psycopg import Connection

from ingest.rows import Judged
from ingest.store.moment import microseconds, moment

HOUR_US = 3_600_000_000

NOTE = "select rollup_note(%s::int[], %s::timestamptz[])"


def note_late(connection: Connection[Any], batch: Sequence[Judged], closing_until: datetime | None) -> None:
    """Note the hours of a batch that are closed or closing. To be called once its rows are placed.

    `closing_until` must have been read after that: see `ingest/store/rollup.py`. None: nothing was closed yet.
    """
    if closing_until is None:
        return
    closing_us = microseconds(closing_until)
    oldest_us = min(
        min((one.uplink.time_us for one in batch if one.uplink is not None), default=closing_us),
        min(chain.from_iterable([one.readings for one in batch]), default=(closing_us,))[0],
    )
    if oldest_us < closing_us:
        _note(connection, batch, closing_us)


def _note(connection: Connection[Any], batch: Sequence[Judged], closing_us: int) -> None:
    hours = {
        (row[2], row[0] // HOUR_US) for one in batch for row in one.readings if row[0] < closing_us
    } | {
        (one.uplink.device_id, one.uplink.time_us // HOUR_US)
        for one in batch
        if one.uplink is not None and one.uplink.time_us < closing_us
    }  # fmt: skip
    ordered = sorted(hours)
    connection.execute(NOTE, ([device for device, _ in ordered], [moment(hour * HOUR_US) for _, hour in ordered]))
