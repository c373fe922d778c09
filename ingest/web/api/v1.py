"""/api/v1: states, series and the account, read from the figures."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request

from ingest.figures.account import identity
from ingest.figures.device import device_state, latest, series
from ingest.figures.model import DeviceState, State
from ingest.web.api.ask import Moment, period, read_cursor, write_cursor
from ingest.web.api.model import (
    DevicesAnswer,
    IdentityAnswer,
    LatestAnswer,
    Problem,
    ProcessIdentity,
    ProjectsAnswer,
    QuarantineAnswer,
    SeriesAnswer,
    in_japan,
)
from ingest.web.clock import jst, now
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.finder import matching
from ingest.web.fleet import Fleet, FleetCache
from schemas.quantity import BY_CODE

Deps = Annotated[WebDependencies, Depends(dependencies)]
ProjectCode = Annotated[str | None, Query(description="Code of a project; without it, all of them")]

router = APIRouter(
    prefix="/api/v1",
    tags=["v1"],
    responses={status: {"model": Problem, "description": text} for status, text in {
        404: "There is no such project, device or quantity",
        422: "The question is not right",
        503: "The database cannot be reached",
    }.items()},
)  # fmt: skip


def _fleet(request: Request, project: str | None) -> Fleet:
    cache = request.app.state.fleet
    assert isinstance(cache, FleetCache)  # set by create_app
    found = cache.read(project)
    if found is None:
        raise HTTPException(404, f"There is no project {project!r}.")
    return found


def _device(connection: Any, project: str, device: str) -> DeviceState:
    row = device_state(connection, project, device)
    if row is None:
        raise HTTPException(404, f"There is no device {device!r} in a project {project!r}.")
    return row


@router.get("/identity")
def read_identity(deps: Deps) -> IdentityAnswer:
    """Every message accounted for: of the running process, and of the database since its beginning."""
    live = deps.live()
    with deps.database() as connection:
        return IdentityAnswer(process=ProcessIdentity(**live._asdict(), exact=live.exact), account=identity(connection))


@router.get("/projects", response_model_exclude={"projects": {"__all__": {"project_id"}}})
def read_projects(request: Request) -> ProjectsAnswer:
    """Projects (事業) with the states of their devices."""
    return ProjectsAnswer(projects=in_japan(_fleet(request, None).projects))


@router.get("/devices", response_model_exclude={"devices": {"__all__": {"device_id"}}})
def read_devices(
    request: Request,
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
        row for row in matching(_fleet(request, project).devices, q, None)
        if (state is None or row.state == state) and (row.project, row.device) > after
    ]  # fmt: skip
    fitting.sort(key=lambda row: (row.project, row.device))
    rows, more = fitting[:limit], len(fitting) > limit
    next_cursor = write_cursor(rows[-1].project, rows[-1].device) if more else None
    return DevicesAnswer(devices=in_japan(rows), next_cursor=next_cursor)


@router.get(
    "/devices/{project}/{device}/latest",
    response_model_exclude={"latest": {"__all__": {"device_id", "project", "device"}}},
)
def read_latest(project: str, device: str, deps: Deps) -> LatestAnswer:
    """The last value of everything a device measures."""
    with deps.database() as connection:
        _device(connection, project, device)
        return LatestAnswer(project=project, device=device, latest=in_japan(latest(connection, project, device)))


@router.get("/devices/{project}/{device}/series")
def read_series(
    project: str,
    device: str,
    deps: Deps,
    quantity: Annotated[str, Query(description="Code of the catalogue, e.g. air_temperature")],
    start: Annotated[Moment | None, Query(alias="from", description="RFC 3339; 24 hours before `to` if absent")] = None,
    end: Annotated[Moment | None, Query(alias="to", description="RFC 3339; now if absent")] = None,
    points: Annotated[int, Query(ge=1, le=2000, description="About how many buckets at most, per channel")] = 400,
) -> SeriesAnswer:
    """One quantity over time, in buckets with mean and extremes."""
    known = BY_CODE.get(quantity)
    if known is None:
        raise HTTPException(404, f"There is no quantity {quantity!r} in the catalogue.")
    first, last = period(start, end, now())
    with deps.database() as connection:
        _device(connection, project, device)
        found = series(connection, project, device, quantity, start=first, end=last, points=points)
    return SeriesAnswer(
        project=project,
        device=device,
        quantity=quantity,
        unit=known.unit,
        start=jst(first),
        end=jst(last),
        points=in_japan(found),
    )


@router.get("/quarantine")
def read_quarantine(request: Request, project: ProjectCode = None) -> QuarantineAnswer:
    """What is set aside (隔離) and not yet replayed, by reason, the most frequent first."""
    return QuarantineAnswer(quarantine=in_japan(_fleet(request, project).quarantine))
