"""Runs the jobs of one lane, in one process of the installation at a time. What decides is the table, not this process.

Each round reads from `figure_job` what is due, runs it, and notes the outcome. So a run that was missed is made up
once, whichever process takes the lane, and a restart repeats nothing.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event

import structlog

from ingest.errors import StoreUnavailable
from ingest.figures.jobs import JobState, job_states
from ingest.jobs import database
from ingest.jobs.schedule import Job, Lane
from ingest.settings.model import DatabaseSettings
from ingest.store.database import Database, first_line
from schemas.bilingual import quoted

log = structlog.get_logger()

SAID_EVERY_S = 3_600.0
"""A job that goes on failing for the same reason is in the log once, and then as seldom as this."""


@dataclass(frozen=True)
class JobStatus:
    """How the jobs of a lane stand, and the gauges they keep. Empty while another process runs the lane."""

    jobs: Sequence[JobState] = ()
    gauges: Mapping[str, float] = field(default_factory=dict)


class JobRunner:
    """Blocking: it lives in a thread of its own. Whatever goes wrong is said in the log and tried again."""

    def __init__(self, settings: DatabaseSettings, lane: Lane, jobs: Sequence[Job]) -> None:
        """`jobs`: the whole table; those of other lanes are left to their runners."""
        self.lane = lane
        self.status = JobStatus()
        self._settings = settings
        self._jobs = [job for job in jobs if job.lane is lane]
        self._connection: Database | None = None
        self._unseen: set[str] = set()
        """Jobs whose findings this process does not have yet, since it took the lane."""
        self._said: dict[str, tuple[str, float]] = {}
        self._stopped = Event()

    def run_due_jobs(self) -> None:
        """Run every job of the lane that is due, one after the other, if no other process has the lane."""
        try:
            connection = self._connection or self._take_lane()
            if connection is None:
                self.status = JobStatus()
                return
            states = self._states(connection)
            for job in self._jobs:
                if not self._stopped.is_set() and self._is_due(job, states.get(job.name)):
                    self._run(connection, job, states.get(job.name))
            self.status = self._look(connection)
        except database.FAILURES as error:
            self.close()
            if not self._stopped.is_set():
                log.warning("housekeeping_interrupted", lane=self.lane.value, error=first_line(error))

    def stop(self) -> None:
        """From another thread: end soon. What is being computed is taken back and done again another time."""
        self._stopped.set()
        connection = self._connection
        if connection is not None:
            database.cancel(connection)

    def close(self) -> None:
        """Let another process have the lane."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _take_lane(self) -> Database | None:
        connection = database.take_lane(self._settings, self.lane)
        if connection is not None:
            self._connection = connection
            self._unseen = {job.name for job in self._jobs if job.in_memory}
            database.register_jobs(connection, self.lane, self._jobs)
        return connection

    def _states(self, connection: Database) -> dict[str, JobState]:
        return {state.job: state for state in job_states(connection)}

    def _is_due(self, job: Job, state: JobState | None) -> bool:
        return state is None or state.due or (job.name in self._unseen and not state.failures)

    def _run(self, connection: Database, job: Job, state: JobState | None) -> None:
        database.note_start(connection, job)
        began = time.monotonic()
        try:
            summary = job.run(connection, self._stopped)
        except Exception as error:  # a defect of one job ends neither the others nor the ingestion
            reason = first_line(error)
            if connection.closed or self._stopped.is_set():
                raise StoreUnavailable(quoted(reason)) from error
            if not isinstance(error, database.FAILURES):
                reason = f"{type(error).__name__}: {reason}"
                log.exception("job_defect", job=job.name)
            self._note_failure(connection, job, time.monotonic() - began, reason, state)
        else:
            if self._stopped.is_set():  # what it returned early with is no success: it runs again after the next start
                return
            database.prepare_session(connection)
            database.note_success(connection, job, time.monotonic() - began, summary)
            if self._said.pop(job.name, None) is not None:
                log.info("housekeeping_recovered", job=job.name)
        self._unseen.discard(job.name)

    def _note_failure(self, connection: Database, job: Job, seconds: float, error: str, state: JobState | None) -> None:
        database.prepare_session(connection)
        failures = 1 if state is None else state.failures + 1
        retry_s = database.note_failure(connection, job, seconds, error, failures)
        said, at_s = self._said.get(job.name, ("", 0.0))
        if error != said or time.monotonic() - at_s >= SAID_EVERY_S:
            self._said[job.name] = error, time.monotonic()
            log.warning("housekeeping_failed", job=job.name, error=error, failures=failures, again_in_s=retry_s)

    def _look(self, connection: Database) -> JobStatus:
        states = self._states(connection)
        gauges: dict[str, float] = {}
        for job in self._jobs:
            if job.gauges is not None:
                gauges |= job.gauges(connection)
        return JobStatus([states[job.name] for job in self._jobs if job.name in states], gauges)


def lane_runners(settings: DatabaseSettings, jobs: Sequence[Job]) -> tuple[JobRunner, ...]:
    """One runner for each lane, over one table of jobs. Raises ValueError for a name that is there twice."""
    names = [job.name for job in jobs]
    if len(set(names)) < len(names):
        raise ValueError(f"two jobs have one name: {sorted(names)}")
    return tuple(JobRunner(settings, lane, jobs) for lane in Lane)
