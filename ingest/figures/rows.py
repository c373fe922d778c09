"""Reads rows of a table: a page after a position, or the whole selection in batches, in the order of the table's key.

Devices are read one after the other, and within a device one series after the other: the unique index
(device_id, quantity_id, channel, time) leads to the first row of a page, and of an old columnstore chunk only what
belongs to the device is opened. A query with few rows makes the next one ask for more devices, one with many for fewer.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, LiteralString

from psycopg import Connection, Cursor, Error, sql
from psycopg.rows import scalar_row

from ingest.figures.table import Position, Row, Selection

BATCH_ROWS = 10_000
"""Rows in memory at a time, while a whole selection is read."""

_WIDEST = 256
_FEW, _MANY = 50_000, 400_000


def page(connection: Connection[Any], selection: Selection, after: Position | None, limit: int) -> list[Row]:
    """The first `limit` rows after the position, fewer only if there are no more."""
    rows: list[Row] = []
    device_id = 0
    if after is not None:
        device_id = after[0]
        if _devices(connection, selection, device_id - 1, 1) == [device_id]:
            rows += _read(connection, selection, [device_id], limit, within=after)
            if selection.table.series and len(rows) < limit:
                rows += _read(connection, selection, [device_id], limit - len(rows), beyond=after)
    width = 1
    while len(rows) < limit:
        devices = _devices(connection, selection, device_id, width)
        if not devices:
            break
        rows += _read(connection, selection, devices, limit - len(rows))
        device_id, width = devices[-1], min(width * 4, _WIDEST)
    return rows


def batches(connection: Connection[Any], selection: Selection, batch_rows: int = BATCH_ROWS) -> Iterator[list[Row]]:
    """Every row of the selection; times as microseconds since 1970. Client and server hold one batch at most.

    Each group of devices is read as of one moment, in a transaction of its own.
    """
    device_id, width = 0, 1
    while devices := _devices(connection, selection, device_id, width):
        query, values = statement(selection, devices, epoch=True)
        count = 0
        with connection.transaction(), connection.cursor("noroshi_rows") as cursor:
            cursor.execute(query, values, binary=True)
            while rows := cursor.fetchmany(batch_rows):
                count += len(rows)
                yield rows
        device_id, width = devices[-1], _next_width(width, count)


def cancel(connection: Connection[Any]) -> None:
    """Cancel the query on this connection, from another thread. The thread that waits for it gets an error."""
    with suppress(Error):  # the connection is gone, or out of reach: then its time-out ends the query
        connection.cancel_safe(timeout=5.0)


def _next_width(width: int, count: int) -> int:
    if count < _FEW:
        return min(width * 4, _WIDEST)
    return max(width // 4, 1) if count > _MANY else width


def _devices(connection: Connection[Any], selection: Selection, after: int, limit: int) -> list[int]:
    """The next device ids of the selection."""
    query = """
        select device_id from device join project using (project_id)
        where device_id > %(after)s and (%(project)s::text is null or project.code = %(project)s)
          and (%(devices)s::text[] = '{}' or device.code = any(%(devices)s::text[]))
        order by device_id limit %(limit)s
    """
    values = {"after": after, "project": selection.project, "devices": list(selection.devices), "limit": limit}
    with connection.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(query, values).fetchall()


def _read(
    connection: Connection[Any],
    selection: Selection,
    devices: Sequence[int],
    limit: int,
    *,
    within: Position | None = None,
    beyond: Position | None = None,
) -> list[Row]:
    query, values = statement(selection, devices, within=within, beyond=beyond)
    query += sql.SQL(" limit %(limit)s")
    cursor: Cursor[Row] = connection.cursor()
    # Planned anew each time: the values decide which chunks are read.
    return cursor.execute(query, values | {"limit": limit}, prepare=False).fetchall()


def statement(
    selection: Selection,
    devices: Sequence[int],
    *,
    within: Position | None = None,
    beyond: Position | None = None,
    epoch: bool = False,
) -> tuple[sql.Composed, dict[str, Any]]:
    """The query for the rows of these devices, in order, and its values.

    `within`: only the rest of the series in which this position is. `beyond`: only the series after it. `epoch`: times
    as microseconds since 1970, for callers that read millions.
    """
    table = selection.table
    start, end = selection.bounds
    values: dict[str, Any] = {"start": start, "end": end}
    conditions = [
        _one_of("device_id", list(devices), values),
        *([_one_of("quantity_id", list(selection.quantities), values)] if selection.quantities else []),
        *([_one_of("channel", list(selection.channels), values)] if selection.channels else []),
        sql.SQL("{0} >= %(start)s and {0} < %(end)s").format(sql.Identifier(table.time)),
    ]
    behind = 1 + len(table.series)
    order = table.key
    if within is not None:
        values["start"] = max(start, within[behind])
        order = table.key[behind:]  # by time alone, so that chunks are opened one after the other
        conditions += [_one_of(name, [value], values) for name, value in zip(table.series, within[1:], strict=False)]
        conditions.append(_greater((table.time, *table.tail), within[behind:], values))
    if beyond is not None:
        conditions.append(_greater(table.series, beyond[1:behind], values))
    query = sql.SQL("select {} from {} where {} order by {}").format(
        sql.SQL(", ").join(_column(name, epoch=epoch and name in table.moments) for name in table.all_columns),
        sql.Identifier(table.relation) if table.of_devices is None else _of_devices(table.of_devices, devices, values),
        sql.SQL(" and ").join(conditions),
        sql.SQL(", ").join(sql.Identifier(name) for name in order),
    )
    return query, values


def _of_devices(function: LiteralString, devices: Sequence[int], values: dict[str, Any]) -> sql.Composed:
    """The call of a function that gives the rows of these devices from `start` to `end`."""
    values["of_devices"] = list(devices)
    return sql.SQL("{}(%(of_devices)s::int[], %(start)s, %(end)s)").format(sql.Identifier(function))


def _column(name: str, *, epoch: bool) -> sql.Composable:
    text = "(extract(epoch from {}) * 1000000)::bigint" if epoch else "{}"
    return sql.SQL(text).format(sql.Identifier(name))


def _one_of(name: str, wanted: list[Any], values: dict[str, Any]) -> sql.Composed:
    """The condition that `name` is one of these. A single one is an equation, with which an index keeps its order."""
    place = f"{name}_{len(values)}"
    values[place] = wanted[0] if len(wanted) == 1 else wanted
    operator = "{} = {}" if len(wanted) == 1 else "{} = any({})"
    return sql.SQL(operator).format(sql.Identifier(name), sql.Placeholder(place))


def _greater(names: Sequence[str], position: Sequence[Any], values: dict[str, Any]) -> sql.Composed:
    """The condition that these columns, as one row, are greater than the position: a form that an index supports."""
    places = [f"after_{name}" for name in names]
    values.update(zip(places, position, strict=True))
    return sql.SQL("({}) > ({})").format(
        sql.SQL(", ").join(map(sql.Identifier, names)), sql.SQL(", ").join(map(sql.Placeholder, places))
    )
