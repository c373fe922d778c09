"""Rows of a figure as frozen objects: the columns are the fields, so that the two cannot drift apart."""

from collections.abc import Mapping
from typing import Any, LiteralString, TypeVar

from psycopg import Connection
from psycopg.rows import class_row

Row = TypeVar("Row")


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
