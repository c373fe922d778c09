"""What is stored of watched series: noted for the watch, in the transaction that stores it.

Which series are watched is read in that transaction too, after the rows of the batch were written. Whoever changes the
selection waits until every transaction that had begun before has ended; so each reading of a series that was newly
selected is either noted or was in the database before the series was looked at first.
"""

from collections.abc import Iterable, Mapping, Sequence
from struct import Struct
from typing import Any

from psycopg import Connection

from ingest.rows import MessageRows, ReadingRow

_READING = Struct(">qdihhh")
_NO_QUALITY = -1

LATE_US = 900_000_000
"""A reading that is older than this when it comes may wait: nobody is called for it."""

READING_BYTES = _READING.size
"""What one reading takes in a note."""

SELECTED = "select device_id, quantity_id from watch_selected"
SELECTED_OF = "select device_id, quantity_id from watch_selected where device_id = any(%s)"
NOTE = "insert into watch_note (readings, exact, late) values (%b, %b, %b)"

Selected = Mapping[int, frozenset[int]]
"""The watched quantities of each watched device."""


class WatchedSeries:
    """The watched series as one writer knows them, with the number of the selection they are from."""

    def __init__(self) -> None:
        self._version: int | None = None
        self._selected: Selected = {}

    def note(self, connection: Connection[Any], batch: Sequence[MessageRows], version: int, *, exact: bool) -> None:
        """Note what of a batch is watched. `version`: of the selection, as it was read after the rows were written.

        `exact`: every reading of the batch is stored as it is in it, so that nobody has to look it up.
        """
        if version != self._version:
            self._selected = _by_device(connection.execute(SELECTED).fetchall())
            self._version = version
        _note(connection, batch, self._selected, exact=exact)


def note_again(connection: Connection[Any], batch: Sequence[MessageRows]) -> None:
    """Note messages that are stored long after they came. To be called in their transaction, after they are written."""
    devices = list({rows.uplink.device_id for rows in batch if rows.uplink is not None})
    if devices:
        _note(connection, batch, _by_device(connection.execute(SELECTED_OF, (devices,)).fetchall()), exact=False)


def _note(connection: Connection[Any], batch: Sequence[MessageRows], selected: Selected, *, exact: bool) -> None:
    if not selected:
        return
    for late, packed in enumerate(pack_watched(batch, selected)):
        if packed:
            connection.execute(NOTE, (packed, exact, bool(late)))


def _by_device(rows: Iterable[Sequence[int]]) -> Selected:
    quantities: dict[int, set[int]] = {}
    for device_id, quantity_id in rows:
        quantities.setdefault(device_id, set()).add(quantity_id)
    return {device_id: frozenset(each) for device_id, each in quantities.items()}


def pack_watched(batch: Sequence[MessageRows], selected: Selected) -> tuple[bytes, bytes]:
    """The readings of watched series, one after the other: those of now, and those that came late."""
    live: list[bytes] = []
    late: list[bytes] = []
    wanted_of = selected.get
    for rows in batch:
        uplink = rows.uplink
        wanted = None if uplink is None else wanted_of(uplink.device_id)
        if uplink is None or wanted is None:
            continue
        for row in rows.readings:
            if row[3] in wanted:
                (late if row[0] < uplink.received_us - LATE_US else live).append(pack_reading(row))
    return b"".join(live), b"".join(late)


def pack_reading(row: ReadingRow) -> bytes:
    """One reading: see `unpack_watched`."""
    time_us, value, device_id, quantity_id, channel, quality = row
    return _READING.pack(time_us, value, device_id, quantity_id, channel, _NO_QUALITY if quality is None else quality)


def unpack_watched(packed: bytes) -> list[ReadingRow]:
    """The readings of a note, in the order in which they came."""
    return [
        (time_us, value, device_id, quantity_id, channel, None if quality == _NO_QUALITY else quality)
        for time_us, value, device_id, quantity_id, channel, quality in _READING.iter_unpack(packed)
    ]
