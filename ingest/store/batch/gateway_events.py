"""What gateways say about themselves, into its table: few messages, so the text form of COPY will do."""

from collections.abc import Iterable
from typing import Any

from psycopg import Cursor

from ingest.rows import GatewayRow
from ingest.store.batch import statements
from schemas.japan import to_datetime


def copy_gateway_events(cursor: Cursor[Any], statement: str, rows: Iterable[GatewayRow]) -> None:
    """COPY the rows by this statement."""
    with cursor.copy(statement) as copy:
        for time_us, received_us, *columns, more in rows:
            text = None if more is None else more.decode()
            copy.write_row((to_datetime(time_us), to_datetime(received_us), *columns, text))


def merge_gateway_events(cursor: Cursor[Any], rows: Iterable[GatewayRow]) -> set[tuple[int, int, int]]:
    """Store what is not there yet; returns (gateway_id, time, message_id) of what was new."""
    copy_gateway_events(cursor, statements.COPY_INCOMING_GATEWAY_EVENTS, rows)
    return set(cursor.execute(statements.MERGE_GATEWAY_EVENTS).fetchall())
