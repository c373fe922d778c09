"""/api/v1: states, series and the account, read from the figures."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response

from ingest.errors import IntakeSilent
from ingest.figures.account import identity
from ingest.figures.device import latest, series
from ingest.figures.model import State
from ingest.figures.quantities import quantities_by_code
from ingest.web.api import data, index, registry
from ingest.web.api.ask import Moment, only_known, period, read_cursor, write_cursor
from ingest.web.api.describe import problem
from ingest.web.api.find import device_of, fleet_of
from ingest.web.api.model import (
    DevicesAnswer,
    IdentityAnswer,
    LatestAnswer,
    ProcessIdentity,
    ProjectsAnswer,
    QuarantineAnswer,
    SeriesAnswer,
    in_japan,
)
from ingest.web.api.pages import next_link
from ingest.web.api.question import no_quantity
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.device_search import matching
from ingest.web.problems import Trouble
from schemas.bilingual import Bilingual
from schemas.japan import now_jst, to_jst

Deps = Annotated[WebDependencies, Depends(dependencies)]
ProjectCode = Annotated[str | None, Query(description="Code of a project; without it, all of them")]

router = APIRouter(
    prefix="/api/v1",
    dependencies=[Depends(only_known)],
    responses={
        404: problem(Trouble.NOT_FOUND, "There is no such project, device or quantity"),
        422: problem(Trouble.BAD_QUESTION, "Invalid request: `detail` says which parameter and how to write it"),
        503: problem(Trouble.UNAVAILABLE, "The database is unavailable, or too many requests at once: see `type`"),
    },
)
router.include_router(index.router)
router.include_router(data.router)
router.include_router(registry.router)

SILENT = Bilingual(
    "取込の工程が答えないため、収支が分かりません", "the intake does not answer, so its account is not known"
)


@router.get("/identity", tags=["account"])
def read_identity(deps: Deps) -> IdentityAnswer:
    """Every message accounted for: of the running process, and of the database since its beginning."""
    live = deps.live()
    if live is None:
        raise IntakeSilent(SILENT)
    with deps.database() as connection:
        return IdentityAnswer(process=ProcessIdentity(**live._asdict(), exact=live.exact), account=identity(connection))


@router.get("/projects", tags=["registry"], response_model_exclude={"projects": {"__all__": {"project_id"}}})
def read_projects(request: Request) -> ProjectsAnswer:
    """Projects (事業) with the states of their devices."""
    return ProjectsAnswer(projects=in_japan(fleet_of(request, None).projects))


@router.get("/devices", tags=["registry"], response_model_exclude={"devices": {"__all__": {"device_id"}}})
def read_devices(
    request: Request,
    response: Response,
    project: ProjectCode = None,
    state: Annotated[State | None, Query(description="Only devices in this state")] = None,
    q: Annotated[
        str, Query(max_length=200, description="Words in the name, code, network, gateway, model or use")
    ] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[str | None, Query(description="next_cursor of the page before")] = None,
) -> DevicesAnswer:
    """Devices (機器) with their states, by project and code."""
    after = read_cursor(cursor) if cursor else ("", "")
    fitting = [
        row for row in matching(fleet_of(request, project).devices, q, None)
        if (state is None or row.state == state) and (row.project, row.device) > after
    ]  # fmt: skip
    fitting.sort(key=lambda row: (row.project, row.device))
    rows, more = fitting[:limit], len(fitting) > limit
    next_cursor = write_cursor(rows[-1].project, rows[-1].device) if more else None
    link = next_cursor and next_link(request, next_cursor)
    if link:
        response.headers["Link"] = f'<{link}>; rel="next"'
    return DevicesAnswer(devices=in_japan(rows), next_cursor=next_cursor, next=link)


@router.get(
    "/devices/{project}/{device}/latest",
    tags=["readings"],
    response_model_exclude={"latest": {"__all__": {"device_id", "project", "device"}}},
)
def read_latest(project: str, device: str, deps: Deps) -> LatestAnswer:
    """The last value of everything a device measures."""
    with deps.database() as connection:
        device_of(connection, project, device)
        return LatestAnswer(project=project, device=device, latest=in_japan(latest(connection, project, device)))


@router.get("/devices/{project}/{device}/series", tags=["readings"])
def read_series(
    project: str,
    device: str,
    deps: Deps,
    quantity: Annotated[str, Query(description="Code of /quantities, e.g. air_temperature")],
    start: Annotated[Moment | None, Query(alias="from", description="RFC 3339; 24 hours before `to` if absent")] = None,
    end: Annotated[Moment | None, Query(alias="to", description="RFC 3339; now if absent")] = None,
    points: Annotated[int, Query(ge=1, le=2000, description="About how many buckets at most, per channel")] = 400,
) -> SeriesAnswer:
    """One quantity over time, in buckets with mean and extremes."""
    first, last = period(start, end, now_jst())
    with deps.database() as connection:
        device_of(connection, project, device)
        known = quantities_by_code(connection, project).get(quantity)
        if known is None:
            raise HTTPException(404, no_quantity(quantity, project))
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


@router.get("/quarantine", tags=["account"])
def read_quarantine(request: Request, project: ProjectCode = None) -> QuarantineAnswer:
    """What is set aside (隔離) and not yet replayed, by reason, the most frequent first."""
    return QuarantineAnswer(quarantine=in_japan(fleet_of(request, project).quarantine))
