"""/api/v1: the routes of every subject under one prefix, and what they all may refuse."""

from fastapi import APIRouter, Depends

from ingest.web.api.openapi import describe_problem
from ingest.web.api.parameters import refuse_unknown
from ingest.web.api.routes import (
    account,
    chronology,
    index,
    measure_entry,
    measures,
    outages,
    plan,
    readings,
    registry,
    reports,
    submissions,
    watch,
    work,
)
from ingest.web.problems import Trouble

router = APIRouter(
    prefix="/api/v1",
    dependencies=[Depends(refuse_unknown)],
    responses={
        401: describe_problem(Trouble.NOT_SIGNED_IN, "No token, or one that expired, was revoked, or never was"),
        403: describe_problem(Trouble.FORBIDDEN, "The token lacks the scope that `detail` names"),
        404: describe_problem(Trouble.NOT_FOUND, "There is no such project, device or quantity"),
        422: describe_problem(
            Trouble.BAD_QUESTION, "Invalid request: `detail` says which parameter and how to write it"
        ),
        503: describe_problem(
            Trouble.UNAVAILABLE, "The database is unavailable, or too many requests at once: see `type`"
        ),
        504: describe_problem(Trouble.TOO_SLOW, "The database took too long; ask for less"),
    },
)
for subject in (
    index,
    readings,
    registry,
    account,
    plan,
    work,
    outages,
    chronology,
    watch,
    measures,
    measure_entry,
    reports,
    submissions,
):  # fmt: skip
    router.include_router(subject.router)
