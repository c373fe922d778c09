"""Jobs, runners and the durable table, as the tests of the background jobs need them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any

from psycopg import Connection

from ingest.figures.jobs import JobState, job_states
from ingest.jobs.runner import JobRunner
from ingest.jobs.schedule import Job, Lane
from ingest.settings.model import DatabaseSettings
from schemas.bilingual import Bilingual
from tests.fixtures.database import Database

Run = Callable[[Connection[Any], Event], str]


def job(name: str, run: Run, *, every_s: int = 60, lane: Lane = Lane.LONG, in_memory: bool = False) -> Job:
    return Job(
        name, lane, every_s, run,
        Bilingual(f"処理 {name}", f"Job {name}"), Bilingual("試験", "A test"), in_memory=in_memory,
    )  # fmt: skip


def counting(ran: list[str], name: str) -> Run:
    """Notes its name each time it runs."""

    def run(*_: object) -> str:
        ran.append(name)
        return "done"

    return run


@contextmanager
def runner(database: Database, *jobs: Job, lane: Lane = Lane.LONG) -> Iterator[JobRunner]:
    one = JobRunner(DatabaseSettings(url=database.url), lane, jobs)
    yield one
    one.close()


def states(database: Database) -> dict[str, JobState]:
    return {state.job: state for state in job_states(database.connect())}


def age(database: Database, name: str, seconds: float) -> None:
    """Everything that is noted of a job happened so much earlier."""
    columns = ("started_at", "ended_at", "succeeded_at", "failed_at", "failing_since", "retry_at")
    moved = ", ".join(f"{column} = {column} - %(seconds)s * interval '1 second'" for column in columns)
    changed = database.connect().execute(
        f"update housekeeping_run set {moved} where job = %(job)s".encode(),
        {"seconds": seconds, "job": name},
    )
    assert changed.rowcount == 1
