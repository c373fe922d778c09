"""The jobs that keep house beside the ingestion, one process at a time; what became of each is in `housekeeping_run`.

A job gets a connection of its own in autocommit mode and keeps its transactions short. A new one is a line in `jobs`.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from threading import Event
from typing import Any, NamedTuple

import psycopg
import structlog
from psycopg import Connection

from ingest.errors import NoroshiError, StoreUnavailable
from ingest.settings.model import DatabaseSettings, RetentionSettings
from ingest.store.batch.frames import forget
from ingest.store.database import connect, first_line
from ingest.store.retention.retention import run_retention
from ingest.store.rollup import rollup

log = structlog.get_logger()

LOCK = 0x484F_5553
"""Advisory lock of the process that keeps house, as long as it is connected ("HOUS")."""

STATEMENT_TIMEOUT_MS = 600_000

SHORTAGE = (OSError, MemoryError)
"""Of descriptors, disk, memory: a job is tried again like after an error of the database."""


class Job(NamedTuple):
    """`run` does the work, asks now and then whether to stop, and says in a few words what it did."""

    name: str
    every_s: int
    run: Callable[[Connection[Any], Event], str]


def _keep_rollups(connection: Connection[Any], stop: Event) -> str:
    kept = rollup.keep(connection, stop=stop, gently=True)
    return f"{kept.refreshed} hours computed again, closed until {kept.until}"


def _forget_frames(connection: Connection[Any], _stop: Event) -> str:
    return f"{forget(connection)} frames let go"


def _retain(settings: RetentionSettings, connection: Connection[Any], _stop: Event) -> str:
    try:
        gone = run_retention(connection, settings, datetime.now(UTC))
    finally:
        if not connection.closed:
            connection.execute(_SESSION)
    return f"{sum(each.rows for each in gone.going)} rows let go, {len(gone.chunks)} chunks whole"


def jobs(retention: RetentionSettings) -> tuple[Job, ...]:
    """Everything that is done beside the ingestion."""
    return (
        Job("rollups", 30, _keep_rollups),
        Job("frames", 1_800, _forget_frames),
        Job("retention", 86_400, partial(_retain, retention)),
    )


@dataclass(frozen=True)
class House:
    """How things stand: when each job last succeeded (seconds since 1970, 0: never), and how far the rollups are.

    `every_s`: how often each job is to run. Only who keeps house knows either; for the others both are empty.
    """

    succeeded_at: dict[str, float] = field(default_factory=dict)
    every_s: dict[str, float] = field(default_factory=dict)
    due_units: int = 0
    lag_s: float = 0.0


class Housekeeper:
    """Blocking: it lives in a thread of its own. Whatever goes wrong is said in the log and tried again."""

    def __init__(self, settings: DatabaseSettings, jobs: Sequence[Job], *, lock: int = LOCK) -> None:
        self.house = House()
        self._lock = lock
        self._settings = settings
        self._jobs = jobs
        self._connection: Connection[Any] | None = None
        self._next: dict[str, float] = {}
        self._stopped = Event()

    def round(self) -> None:
        """Run every job whose time has come, if no other process keeps house; then look how things stand."""
        try:
            connection = self._connection or self._connect()
            if connection is None:
                return
            for job in self._jobs:
                if time.monotonic() >= self._next.get(job.name, 0.0) and not self._stopped.is_set():
                    self._run(connection, job)
            self.house = _look(connection, {job.name: job.every_s for job in self._jobs})
        except (psycopg.Error, StoreUnavailable, *SHORTAGE) as error:
            self.close()
            if not self._stopped.is_set():
                log.warning("housekeeping_interrupted", error=first_line(error))

    def stop(self) -> None:
        """From another thread: end soon. What is being computed is taken back and done again another time."""
        self._stopped.set()
        connection = self._connection
        if connection is not None:
            with suppress(psycopg.Error):
                connection.cancel_safe(timeout=2.0)

    def close(self) -> None:
        """Let another process keep house."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connect(self) -> Connection[Any] | None:
        connection = connect(self._settings, autocommit=True)
        connection.prepare_threshold = None  # each statement is planned for its own span of time
        connection.execute(_SESSION)
        if connection.execute("select pg_try_advisory_lock(%s)", (self._lock,)).fetchone() != (True,):
            connection.close()
            return None
        self._connection = connection
        return connection

    def _run(self, connection: Connection[Any], job: Job) -> None:
        self._next[job.name] = time.monotonic() + job.every_s
        connection.execute(_STARTED, (job.name, job.every_s))
        began = time.monotonic()
        try:
            said = job.run(connection, self._stopped)
        except (psycopg.Error, NoroshiError, *SHORTAGE) as error:
            if connection.closed or self._stopped.is_set():
                raise
            log.warning("housekeeping_failed", job=job.name, error=first_line(error), again_in_s=job.every_s)
            connection.execute(_FAILED, (first_line(error), job.name))
        else:
            connection.execute(_SUCCEEDED, (time.monotonic() - began, said, job.name))


_SESSION = f"set statement_timeout = {STATEMENT_TIMEOUT_MS}; set lock_timeout = 0; set jit = off"
_STARTED = """
insert into housekeeping_run (job, every_s, started_at) values (%s, %s, now())
on conflict (job) do update set every_s = excluded.every_s, started_at = now()
"""
_SUCCEEDED = "update housekeeping_run set succeeded_at = now(), seconds = %s, said = %s where job = %s"
_FAILED = "update housekeeping_run set failed_at = now(), said = %s where job = %s"
_LOOK = "select job, coalesce(extract(epoch from succeeded_at), 0)::double precision from housekeeping_run"


def _look(connection: Connection[Any], every_s: dict[str, float]) -> House:
    known = dict(connection.execute(_LOOK).fetchall())
    due_units, lag_s = rollup.standing(connection) if "rollups" in every_s else (0, 0.0)
    return House({name: known.get(name, 0.0) for name in every_s}, every_s, due_units, lag_s)
