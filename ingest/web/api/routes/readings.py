"""/api/v1: readings and messages over time, and what one device measures."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response

from ingest.figures.device import latest, series
from ingest.figures.names import has_relation
from ingest.figures.quantities import quantities_by_code
from ingest.figures.table import COUNTED, GRADED, GRADED_COUNTED
from ingest.web.api.answers.models import LatestAnswer, SeriesAnswer, in_japan
from ingest.web.api.answers.rows import answer_rows
from ingest.web.api.columns import (
    READINGS,
    READINGS_DAILY,
    READINGS_GRADED,
    READINGS_HOURLY,
    UPLINKS,
    UPLINKS_DAILY,
    UPLINKS_HOURLY,
)
from ingest.web.api.lookup import find_device, no_quantity
from ingest.web.api.openapi import describe_rows
from ingest.web.api.parameters import Deps, QueryTime, ReadingsQuery, RowsQuery, SeriesQuery, settle_period
from ingest.web.rules import READ, SEE, allow
from schemas.japan import now_jst, to_jst

Accept = Annotated[str | None, Header(include_in_schema=False)]

DAY, WEEK, MONTH = timedelta(days=1), timedelta(days=7), timedelta(days=31)
LONGEST = timedelta(days=400)
"""Of a series: it comes in one answer."""

router = APIRouter()


@router.get("/readings", tags=["readings"], responses=describe_rows(READINGS, counted=True))
@allow(READ)
def read_readings(
    request: Request, deps: Deps, query: Annotated[ReadingsQuery, Query()], accept: Accept = None
) -> Response:
    """Single readings (測定値), the last 24 hours unless said otherwise."""
    counted = {"counted": query.counted}
    if query.graded:
        graded = READINGS_GRADED._replace(table=GRADED_COUNTED if query.counted else GRADED)
        return answer_rows(request, deps, graded, query, DAY, accept=accept, more=counted)
    table = READINGS.table
    if query.counted:
        with deps.database() as connection:
            # Before the first correction there may be no such view; then everything counts.
            table = COUNTED if has_relation(connection, COUNTED.relation) else table
    return answer_rows(request, deps, READINGS._replace(table=table), query, DAY, accept=accept, more=counted)


@router.get("/uplinks", tags=["uplinks"], responses=describe_rows(UPLINKS))
@allow(READ)
def read_uplinks(request: Request, deps: Deps, query: Annotated[RowsQuery, Query()], accept: Accept = None) -> Response:
    """Messages (受信メッセージ) with their radio link, the last 24 hours unless said otherwise."""
    return answer_rows(request, deps, UPLINKS, query, DAY, accept=accept)


@router.get("/readings/hourly", tags=["readings"], responses=describe_rows(READINGS_HOURLY))
@allow(SEE)
def read_reading_hours(
    request: Request, deps: Deps, query: Annotated[SeriesQuery, Query()], accept: Accept = None
) -> Response:
    """Readings summed up by hour, of what counts; the last 7 days unless said otherwise."""
    return answer_rows(request, deps, READINGS_HOURLY, query, WEEK, accept=accept)


@router.get("/readings/daily", tags=["readings"], responses=describe_rows(READINGS_DAILY))
@allow(SEE)
def read_reading_days(
    request: Request, deps: Deps, query: Annotated[SeriesQuery, Query()], accept: Accept = None
) -> Response:
    """Readings summed up by day in Japan, of what counts; the days that began in the last 31 unless said otherwise."""
    return answer_rows(request, deps, READINGS_DAILY, query, MONTH, accept=accept)


@router.get("/uplinks/hourly", tags=["uplinks"], responses=describe_rows(UPLINKS_HOURLY))
@allow(SEE)
def read_uplink_hours(
    request: Request, deps: Deps, query: Annotated[RowsQuery, Query()], accept: Accept = None
) -> Response:
    """Messages of a device summed up by hour; the last 7 days unless said otherwise."""
    return answer_rows(request, deps, UPLINKS_HOURLY, query, WEEK, accept=accept)


@router.get("/uplinks/daily", tags=["uplinks"], responses=describe_rows(UPLINKS_DAILY))
@allow(SEE)
def read_uplink_days(
    request: Request, deps: Deps, query: Annotated[RowsQuery, Query()], accept: Accept = None
) -> Response:
    """Messages of a device summed up by day in Japan; the days that began in the last 31 unless said otherwise."""
    return answer_rows(request, deps, UPLINKS_DAILY, query, MONTH, accept=accept)


@router.get(
    "/devices/{project}/{device}/latest",
    tags=["readings"],
    response_model_exclude={"latest": {"__all__": {"device_id", "project", "device"}}},
)
@allow(READ)
def read_latest(project: str, device: str, deps: Deps) -> LatestAnswer:
    """The last value of everything a device measures."""
    with deps.database() as connection:
        find_device(connection, project, device)
        return LatestAnswer(project=project, device=device, latest=in_japan(latest(connection, project, device)))


@router.get("/devices/{project}/{device}/series", tags=["readings"])
@allow(READ)
def read_series(
    project: str,
    device: str,
    deps: Deps,
    quantity: Annotated[str, Query(description="Code of /quantities, e.g. air_temperature")],
    start: Annotated[
        QueryTime | None, Query(alias="from", description="RFC 3339; 24 hours before `to` if absent")
    ] = None,
    end: Annotated[QueryTime | None, Query(alias="to", description="RFC 3339; now if absent")] = None,
    points: Annotated[int, Query(ge=1, le=2000, description="About how many buckets at most, per channel")] = 400,
) -> SeriesAnswer:
    """One quantity over time, in buckets with mean and extremes."""
    first, last = settle_period(start, end, DAY, now=now_jst(), longest=LONGEST)
    with deps.database() as connection:
        find_device(connection, project, device)
        known = quantities_by_code(connection, project).get(quantity)
        if known is None:
            raise no_quantity(quantity, project)
        found = series(connection, project, device, quantity, start=first, end=last, points=points)
    return SeriesAnswer(
        project=project,
        device=device,
        quantity=quantity,
        unit=known.unit,
        start=to_jst(first),
        end=to_jst(last),
        points=in_japan(found),
    )
