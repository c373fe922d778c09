"""Connections, and what an error of the database means for the caller."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg import Connection
from psycopg_pool import ConnectionPool

from ingest.errors import BatchRefused, NoroshiError, StoreUnavailable
from ingest.settings import DatabaseSettings

APPLICATION_NAME = "noroshi"


def connect(settings: DatabaseSettings, *, autocommit: bool = False) -> Connection[Any]:
    """Open a connection in UTC. Raises StoreUnavailable saying which setting, what was tried, what to do."""
    try:
        return psycopg.connect(
            settings.url,
            autocommit=autocommit,
            connect_timeout=settings.connect_timeout_s,
            application_name=APPLICATION_NAME,
            options=(
                f"-c statement_timeout={settings.statement_timeout_s * 1000} -c timezone=UTC"
                " -c client_min_messages=warning"
                # The server too must notice that we are gone, or it keeps our locks for hours.
                " -c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
            ),
            keepalives_idle=30,
            keepalives_interval=10,
            keepalives_count=3,
            tcp_user_timeout=30_000,
        )
    except psycopg.OperationalError as error:
        raise StoreUnavailable(
            f"database.url: no connection to {describe(settings.url)}: {first_line(error)}"
        ) from error


def open_pool(settings: DatabaseSettings, *, max_size: int) -> ConnectionPool[Connection[Any]]:
    """A small pool for readers, read-only. It opens connections when they are asked for, and heals by itself."""
    return ConnectionPool(
        settings.url,
        min_size=0,
        max_size=max_size,
        timeout=settings.connect_timeout_s,
        kwargs={
            "autocommit": True,
            "connect_timeout": settings.connect_timeout_s,
            "application_name": f"{APPLICATION_NAME} web",
            "options": "-c statement_timeout=15000 -c timezone=UTC -c default_transaction_read_only=on",
        },
        open=True,
    )


def describe(url: str) -> str:
    """The URL without its password: fit for logs and summaries."""
    parts = urlsplit(url)
    user = f"{parts.username}@" if parts.username else ""
    host = parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    query = f"?{parts.query}" if parts.query and "password" not in parts.query else ""
    return f"{parts.scheme}://{user}{host}{port}{parts.path}{query}"


def first_line(error: Exception) -> str:
    """The first line of what a server said, without the context that repeats our statement."""
    text = str(error).strip()
    return text.splitlines()[0] if text else type(error).__name__


def classify(error: psycopg.Error) -> NoroshiError:
    """What an error of the database means for a batch.

    Only SQLSTATE classes 22 (data exception) and 23 (integrity violation) are the data's own
    fault. A missing table, a read-only standby, a full disk, a time-out or a lost connection is
    ours: the batch is kept, and somebody must be told.
    """
    text = f"SQLSTATE {error.sqlstate}: {first_line(error)}" if error.sqlstate else first_line(error)
    own_fault = isinstance(error, (psycopg.DataError, psycopg.IntegrityError))
    return BatchRefused(text) if own_fault else StoreUnavailable(text)


@contextmanager
def translated() -> Iterator[None]:
    """Let no psycopg error out of the room untranslated."""
    try:
        yield
    except psycopg.Error as error:
        raise classify(error) from error
