"""Reads the rows of a hand-over: by code instead of id, in a fixed order, from one snapshot."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from importlib.resources import files
from typing import Any, NamedTuple

from psycopg import sql

from ingest.handover.column import Type
from ingest.handover.part import Part
from ingest.store.database import Database
from ingest.store.timescale import HYPERTABLES

Row = tuple[Any, ...]

NEVER, FOR_EVER = "-infinity", "infinity"


class Span(NamedTuple):
    """From `start` to before `end`: times or days as text, open if they are NEVER and FOR_EVER."""

    start: str = NEVER
    end: str = FOR_EVER

    @classmethod
    def of(cls, start: date | datetime | None, end: date | datetime | None) -> "Span":
        """The span between two times; None leaves that side open."""
        return cls(start.isoformat() if start else NEVER, end.isoformat() if end else FOR_EVER)


@contextmanager
def snapshot(connection: Database) -> Iterator[None]:
    """A read-only transaction that sees one moment, without a time limit. Must not be inside another transaction."""
    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read, read only")
        connection.execute("set local statement_timeout = 0")
        # All rows of each cursor are fetched, so the plan with the quickest first row would be the wrong one.
        connection.execute("set local cursor_tuple_fraction = 1")
        yield


def exists(connection: Database, part: Part) -> bool:
    """Whether this database has the table or view of the part."""
    return connection.execute("select to_regclass(%s) is not null", (part.name,)).fetchone() == (True,)


def limits(connection: Database, part: Part, project: str, span: Span) -> tuple[Any, Any] | None:
    """The first and the last time of the part within the span, or None if it has no row there."""
    column = sql.Identifier(part.time_of)
    query = sql.SQL("select min({0}), max({0}) from ({1}) as part where {2}").format(
        column, _query(part), _within(part)
    )
    found = connection.execute(query, {"project": project, **span._asdict()}).fetchone()
    return None if found is None or found[0] is None else (found[0], found[1])


def rows(connection: Database, part: Part, project: str, span: Span, at_once: int) -> Iterator[list[Row]]:
    """The rows of the part within the span, in the order of its key, never more than `at_once` in memory."""
    query = sql.SQL("select {} from ({}) as part where {} order by {}").format(
        sql.SQL(", ").join(map(sql.Identifier, part.names)), _query(part), _within(part), _order(part)
    )
    with connection.cursor(f"handover_{part.name}", binary=True) as cursor:
        cursor.execute(query, {"project": project, **span._asdict()})
        while found := cursor.fetchmany(at_once):
            yield found


def _query(part: Part) -> sql.SQL:
    folder = files("ingest.handover").joinpath("sql")
    return sql.SQL(folder.joinpath(f"{part.name}.sql").read_text(encoding="utf-8"))


def _within(part: Part) -> sql.Composable:
    if not part.time_of:
        return sql.SQL("true")
    kind = sql.SQL("date" if part.column(part.time_of).type is Type.DATE else "timestamptz")
    return sql.SQL("{0} >= %(start)s::{1} and {0} < %(end)s::{1}").format(sql.Identifier(part.time_of), kind)


def _order(part: Part) -> sql.Composable:
    return sql.SQL(", ").join(
        sql.SQL("{} {} nulls first").format(
            sql.Identifier(name), sql.SQL('collate "C"' if part.column(name).type is Type.TEXT else "")
        )
        for name in part.key
    )


class Head(NamedTuple):
    """The facts of a manifest about the database and its project."""

    schema_version: int
    postgresql: str
    name: str
    identity: dict[str, int]
    raw_from: datetime | None


def head(connection: Database, project: str) -> Head | None:
    """These facts; None if the registry has no such project."""
    project_row = connection.execute("select name from project where code = %s", (project,)).fetchone()
    if project_row is None:
        return None
    version = connection.execute("select max(version) from schema_migration").fetchone()
    server = connection.execute("show server_version").fetchone()
    gone = connection.execute(_LET_GO, (list(HYPERTABLES), project)).fetchone()
    return Head(
        schema_version=version[0] if version else 0,
        postgresql=server[0] if server else "?",
        name=project_row[0],
        identity=identity(connection, project),
        raw_from=gone[0] if gone else None,
    )


_LET_GO = """
select rollup_midnight(rollup_day_of(max(before)))
from retention_run join project using (project_id) where table_name = any(%s) and code = %s
"""


_COUNTS = (
    "stored", "duplicate", "quarantined", "readings_offered", "readings_stored", "readings_duplicate",
    "readings_conflict", "readings_quarantined", "payload_bytes",
)  # fmt: skip


def identity(connection: Database, project: str) -> dict[str, int]:
    """The account of the project since the beginning."""
    sums = sql.SQL(", ").join(sql.SQL("coalesce(sum({}), 0)::bigint").format(sql.Identifier(name)) for name in _COUNTS)
    query = sql.SQL("select {} from tally join project using (project_id) where code = %s").format(sums)
    found = connection.execute(query, (project,)).fetchone()
    return dict(zip(_COUNTS, found or (), strict=True))
