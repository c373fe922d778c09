"""Cursors: where the next page begins. Opaque to whoever hands them back; those handed out before stay good."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from datetime import date, datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

import orjson
from fastapi import HTTPException, Request

from ingest.figures.table import Position, Row, Selection, Table
from schemas.japan import to_datetime, to_us

_RANGES = {"device_id": 2**31, "quantity_id": 2**15, "channel": 2**15, "message_id": 2**63}


class RowCursor(NamedTuple):
    """A page of rows: the period of the first page, and the last row of the page before."""

    start: datetime
    end: datetime
    after: Position


def write_row_cursor(selection: Selection, row: Row) -> str:
    """The cursor of the page that begins behind this row."""
    position = row[: len(selection.table.key)]
    numbers = map(_to_number, (selection.start, selection.end, *position))
    return _encode(orjson.dumps([selection.table.relation, *numbers]))


def read_row_cursor(table: Table, text: str) -> RowCursor:
    """The cursor of this text. Raises a 422 for anything we did not write for this table."""
    try:
        relation, *numbers = orjson.loads(_decode(text))
        if relation != table.relation:
            raise ValueError("of another table")
        start, end, *after = numbers
        position = tuple(_to_value(table, name, number) for name, number in zip(table.key, after, strict=True))
        return RowCursor(to_datetime(start), to_datetime(end), position)
    except (Base64Error, ValueError, TypeError, OverflowError, KeyError):
        raise _refusal() from None


def write_device_cursor(project: str, device: str) -> str:
    """The cursor of the page that begins behind this device."""
    return _encode(f"{project}/{device}".encode())


def read_device_cursor(text: str) -> tuple[str, str]:
    """The project and device a cursor points behind. Raises a 422 for anything we did not write."""
    try:
        project, slash, device = _decode(text).decode().partition("/")
    except (Base64Error, ValueError):
        raise _refusal() from None
    if not slash:
        raise _refusal()
    return project, device


def next_address(request: Request, cursor: str) -> str:
    """The address of the next page: the same question, with a cursor."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    return f"{request.url.path}?{urlencode([*kept, ('cursor', cursor)])}"


def link_header(address: str) -> str:
    """The Link header (RFC 8288) that leads to the next page."""
    return f'<{address}>; rel="next"'


def _encode(text: bytes) -> str:
    return urlsafe_b64encode(text).decode().rstrip("=")


def _decode(cursor: str) -> bytes:
    return urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))


def _refusal() -> HTTPException:
    return HTTPException(422, "cursor: invalid; use next_cursor of the previous page unchanged.")


def _to_number(value: Any) -> int:
    if isinstance(value, datetime):
        return to_us(value)
    return value.toordinal() if isinstance(value, date) else int(value)


def _to_value(table: Table, name: str, number: object) -> int | datetime | date:
    if type(number) is not int:
        raise TypeError(name)
    if name == table.time:
        return date.fromordinal(number) if table.days else to_datetime(number)
    if not -_RANGES[name] <= number < _RANGES[name]:
        raise OverflowError(name)
    return number
