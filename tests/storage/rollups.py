"""The sums brought up to date, timed."""

import time
from datetime import datetime

import psycopg
from psycopg import sql

from ingest.store.rollup import rollup
from ingest.store.timescale import ROLLUPS


def advance(url: str) -> float:
    """Everything that is over and due, as the service does it; returns the seconds it took."""
    started = time.perf_counter()
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
        connection.execute("set jit = off")
        rollup.keep(connection)
    return time.perf_counter() - started


def forget(url: str, since: datetime) -> None:
    """As if nothing from `since` on had been summed up: what is COPYed beneath the service is not noted as late."""
    with psycopg.connect(url) as connection:
        for table, (column, _) in ROLLUPS.items():
            delete = sql.SQL("delete from {} where {} >= %s").format(sql.Identifier(table), sql.Identifier(column))
            connection.execute(delete, (since,))
        connection.execute(
            "update rollup_state set materialised_until = %(since)s, closing_until = %(since)s"
            " where materialised_until > %(since)s",
            {"since": since},
        )
