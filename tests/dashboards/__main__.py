"""`python -m tests.dashboards --database URL`: how long each panel's query takes on this database, all of it chosen."""

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from statistics import median
from typing import Any

import click
import psycopg
from psycopg import Connection

from tests.dashboards.documents import POSTGRESQL, expand_sql, questions

TIMES = 5
Chosen = Mapping[str, Sequence[str]]


@click.command()
@click.option("--database", required=True, metavar="URL", help="Migrated and filled; it is only read")
@click.option("--only", default="", metavar="TEXT", help="Queries that have this in their names")
def main(database: str, only: str) -> None:
    """The median of some runs on a warm cache, and how many rows were the answer."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("set jit = off")  # as for the role that Grafana reads with
        every = _everything(connection)
        for question in questions(POSTGRESQL):
            if only in question.where:
                alone = _of_one(every) if question.where.startswith("device:") else every
                ms, rows = _timed_ms(connection, question.text, alone)
                click.echo(f"{ms:>9,.0f} ms {rows:>7,} rows  {question.where}")


def _everything(connection: Connection[Any]) -> Chosen:
    columns = {
        "project": "select code from project union all select '-'",
        "network": "select code from network",
        "gateway": "select code from gateway union all select '-'",
        "device": "select code from device order by 1",
        "quantity": "select code from quantity where code in ('air_temperature', 'soil_moisture', 'river_level')",
    }
    return {"base": ["10"]} | {
        name: [code for (code,) in connection.execute(query.encode())] for name, query in columns.items()
    }


def _of_one(every: Chosen) -> Chosen:
    return {**every, "project": every["project"][:1], "device": every["device"][1:2]}


def _timed_ms(connection: Connection[Any], text: str, chosen: Chosen) -> tuple[float, int]:
    taken_ms: list[float] = []
    rows = 0
    for _ in range(TIMES):
        started = time.perf_counter()
        rows = len(connection.execute(expand_sql(text, chosen, datetime.now(UTC)).encode()).fetchall())
        taken_ms.append((time.perf_counter() - started) * 1000)
    return median(taken_ms), rows


if __name__ == "__main__":
    main()
