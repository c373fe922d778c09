"""Does COMMIT mean what it promises on this server, who looks at us, and what does its clock say?"""

import time
from datetime import UTC, datetime
from typing import Any, LiteralString, NamedTuple

from psycopg import Connection

from ingest.store.database import translated


class Durability(NamedTuple):
    """What a COMMIT outlasts. `switched_off`: settings that give that up; `read_only`: nothing can be written."""

    switched_off: list[str]
    read_only: bool


class Link(NamedTuple):
    """The connection itself. `local`: it does not leave this machine. `verified`: the server has to prove its name."""

    tls: bool
    local: bool
    verified: bool
    password_used: bool


class Clock(NamedTuple):
    """The server's clock against ours, and how exact that can be known: half a round trip."""

    ahead_s: float
    uncertain_s: float


_DURABILITY: LiteralString = """
select array(
        select name from pg_settings
        where name in ('fsync', 'full_page_writes', 'synchronous_commit') and setting = 'off' order by name
    ),
    pg_is_in_recovery() or current_setting('transaction_read_only') = 'on'
"""


def durability(connection: Connection[Any]) -> Durability:
    """What a COMMIT of a connection of ours outlasts."""
    with translated():
        return Durability(*(connection.execute(_DURABILITY).fetchone() or ([], False)))


def link(connection: Connection[Any]) -> Link:
    """How this connection reaches the server."""
    said = connection.info.get_parameters()
    host = connection.info.host or ""
    return Link(
        tls=connection.pgconn.ssl_in_use,
        local=host.startswith("/") or connection.info.hostaddr in {"127.0.0.1", "::1"},
        verified=said.get("sslmode") in {"verify-ca", "verify-full"},
        password_used=connection.pgconn.used_password,
    )


def clock(connection: Connection[Any]) -> Clock:
    """The server's clock, by the most exact of five round trips."""
    with translated():
        return min((_look(connection) for _ in range(5)), key=lambda seen: seen.uncertain_s)


def _look(connection: Connection[Any]) -> Clock:
    before_s = time.monotonic()
    ours = datetime.now(UTC)
    row = connection.execute("select clock_timestamp()").fetchone()
    assert row is not None  # a select without a from
    half_s = (time.monotonic() - before_s) / 2
    return Clock((row[0] - ours).total_seconds() - half_s, half_s)
