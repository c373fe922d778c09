"""Reads rows of a figure as frozen objects. Columns must match the fields by name, or reading fails."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, LiteralString, TypeAlias, TypeVar

from psycopg import Connection
from psycopg.rows import class_row

Row = TypeVar("Row")

Database: TypeAlias = Connection[Any]
"""A connection, for rooms that only pass one on and must not import psycopg."""


@contextmanager
def snapshot(connection: Database) -> Iterator[None]:
    """A transaction in which several figures are of one moment. For reports, which may take long.

    The connection must not be within a transaction yet.
    """
    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read, read only")
        connection.execute("set local statement_timeout = '30min'")
        yield


def fetch(
    connection: Connection[Any], row: type[Row], query: LiteralString, values: Mapping[str, object] | None = None
) -> list[Row]:
    """Every row of the query, each made into a `row` by column name. Raises TypeError if the names differ."""
    with connection.cursor(row_factory=class_row(row)) as cursor:
        return cursor.execute(query, values).fetchall()


def fetch_one(
    connection: Connection[Any], row: type[Row], query: LiteralString, values: Mapping[str, object] | None = None
) -> Row | None:
    """The first row of the query, or None if it has none."""
    with connection.cursor(row_factory=class_row(row)) as cursor:
        return cursor.execute(query, values).fetchone()
