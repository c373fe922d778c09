"""Everything of the plan of a project: one document, or one table for each thing, as Excel opens it."""

import csv
import io
import json
from collections.abc import Iterable
from typing import Any

from ingest.plan.export import database
from ingest.plan.export.database import TABLES, Table
from ingest.registry.write import BYTE_ORDER_MARK
from ingest.store.database import Database, translated
from schemas.foreign import plain_cell


def everything(connection: Database, project_id: int, code: str) -> dict[str, Any]:
    """All rows of the plan of a project, by table: what JSON and YAML can say.

    All of it is from one moment: `connection` must be in autocommit mode.
    """
    with translated(), database.one_moment(connection):
        found: dict[str, Any] = {"project": code}
        for table in TABLES:
            found[table.name] = list(database.rows(connection, table, project_id))
        return found


def tables(found: dict[str, Any]) -> dict[str, str]:
    """File name -> contents: a CSV for each table, with byte order mark; nested values are JSON in their cell."""
    return {f"{table.name}.csv": _csv(table, found[table.name]) for table in TABLES}


def _csv(table: Table, rows: Iterable[dict[str, Any]]) -> str:
    rows = list(rows)
    names = list(dict.fromkeys(name for row in rows for name in row)) or [f"{table.name}_id"]
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow(names)
    for row in rows:
        writer.writerow(_cell(row.get(name)) for name in names)
    return BYTE_ORDER_MARK + target.getvalue()


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return plain_cell(value)
        case _:
            return json.dumps(value, ensure_ascii=False)
