"""Many rows by one statement: each column travels as one array."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any


def insert_of(table: str, columns: Mapping[str, str]) -> str:
    """An INSERT whose parameters are what `arrays` makes of its rows. `columns`: their SQL types by their names.

    The rows are added in their order, so that a later one has a greater number. Add `on conflict` and `returning`.
    """
    names = ", ".join(columns)
    values = ", ".join(f"%s::{type_name}[]" for type_name in columns.values())
    return (
        f"insert into {table} ({names}) select {names}"  # noqa: S608  made of constants
        f" from unnest({values}) with ordinality as added ({names}, place) order by place"
    )


def arrays(rows: Collection[Sequence[Any]]) -> list[list[Any]]:
    """The columns of rows. Values of one column are of one Python type, or None. At least one row."""
    return [list(column) for column in zip(*rows, strict=True)]
