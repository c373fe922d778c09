"""Writes a hand-over into the database: codes become ids, rows go in by COPY, all of it or nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, LiteralString

from psycopg import Connection, sql
from psycopg.types.json import Jsonb

from ingest.handover.column import Type
from ingest.handover.database.watch import number_conditions
from ingest.handover.part import Part
from ingest.rows import ReadingRow, UplinkRow
from ingest.store.batch import statements
from ingest.store.batch.pack import pack_readings, pack_uplinks
from ingest.store.registry.registry import LOCK
from ingest.store.registry.rows import NAME_STATES
from ingest.store.timescale import HYPERTABLES

Ids = Mapping[Any, int]
"""Code, or number of a row -> id."""


@contextmanager
def whole(connection: Connection[Any]) -> Iterator[None]:
    """A transaction without a time limit, in which nobody else can change the registry."""
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s)", (LOCK,))
        connection.execute("set local statement_timeout = 0")
        yield


def is_in_use(connection: Connection[Any], project: str) -> bool:
    """Whether the project has a device, a plan or a report, or has ever received anything."""
    query = """
        select exists (select from device where device.project_id = project.project_id)
            or exists (select from tally where tally.project_id = project.project_id)
            or exists (select from plan_version where plan_version.project_id = project.project_id)
            or exists (select from measure where measure.project_id = project.project_id)
            or exists (select from report where report.project_id = project.project_id)
            or exists (select from report_text where report_text.project_id = project.project_id)
            or exists (select from watch_document where watch_document.project_id = project.project_id)
            or exists (select from watch_incident where watch_incident.project_id = project.project_id)
        from project where code = %s
    """
    return connection.execute(query, (project,)).fetchone() == (True,)


def ids(connection: Connection[Any], kind: str, project: str) -> Ids:
    """Code -> id of one kind. Of devices and own quantities only the project's; of the other kinds all."""
    query = sql.SQL("select code, {id} from {table} where {mine}").format(
        id=sql.Identifier(f"{kind}_id"),
        table=sql.Identifier(kind),
        mine=sql.SQL(_MINE.get(kind, "%(project)s::text is not null")),
    )
    return dict(connection.execute(query, {"project": project}).fetchall())


_PROJECT: LiteralString = "(select project_id from project where project.code = %(project)s)"
_MINE: Mapping[str, LiteralString] = {
    "device": f"project_id = {_PROJECT}",
    "quantity": f"of_project_id is null or of_project_id = {_PROJECT}",
}


def reserve(connection: Connection[Any], part: Part, count: int) -> Ids:
    """New ids for the rows 1, 2, ... of a numbered part, in the same order. Rows may refer to later ones of theirs."""
    connection.execute("set constraints all deferred")
    query = "select nextval(pg_get_serial_sequence(%s, %s)) from generate_series(1, %s) order by 1"
    values = (part.name, part.column(part.numbered).target, count)
    found = connection.execute(query, values).fetchall()
    return {number: id_ for number, (id_,) in enumerate(found, start=1)}


def forget_placements(connection: Connection[Any], devices: Iterable[int]) -> None:
    """Delete what the registry noted about the new devices: their history comes with them."""
    connection.execute("delete from device_placement where device_id = any(%s)", ([*devices],))


def register(connection: Connection[Any], part: Part, records: Iterable[Sequence[object]]) -> None:
    """Insert rows of the registry. One that conflicts with an old row is left out: the caller checks afterwards."""
    statement = sql.SQL("insert into {} ({}) values ({}) on conflict do nothing").format(
        sql.Identifier(part.name), _columns(part), sql.SQL(", ").join(sql.Placeholder() * len(part.columns))
    )
    kinds = [column.type for column in part.columns]
    with connection.cursor() as cursor:
        cursor.executemany(statement, ([*map(_adapted, record, kinds)] for record in records))


def _adapted(value: object, kind: Type) -> object:
    return Jsonb(value, dumps=str) if kind is Type.JSON and value is not None else value


def copy_rows(connection: Connection[Any], part: Part, records: Iterable[Sequence[object]]) -> None:
    """Copy rows of any other part, in the order of its columns."""
    statement = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(part.name), _columns(part))
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for record in records:
            copy.write_row(record)


def copy_readings(connection: Connection[Any], records: Iterable[ReadingRow]) -> None:
    """Copy rows of `reading`, packed as the service packs them."""
    with connection.cursor() as cursor, cursor.copy(statements.COPY_READINGS) as copy:
        copy.write(pack_readings(records))


def copy_uplinks(connection: Connection[Any], records: Iterable[UplinkRow]) -> None:
    """Copy rows of `uplink`, packed as the service packs them."""
    with connection.cursor() as cursor, cursor.copy(statements.COPY_UPLINKS) as copy:
        copy.write(pack_uplinks(records))


def _columns(part: Part) -> sql.Composable:
    into = (column.target for column in part.columns if column.name not in part.left_out)
    return sql.SQL(", ").join(map(sql.Identifier, into))


def finish(connection: Connection[Any], devices: Iterable[int]) -> None:
    """Notify the service of the changed registry, update the planner's statistics, and mark rollups as due."""
    connection.execute("update registry_state set version = version + 1, changed_at = now()")
    connection.execute(NAME_STATES)
    number_conditions(connection)
    connection.execute(sql.SQL("analyze {}").format(sql.SQL(", ").join(map(sql.Identifier, HYPERTABLES))))
    touch = "rollup_touch(integer, timestamptz, timestamptz)"
    if connection.execute("select to_regprocedure(%s) is not null", (touch,)).fetchone() == (True,):
        for device in devices:
            connection.execute(_TOUCH, {"device": device})


# Exactly the span in which a device has messages or readings.
_TOUCH = """
select rollup_touch(device_id, min(time), max(time) + interval '1 microsecond')
from (
    select device_id, time from uplink where device_id = %(device)s
    union all
    select device_id, time from reading where device_id = %(device)s
) as stored
group by device_id
"""
