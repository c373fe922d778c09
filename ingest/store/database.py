"""Connections, and what an error of the database means for the caller."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import psycopg
from psycopg import Connection
from psycopg.abc import RV, PQGen
from psycopg.pq import Conninfo
from psycopg_pool import ConnectionPool

from ingest.errors import BatchRefused, NoroshiError, StoreTooSlow, StoreUnavailable, StoreUnfit
from ingest.settings.model import DatabaseSettings
from ingest.store.wall import take_pages_role
from ingest.telemetry.health import NO_CONNECTION
from schemas.bilingual import Bilingual, quoted

Database: TypeAlias = Connection[Any]
"""A connection, for rooms that pass one on and know nothing else of the driver."""

Rollback = psycopg.Rollback
"""Raised inside a block `with connection.transaction():`, it takes back what was done in it and goes no further."""

APPLICATION_NAME = "noroshi"
OLDEST_POSTGRESQL = 16
"""The oldest major version whose SQL the figures and the migrations are written in, and which the tests run on."""


class WatchedConnection(Connection[Any]):
    """A connection that is given up when nothing is heard from the server for `silence_s`, whatever TCP believes.

    A firewall or a pooler may forget a connection and go on confirming what is sent on it. Any progress counts as a
    sign of life, so a slow link may take its time. A statement is cut off by the server before it lasts so long.
    """

    silence_s = inf

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Override of the driver: it waits for the server by this method only."""
        return super().wait(self._listening(gen), interval, timeout)

    def _listening(self, gen: PQGen[RV]) -> PQGen[RV]:
        heard_s = time.monotonic()
        try:
            waits_for = next(gen)
            while True:
                ready = yield waits_for
                if ready:
                    heard_s = time.monotonic()
                elif time.monotonic() - heard_s > self.silence_s:
                    self.pgconn.finish()  # so that a ROLLBACK on the way out fails at once, too
                    raise psycopg.OperationalError(
                        f"no sign of life from the server for {self.silence_s:g} s: connection given up"
                    )
                waits_for = gen.send(ready)
        except StopIteration as end:
            result: RV = end.value
            return result


def connect(settings: DatabaseSettings, *, autocommit: bool = False, watched: bool = False) -> WatchedConnection:
    """Open a connection in UTC. Raises StoreUnavailable saying which setting, what was tried, what to do.

    Raises StoreUnfit for a server of a version that is too old.

    `watched`: for the running service, which must not wait for a silent server; not for work that lifts the time-out
    of statements.
    """
    quiet: dict[str, Any] = _keepalives(settings)
    try:
        connection = WatchedConnection.connect(
            settings.url,
            autocommit=autocommit,
            connect_timeout=settings.connect_timeout_s,
            application_name=APPLICATION_NAME,
            options=_session_options(settings),
            tcp_user_timeout=settings.tcp_timeout_s * 1000,
            **quiet,
        )
    except psycopg.OperationalError as error:
        where, because = describe(settings.url), first_line(error)
        raise StoreUnavailable(
            Bilingual(f"database.url: {where} につながりません: {because}", f"{NO_CONNECTION} to {where}: {because}")
        ) from error
    old = too_old(connection.info.server_version)
    if old is not None:
        connection.close()
        where = describe(settings.url)
        raise StoreUnfit(Bilingual(f"database.url: {where}: {old.ja}", f"database.url: {where}: {old.en}"))
    if watched:
        connection.silence_s = settings.statement_timeout_s + settings.silence_margin_s
    return connection


def too_old(server_version_num: int) -> Bilingual | None:
    """Why a server of this version (`server_version_num`) cannot be used, and what to do; None if it can."""
    major, minor = divmod(server_version_num, 10_000)
    if major >= OLDEST_POSTGRESQL:
        return None
    version = f"{major}.{minor}" if major >= 10 else f"{major}.{minor // 100}.{minor % 100}"
    return Bilingual(
        f"PostgreSQL {version} は古すぎます({OLDEST_POSTGRESQL} 以上が必要)。"
        "pg_upgrade か dump / restore で新しくするか、新しいサーバーを database.url に書いてください",
        f"PostgreSQL {version} is too old, {OLDEST_POSTGRESQL} or newer is needed:"
        " upgrade the server (pg_upgrade, or dump and restore), or let database.url name a newer one",
    )


