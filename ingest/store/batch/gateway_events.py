"""What gateways say about themselves, into its table: few messages, so the text form of COPY will do."""

from collections.abc import Sequence
from time import time
from typing import Any

from psycopg import Cursor

from ingest.rows import GatewayRow
from ingest.store.batch import statements
from schemas.gateway_report import GatewayEventKind
from schemas.japan import to_datetime

_OF_DOWNLINKS = frozenset({int(GatewayEventKind.ACK), int(GatewayEventKind.COMMAND)})
_LATE_US = 300 * 1_000_000
"""What is stored sooner is seen by the watch without a note: it looks at two hours again and again."""
_DAY_US = 86_400 * 1_000_000


def copy_gateway_events(cursor: Cursor[Any], statement: str, rows: Sequence[GatewayRow]) -> None:
    """COPY the rows by this statement. Answers and commands that are stored late are noted for the watch."""
    with cursor.copy(statement) as copy:
        for time_us, received_us, *columns, more in rows:
            text = None if more is None else more.decode()
            copy.write_row((to_datetime(time_us), to_datetime(received_us), *columns, text))
    _note_late(cursor, rows)


def merge_gateway_events(cursor: Cursor[Any], rows: Sequence[GatewayRow]) -> set[tuple[int, int, int]]:
    """Store what is not there yet; returns (gateway_id, time, message_id) of what was new."""
    copy_gateway_events(cursor, statements.COPY_INCOMING_GATEWAY_EVENTS, rows)
    return set(cursor.execute(statements.MERGE_GATEWAY_EVENTS).fetchall())


def _note_late(cursor: Cursor[Any], rows: Sequence[GatewayRow]) -> None:
    before_us = int(time() * 1e6) - _LATE_US
    late = [row for row in rows if row.kind in _OF_DOWNLINKS and row.time_us < before_us]
    if not late:
        return
    spans: dict[tuple[int, int], tuple[int, int]] = {}
    for row in late:
        key = row.gateway_id, row.time_us // _DAY_US
        first, last = spans.get(key, (row.time_us, row.time_us))
        spans[key] = min(first, row.time_us), max(last, row.time_us)
    gateways, starts, ends = zip(*((key[0], *span) for key, span in spans.items()), strict=True)
    moments = [[to_datetime(each) for each in every] for every in (starts, ends)]
    cursor.execute(statements.NOTE_LATE_DOWNLINKS, (list(gateways), *moments))
