"""Rows to the binary COPY format, byte by byte: the cheapest way into PostgreSQL from Python.

Format: header, then per row a 16-bit field count and per field a 32-bit length (-1: NULL) and the
value, big-endian; a row count of -1 ends it. Timestamps are microseconds since 2000-01-01.
"""

from collections.abc import Iterable
from struct import Struct

from ingest.rows import ReadingRow, UplinkRow
from ingest.store.batch.decimals import PER, USUAL

EPOCH_2000_US = 946_684_800_000_000

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"

_NULL = b"\xff\xff\xff\xff"
_READING = Struct(">hiqiiiiihihihii").pack  # quality and exact are NULL: nearly every row
_PLAIN_UPLINK = Struct(">hiqiqiqiqiiiiiiiiiiiihihihiiii").pack
_UPLINK_TIMES = Struct(">hiqiqiq").pack
_READING_START = Struct(">hiqii").pack
_TWO_INT8 = Struct(">iqiq").pack
_INT8 = Struct(">iq").pack
_INT4 = Struct(">ii").pack
_INT2 = Struct(">ih").pack
_REAL = Struct(">if").pack
_DOUBLE = Struct(">id").pack
_TWO_INT4 = Struct(">iiii").pack
_TWO_INT2 = Struct(">ihih").pack
_THREE_INT2 = Struct(">ihihih").pack
_LENGTH = Struct(">i").pack

READING_COLUMNS = "time, device_id, amount, quantity_id, channel, per, quality, exact"
UPLINK_COLUMNS = (
    "time, received_at, message_id, counter, device_time, device_id, payload_bytes, gateway_id, rssi_centi, snr_centi,"
    " airtime_ms, kind, offered, refused, quality, gateway_count, spreading_factor, link"
)


_USUAL_PER = 10**USUAL
_FINEST_PER = 10_000
"""The largest power of ten a smallint holds."""
_MOST = 2**31 - 1


def lay_down(value: float, per: int) -> tuple[int | None, int | None, float | None]:
    """(amount, per, exact): the value as a whole number of `per`-ths, finer ones if need be, or as it is.

    amount / per is the same double as the value, bit by bit, or `exact` is it.
    """
    for fine in (per, _FINEST_PER) if abs(value) <= _MOST else ():  # nor what is no number at all
        amount = round(value * fine)
        if amount / fine == value and -_MOST <= amount <= _MOST:
            return amount, fine, None
    return None, None, value


def pack_readings(rows: Iterable[ReadingRow]) -> bytes:
    """Rows of `reading` as one COPY stream, columns in the order of READING_COLUMNS.

    Raises ValueError or OverflowError for a value that is not finite: merging finds it and quarantines it.
    """
    packed = [HEADER]
    add, per_of = packed.append, PER.get
    for row in rows:
        time_us, value, device_id, quantity_id, channel, quality = row
        per = per_of(quantity_id, _USUAL_PER)
        amount = round(value * per)
        if amount / per == value and quality is None and -_MOST <= amount <= _MOST:
            at = time_us - EPOCH_2000_US
            add(_READING(8, 8, at, 4, device_id, 4, amount, 2, quantity_id, 2, channel, 2, per, -1, -1))
        else:
            add(_reading(row, 8))
    add(TRAILER)
    return b"".join(packed)


def pack_incoming_readings(rows: Iterable[tuple[ReadingRow, int, int]]) -> bytes:
    """Rows of `incoming_reading`: a reading with the message_id and the time of receipt of its message."""
    packed = [HEADER]
    for row, message_id, received_us in rows:
        packed.append(_reading(row, 10) + _TWO_INT8(8, message_id, 8, received_us - EPOCH_2000_US))
    packed.append(TRAILER)
    return b"".join(packed)


def _reading(row: ReadingRow, fields: int) -> bytes:
    """The columns of a reading, whatever it holds, at the start of a row of so many fields."""
    time_us, value, device_id, quantity_id, channel, quality = row
    amount, per, exact = lay_down(value, PER.get(quantity_id, _USUAL_PER))
    return b"".join(
        (
            _READING_START(fields, 8, time_us - EPOCH_2000_US, 4, device_id),
            _NULL if amount is None else _INT4(4, amount),
            _TWO_INT2(2, quantity_id, 2, channel),
            _NULL if per is None else _INT2(2, per),
            _NULL if quality is None else _INT2(2, quality),
            _NULL if exact is None else _DOUBLE(8, exact),
        )
    )


def pack_uplinks(rows: Iterable[UplinkRow]) -> bytes:
    """Rows of `uplink` as one COPY stream, columns in the order of UPLINK_COLUMNS."""
    return b"".join((HEADER, *map(_uplink, rows), TRAILER))


def _uplink(row: UplinkRow) -> bytes:
    (
        time_us, received_us, message_id, counter, device_time_us, device_id, payload_bytes, gateway_id, rssi_dbm,
        snr_db, airtime_ms, kind, offered, refused, quality, gateway_count, spreading_factor, link,
    ) = row  # fmt: skip
    if (  # what a native message with a link record looks like: one call instead of a dozen
        counter is not None
        and rssi_dbm is not None
        and snr_db is not None
        and link is None
        and device_time_us is gateway_id is quality is gateway_count is spreading_factor is None
        and airtime_ms is None
    ):
        return _PLAIN_UPLINK(
            18, 8, time_us - EPOCH_2000_US, 8, received_us - EPOCH_2000_US, 8, message_id, 8, counter, -1, 4, device_id,
            4, payload_bytes, -1, 4, round(rssi_dbm * 100), 4, round(snr_db * 100), -1, 2, kind, 2, offered, 2, refused,
            -1, -1, -1, -1,
        )  # fmt: skip
    return b"".join(
        (
            _UPLINK_TIMES(18, 8, time_us - EPOCH_2000_US, 8, received_us - EPOCH_2000_US, 8, message_id),
            _NULL if counter is None else _INT8(8, counter),
            _NULL if device_time_us is None else _INT8(8, device_time_us - EPOCH_2000_US),
            _TWO_INT4(4, device_id, 4, payload_bytes),
            _NULL if gateway_id is None else _INT4(4, gateway_id),
            _NULL if rssi_dbm is None else _INT4(4, round(rssi_dbm * 100)),
            _NULL if snr_db is None else _INT4(4, round(snr_db * 100)),
            _NULL if airtime_ms is None else _REAL(4, airtime_ms),
            _THREE_INT2(2, kind, 2, offered, 2, refused),
            _NULL if quality is None else _INT2(2, quality),
            _NULL if gateway_count is None else _INT2(2, gateway_count),
            _NULL if spreading_factor is None else _INT2(2, spreading_factor),
            _NULL if link is None else _LENGTH(len(link) + 1) + b"\x01" + link,  # jsonb version 1
        )
    )
