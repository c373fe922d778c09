"""定期処理: what runs in the background, when each job last ran, and what is wrong with it."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse

from ingest.figures.jobs import JobState, LaneState, job_states, lane_states
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.headline import Line
from ingest.web.render import page, writer_for
from ingest.web.rules import SEE, allow

STATES = ("failing", "overdue", "never")
"""What is not well, in the order in which it is said."""

router = APIRouter(include_in_schema=False)


@router.get("/jobs")
@allow(SEE)
def jobs_page(request: Request, deps: Annotated[WebDependencies, Depends(dependencies)]) -> HTMLResponse:
    """The page. Everything on it is from the database, so it is true whichever process runs the jobs.

    `errors`: whether the reader sees why a job fails, which may name hosts, and devices of others.
    """
    with deps.database() as connection:
        jobs, lanes = job_states(connection), lane_states(connection)
    return page(
        request,
        "jobs.html",
        writer_for(request),
        lines=headline_of(jobs, lanes),
        lanes=[(lane, [job for job in jobs if job.lane == lane.lane]) for lane in lanes],
        errors=deps.caller.sees_everything,
        refresh_s=5,
    )


def headline_of(jobs: Sequence[JobState], lanes: Sequence[LaneState]) -> list[Line]:
    """At least one line; all is well only if every job is, and nobody is missing who runs them."""
    lines = [
        Line("jobs_unheld", sum(1 for lane in lanes if lane.held is False)),
        *(Line(f"jobs_{state}", sum(1 for job in jobs if job.state == state)) for state in STATES),
        Line("jobs_none", int(not jobs)),
    ]
    return [line for line in lines if line.how_many] or [Line("jobs_well", len(jobs))]
