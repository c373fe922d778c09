"""Background jobs beside the ingestion: a thread for each lane, never in the way of a message."""

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import structlog

from ingest.errors import StoreUnavailable
from ingest.figures.jobs import JobState
from ingest.jobs.runner import JobRunner, JobStatus
from ingest.runtime.threads import in_thread
from ingest.telemetry.metrics import FAILING, INTERVAL, LAST_DURATION, LAST_SUCCESS

log = structlog.get_logger()

LOOK_EVERY_S = 5.0


async def run_jobs(runner: JobRunner) -> None:
    """Until cancelled; then what is being computed is cut short."""
    # Not the threads that everybody shares: a long job must not keep the registry from being read.
    with ThreadPoolExecutor(1, thread_name_prefix=f"jobs {runner.lane}") as thread:
        try:
            while True:
                try:
                    await in_thread(runner.run_due_jobs, thread)
                except StoreUnavailable as error:
                    log.warning("housekeeping_interrupted", lane=runner.lane.value, error=str(error))
                await asyncio.sleep(LOOK_EVERY_S)
        finally:
            runner.stop()
            with suppress(RuntimeError):  # a thread that cannot be started has opened nothing
                thread.submit(runner.close)


def gauges_of(statuses: Sequence[JobStatus]) -> dict[str, float]:
    """The gauges of the catalogue; those of a job have its name after a colon.

    Only the process that runs a lane knows them. What every process has to tell is 0 elsewhere.
    """
    gauges = {"rollup_due_units": 0.0, "rollup_lag_seconds": 0.0}
    for status in statuses:
        gauges |= status.gauges
        for job in status.jobs:
            gauges |= dict(_of_job(job))
    return gauges


def _of_job(job: JobState) -> Iterator[tuple[str, float]]:
    yield f"{LAST_SUCCESS}:{job.job}", job.succeeded_at.timestamp() if job.succeeded_at else 0.0
    yield f"{INTERVAL}:{job.job}", job.every_s
    yield f"{FAILING}:{job.job}", float(job.failures > 0)
    if job.seconds is not None:
        yield f"{LAST_DURATION}:{job.job}", job.seconds
