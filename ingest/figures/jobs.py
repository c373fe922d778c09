"""The background jobs and their lanes, as the runner, the pages and the metrics see them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from ingest.figures.fetch import fetch


@dataclass(frozen=True, slots=True)
class JobState:
    """One row of `figure_job`. `error`, `failing_since` are None unless its last run failed; `due_at` if it never ran.

    `state`: failing, never, running, overdue or well. `due`: it is to run now. `seconds`: what the last run took.
    """

    job: str
    lane: str
    title_ja: str | None
    title_en: str | None
    purpose_ja: str | None
    purpose_en: str | None
    every_s: int
    started_at: datetime | None
    ended_at: datetime | None
    succeeded_at: datetime | None
    seconds: float | None
    error: str | None
    failing_since: datetime | None
    failures: int
    due_at: datetime | None
    due: bool
    state: str


@dataclass(frozen=True, slots=True)
class LaneState:
    """One row of `figure_job_lane`. `held`: a service runs its jobs; None where that cannot be seen (a standby)."""

    lane: str
    held: bool | None


def job_states(connection: Connection[Any]) -> list[JobState]:
    """Every job that a service of this installation has brought, the short lane first."""
    return fetch(connection, JobState, "select * from figure_job order by lane desc, job")


def lane_states(connection: Connection[Any]) -> list[LaneState]:
    """Every lane."""
    return fetch(connection, LaneState, "select * from figure_job_lane order by lane desc")
