"""The databases of the bench: created for a run, queried at its end, dropped."""

from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from ingest.bench.load import registry_document
from ingest.store import timescale
from ingest.store.registry import registry
from ingest.store.schema import migrate

BENCH, COPY = "noroshi_bench", "noroshi_bench_copy"


def database_url(server_url: str, name: str) -> str:
    """The URL of another database on the same server."""
    return urlsplit(server_url)._replace(path=f"/{name}").geturl()


def make(server_url: str, name: str) -> timescale.Server:
    """Create a database with our tables and the devices of the load."""
    drop(server_url, name)
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    with psycopg.connect(database_url(server_url, name)) as connection:
        migrate.upgrade(connection)
        registry.apply(connection, registry.plan(connection, registry_document()))
        connection.commit()
        return timescale.ask(connection)


def drop(server_url: str, name: str) -> None:
    """Drop the database."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def first_receipt_s(url: str) -> float:
    """When the first message was received, in seconds since 1970."""
    return float(_one(url, "select extract(epoch from min(received_at)) from uplink"))


def commit_latency_ms(url: str, since_ms: int) -> tuple[float, float] | None:
    """p50 and p99 from publishing (the time in the payload) to the COMMIT; None if the server keeps no commit times."""
    with psycopg.connect(url) as connection:
        if connection.execute("show track_commit_timestamp").fetchone() != ("on",):
            return None
        row = connection.execute(
            """
            select percentile_cont(array[0.5, 0.99]) within group (
                order by extract(epoch from pg_xact_commit_timestamp(xmin) - time)
            ) from uplink_packed where time >= to_timestamp(%s / 1000.0)
            """,
            (since_ms,),
        ).fetchone()
    assert row is not None  # an aggregate answers one row
    return row[0][0] * 1000, row[0][1] * 1000


def _one(url: str, query: str) -> Any:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
        assert row is not None  # an aggregate answers one row
        return row[0]
