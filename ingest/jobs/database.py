"""The SQL of the background jobs: a lane is taken by one connection, and each run is noted in `housekeeping_run`."""

from collections.abc import Sequence
from contextlib import suppress

import psycopg

from ingest.errors import NoroshiError
from ingest.jobs.schedule import Job, Lane, retry_after_s
from ingest.settings.model import DatabaseSettings
from ingest.store.database import Database, connect

FAILURES = (psycopg.Error, NoroshiError, OSError, MemoryError)
"""What a job may fail with and be tried again: the database, what we raise ourselves, a shortage of the machine."""

STATEMENT_TIMEOUT_MS = 600_000

_SESSION = f"set statement_timeout = {STATEMENT_TIMEOUT_MS}; set lock_timeout = 0; set jit = off"
_TAKE = "select pg_try_advisory_lock(%s)"
_REGISTER = """
insert into housekeeping_run (job, every_s, lane, title_ja, title_en, purpose_ja, purpose_en)
values (%s, %s, %s, %s, %s, %s, %s)
on conflict (job) do update set
    every_s = excluded.every_s, lane = excluded.lane, title_ja = excluded.title_ja, title_en = excluded.title_en,
    purpose_ja = excluded.purpose_ja, purpose_en = excluded.purpose_en, retired_at = null
"""
_RETIRE = "update housekeeping_run set retired_at = now() where lane = %s and retired_at is null and job <> all(%s)"
_STARTED = "update housekeeping_run set started_at = now() where job = %s"
_SUCCEEDED = """
update housekeeping_run set
    succeeded_at = now(), ended_at = now(), seconds = %s, said = %s,
    error = null, failing_since = null, failures = 0, retry_at = null
where job = %s
"""
_FAILED = """
update housekeeping_run set
    failed_at = now(), ended_at = now(), seconds = %(seconds)s, said = %(error)s, error = %(error)s,
    failing_since = case when %(failures)s > 1 then coalesce(failing_since, failed_at, now()) else now() end,
    failures = %(failures)s,
    retry_at = now() + %(retry_s)s * interval '1 second'
where job = %(job)s
"""


def take_lane(settings: DatabaseSettings, lane: Lane) -> Database | None:
    """A connection in autocommit mode that holds the lane until it is closed; None if another process holds it."""
    connection = connect(settings, autocommit=True)
    connection.prepare_threshold = None  # each statement is planned for its own span of time
    try:
        prepare_session(connection)
        if connection.execute(_TAKE, (lane.lock,)).fetchone() == (True,):
            return connection
    except BaseException:
        connection.close()
        raise
    connection.close()
    return None


def prepare_session(connection: Database) -> None:
    """Set what every job may rely on, also after a job that set something else."""
    connection.execute(_SESSION)


def register_jobs(connection: Database, lane: Lane, jobs: Sequence[Job]) -> None:
    """Write the jobs of a lane into the table; what is no job of this program any more is retired."""
    for job in jobs:
        values = (job.name, job.every_s, lane.value, *job.title, *job.purpose)
        connection.execute(_REGISTER, values)
    connection.execute(_RETIRE, (lane.value, [job.name for job in jobs]))


def note_start(connection: Database, job: Job) -> None:
    """A run begins."""
    connection.execute(_STARTED, (job.name,))


def note_success(connection: Database, job: Job, seconds: float, summary: str) -> None:
    """A run ended well."""
    connection.execute(_SUCCEEDED, (seconds, summary, job.name))


def note_failure(connection: Database, job: Job, seconds: float, error: str, failures: int) -> int:
    """A run failed, the last of so many in a row; returns in how many seconds it is tried again."""
    retry_s = retry_after_s(failures, job.every_s)
    values = {"job": job.name, "seconds": seconds, "error": error, "failures": failures, "retry_s": retry_s}
    connection.execute(_FAILED, values)
    return retry_s


def cancel(connection: Database) -> None:
    """From another thread: cut short the statement that runs there."""
    with suppress(psycopg.Error):
        connection.cancel_safe(timeout=2.0)