def _keepalives(settings: DatabaseSettings) -> dict[str, int]:
    """Half of `tcp_timeout_s` without a probe, then three probes in the other half."""
    third = settings.tcp_timeout_s // 3
    return {"keepalives_idle": settings.tcp_timeout_s // 2, "keepalives_interval": third // 2, "keepalives_count": 3}


def _session_options(settings: DatabaseSettings) -> str:
    options = {
        "statement_timeout": settings.statement_timeout_s * 1000,
        "timezone": "UTC",
        "client_min_messages": "warning",
        "jit": "off",  # the price of corrections is guessed far too high: compiling would outlast the reading
        # An old backfill into compressed chunks would otherwise be refused for ever. Plain PostgreSQL ignores it.
        "timescaledb.max_tuples_decompressed_per_dml_transaction": 0,
    }
    # The server too must notice that we are gone, or it keeps our locks for hours.
    options |= {f"tcp_{name}": value for name, value in _keepalives(settings).items()}
    return " ".join(f"-c {name}={value}" for name, value in options.items())


def open_pool(
    settings: DatabaseSettings, *, max_size: int, statement_timeout_s: int = 15
) -> ConnectionPool[Connection[Any]]:
    """A small pool for the pages, read-only. It opens connections when they are asked for, and heals by itself.

    Where the database has a wall between organisations, its connections are behind it: they see nothing before
    `ingest.store.wall.Wall` says what.
    """
    options = f"-c statement_timeout={statement_timeout_s * 1000} -c default_transaction_read_only=on"
    return _open_pool(settings, max_size, options, _reading_target(settings.url), take_pages_role)


def open_access_pool(settings: DatabaseSettings, *, max_size: int = 4) -> ConnectionPool[Connection[Any]]:
    """A small pool for the room `access`, which writes sessions, attempts and the audit log."""
    return _open_pool(settings, max_size, "-c statement_timeout=15000", {}, None)


def _open_pool(
    settings: DatabaseSettings, max_size: int, options: str, target: dict[str, str],
    configure: Callable[[Connection[Any]], None] | None,
) -> ConnectionPool[Connection[Any]]:  # fmt: skip
    return ConnectionPool(
        settings.url,
        min_size=0,
        max_size=max_size,
        timeout=settings.connect_timeout_s,
        configure=configure,
        kwargs={
            **target,
            "autocommit": True,
            "connect_timeout": settings.connect_timeout_s,
            "application_name": f"{APPLICATION_NAME} web",
            "options": f"{options} -c timezone=UTC -c jit=off",
        },
        open=True,
    )


def describe(url: str) -> str:
    """The URL without its password: fit for logs and summaries. It may name several hosts."""
    parts = urlsplit(url)
    account, _, hosts = parts.netloc.rpartition("@")
    user = f"{account.partition(':')[0]}@" if account else ""
    query = f"?{parts.query}" if parts.query and "password" not in parts.query else ""
    return f"{parts.scheme}://{user}{hosts}{parts.path}{query}"


def hosts_of(url: str) -> list[tuple[str, int]]:
    """The servers a URL names, in its order. A name that begins with / is a socket of this machine; none: the usual."""
    named = _options(url)
    hosts = (named.get("host") or "").split(",")
    ports = (named.get("port") or "5432").split(",")
    ports = ports * len(hosts) if len(ports) == 1 else ports
    return [(host, int(port or 5432)) for host, port in zip(hosts, ports, strict=False)]


def _options(url: str) -> dict[str, str]:
    """What a URL says, as libpq reads it."""
    return {part.keyword.decode(): part.val.decode() for part in Conninfo.parse(url.encode()) if part.val is not None}


def _reading_target(url: str) -> dict[str, str]:
    """A session that only reads is not read-write: where the URL demands that, the same server is asked for.

    Else the driver would refuse every server because of the session that we ourselves make read-only.
    """
    target = _options(url).get("target_session_attrs") or os.environ.get("PGTARGETSESSIONATTRS")
    return {"target_session_attrs": "primary"} if target == "read-write" else {}


def certificate_files(url: str) -> dict[str, Path]:
    """The certificates that a connection to this database uses, by role, where the URL or PGSSL... names them."""
    named = {part.keyword.decode(): part.val for part in Conninfo.parse(url.encode())}
    defaults = {part.keyword.decode(): part.val for part in Conninfo.get_defaults()}
    found = {
        role: named.get(option) or defaults.get(option)
        for role, option in (("database_ca", "sslrootcert"), ("database_client", "sslcert"))
    }
    return {role: Path(value.decode()) for role, value in found.items() if value and value != b"system"}


def first_line(error: Exception) -> str:
    """The first line of what a server said, without the context that repeats our statement."""
    text = str(error).strip()
    return text.splitlines()[0] if text else type(error).__name__


def classify(error: psycopg.Error) -> NoroshiError:
    """What an error of the database means for a batch.

    Only SQLSTATE classes 22 (data exception) and 23 (integrity violation) are the data's own
    fault. A missing table, a read-only standby, a full disk, a time-out or a lost connection is
    ours: the batch is kept, and an operator must be told.
    """
    text = quoted(f"SQLSTATE {error.sqlstate}: {first_line(error)}" if error.sqlstate else first_line(error))
    if isinstance(error, psycopg.errors.QueryCanceled):
        return StoreTooSlow(text)
    own_fault = isinstance(error, (psycopg.DataError, psycopg.IntegrityError))
    return BatchRefused(text) if own_fault else StoreUnavailable(text)


@contextmanager
def translated() -> Iterator[None]:
    """Let no psycopg error out of the room untranslated."""
    try:
        yield
    except psycopg.Error as error:
        raise classify(error) from error
