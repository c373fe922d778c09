"""Cursors: where the next page begins, and of which period. Opaque to whoever hands them back."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from datetime import date, datetime
from typing import Any, NamedTuple

import orjson
from fastapi import HTTPException

from ingest.figures.table import Position, Table
from schemas.japan import to_datetime, to_us

_RANGES = {"device_id": 2**31, "quantity_id": 2**15, "channel": 2**15, "message_id": 2**63}


class Cursor(NamedTuple):
    """The period of the first page, and the last row of the page before."""

    start: datetime
    end: datetime
    after: Position


def write(table: Table, cursor: Cursor) -> str:
    """The text of a cursor."""
    parts = [table.relation, *map(_number, (cursor.start, cursor.end, *cursor.after))]
    return urlsafe_b64encode(orjson.dumps(parts)).decode().rstrip("=")


def read(table: Table, text: str) -> Cursor:
    """The cursor of this text. Raises a 422 for anything we did not write for this table."""
    try:
        relation, *numbers = orjson.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if relation != table.relation:
            raise ValueError("of another table")
        start, end, *after = numbers
        position = tuple(_value(table, name, number) for name, number in zip(table.key, after, strict=True))
        return Cursor(to_datetime(start), to_datetime(end), position)
    except (Base64Error, ValueError, TypeError, OverflowError, KeyError):
        raise HTTPException(422, "cursor: take it from next_cursor of the page before, as it is.") from None


def _number(value: Any) -> int:
    if isinstance(value, datetime):
        return to_us(value)
    return value.toordinal() if isinstance(value, date) else int(value)


def _value(table: Table, name: str, number: object) -> int | datetime | date:
    if type(number) is not int:
        raise TypeError(name)
    if name == table.time:
        return date.fromordinal(number) if table.days else to_datetime(number)
    if not -_RANGES[name] <= number < _RANGES[name]:
        raise OverflowError(name)
    return number
