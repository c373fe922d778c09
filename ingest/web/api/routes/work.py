"""/api/v1: what people did and saw: the work log, planned stops and observations; read, and entered by programs."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, HTTPException, Query, Request, Response
from pydantic import BaseModel, Field

from ingest.access.roles import Verb
from ingest.figures.project import project_refs
from ingest.plan.work.fields import New
from ingest.plan.work.log import EntriesRefused, add, list_observations, list_stops, list_work, number_of
from ingest.plan.work.model import (
    NewObservation,
    NewStop,
    NewWork,
    Observation,
    Stop,
    Wanted,
    Work,
)
from ingest.store.database import Database
from ingest.web.api.parameters import Deps, QueryTime
from ingest.web.api.sent import NUMBER, Amount, Day, Sent, Time, Whole
from ingest.web.dependencies import WebDependencies
from ingest.web.plan_door import project_seen, writing
from ingest.web.rules import ENTER_WORK, WORK, allow
from schemas.japan import to_jst
from schemas.work import Basis, WorkKind

router = APIRouter(tags=["work"])

ROWS, MOST_ROWS = 100, 1000

OneProject = Annotated[
    str, Query(max_length=63, description="Code of a project; without it the first one, and the answer says which")
]
MyProject = Annotated[str, Query(max_length=63, description="Code of the project")]
From = Annotated[QueryTime | None, Query(alias="from", description="Beginning of the period, itself included")]
To = Annotated[QueryTime | None, Query(alias="to", description="End of the period, itself excluded")]
Limit = Annotated[int, Query(ge=1, le=MOST_ROWS, description="Most rows of an answer")]
Before = Annotated[int | None, Query(ge=1, le=2**62, description="`next_before` of the answer before, for older rows")]
WithVoided = Annotated[bool, Query(description="Also entries that were voided")]

Kilometres = Annotated[float, Field(ge=0, allow_inf_nan=False), NUMBER]
MeasureNumber = Annotated[int, Field(ge=1, le=2**31 - 1), NUMBER]


class _Entry(Sent):
    client_key: UUID | None = Field(None, description="A UUID that the sender makes: the same entry is stored once")


class WorkSent(_Entry):
    """A piece of work (作業)."""

    kind: WorkKind
    starts: Time = Field(examples=["2026-11-24T09:00:00+09:00"])
    minutes: Whole = Field(ge=1, le=1440, description="Of each person")
    people: Whole = Field(1, ge=1, le=500)
    device: str | None = Field(None, max_length=63, description="Code of a device of the project")
    place: str = Field("", max_length=200)
    note: str = Field("", max_length=2000)
    photo: str = Field("", max_length=2000, description="A reference, no picture")
    km_before: Kilometres | None = Field(None, description="The odometer before; needs km_after")
    km_after: Kilometres | None = None
    measure: MeasureNumber | None = Field(None, description="Number of an improvement measure")


class StopSent(_Entry):
    """A planned stop (計画停止), [starts, ends), of a network, a gateway, a device, or of the whole project."""

    starts: Time = Field(examples=["2026-11-24T09:00:00+09:00"])
    ends: Time = Field(examples=["2026-11-24T12:00:00+09:00"])
    reason: str = Field(min_length=1, max_length=2000)
    network: str | None = Field(None, max_length=63)
    gateway: str | None = Field(None, max_length=63)
    device: str | None = Field(None, max_length=63)


class ObservationSent(_Entry):
    """A value that people bring (観測). Both days belong to the period."""

    code: str = Field(max_length=63, pattern="^[a-z0-9][a-z0-9._-]*$", examples=["damage_yen"])
    first_day: Day
    last_day: Day
    value: Amount
    unit: str = Field(min_length=1, max_length=40)
    source: str = Field(min_length=1, max_length=2000, description="Where the value is from")
    area: str = Field("", max_length=200)
    basis: Basis = Basis.MEASURED
    note: str = Field("", max_length=2000)


class _Rows(BaseModel):
    project: str = Field(description="Code of the project")
    next_before: int | None = Field(description="Give it as `before` for older rows; null: these were the last")


class WorkAnswer(_Rows):
    """Entries of the work log, the newest first."""

    work: list[Work]


class StopsAnswer(_Rows):
    """Planned stops that touch the period, the newest first."""

    stops: list[Stop]


class ObservationsAnswer(_Rows):
    """Observations whose period touches the one asked for, the newest first."""

    observations: list[Observation]


class AddedAnswer(BaseModel):
    """What became of an entry."""

    project: str = Field(description="Code of the project")
    number: int = Field(description="Of the entry")
    already: bool = Field(description="It had been stored before, under its client_key")


ALREADY: dict[int | str, dict[str, Any]] = {200: {"model": AddedAnswer, "description": "It had been stored before"}}


@router.get("/work")
@allow(WORK)
def read_work(
    deps: Deps, project: OneProject = "", start: From = None, end: To = None, limit: Limit = ROWS,
    before: Before = None, voided: WithVoided = False,  # noqa: FBT002  it is a parameter of the query
) -> WorkAnswer:  # fmt: skip
    """The work log (作業記録), the newest first."""
    code, rows, more = _read(deps, project, list_work, Wanted(start, end, below=before, limit=limit + 1, voided=voided))
    return WorkAnswer(project=code, work=rows, next_before=more)


@router.get("/stops")
@allow(WORK)
def read_stops(
    deps: Deps, project: OneProject = "", start: From = None, end: To = None, limit: Limit = ROWS,
    before: Before = None, voided: WithVoided = False,  # noqa: FBT002  it is a parameter of the query
) -> StopsAnswer:  # fmt: skip
    """Planned stops (計画停止) that touch the period, the newest first."""
    wanted = Wanted(start, end, below=before, limit=limit + 1, voided=voided)
    code, rows, more = _read(deps, project, list_stops, wanted)
    return StopsAnswer(project=code, stops=rows, next_before=more)


@router.get("/observations")
@allow(WORK)
def read_observations(
    deps: Deps, project: OneProject = "", start: From = None, end: To = None, limit: Limit = ROWS,
    before: Before = None, voided: WithVoided = False,  # noqa: FBT002  it is a parameter of the query
) -> ObservationsAnswer:  # fmt: skip
    """Values that people brought (観測), by their periods, the newest first."""
    wanted = Wanted(start, end, below=before, limit=limit + 1, voided=voided)
    code, rows, more = _read(deps, project, list_observations, wanted)
    return ObservationsAnswer(project=code, observations=rows, next_before=more)


@router.post("/work", status_code=201, responses=ALREADY)
@allow(ENTER_WORK)
def enter_work(request: Request, response: Response, sent: WorkSent, project: MyProject) -> AddedAnswer:
    """Enter a piece of work. With a client_key it is stored once, however often it is sent."""
    return _enter(request, response, project, NewWork(**sent.model_dump()))


@router.post("/stops", status_code=201, responses=ALREADY)
@allow(ENTER_WORK)
def enter_stop(request: Request, response: Response, sent: StopSent, project: MyProject) -> AddedAnswer:
    """Enter a planned stop. It reduces what is expected from now on, or from its later beginning."""
    return _enter(request, response, project, NewStop(**sent.model_dump()))


@router.post("/observations", status_code=201, responses=ALREADY)
@allow(ENTER_WORK)
def enter_observation(request: Request, response: Response, sent: ObservationSent, project: MyProject) -> AddedAnswer:
    """Enter a value that people brought, with its source."""
    return _enter(request, response, project, NewObservation(**sent.model_dump()))


def _read(
    deps: WebDependencies,
    code: str,
    read: Callable[[Database, int, Wanted], Sequence[Any]],
    wanted: Wanted,
) -> tuple[str, list[Any], int | None]:
    """The code of the project, its rows on a Japanese clock, and the number below which there are more."""
    with deps.database() as connection:
        project = project_seen(project_refs(connection), code)
        if project is None:
            raise HTTPException(404, "There is no project.")
        rows = read(connection, project.project_id, wanted)
    shown = rows[: wanted.limit - 1]
    more = number_of(shown[-1]) if len(rows) > len(shown) else None
    return project.code, [_in_japan(asdict(row)) for row in shown], more


def _in_japan(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _in_japan(each) for name, each in value.items()}
    return to_jst(value) if isinstance(value, datetime) else value


def _enter(request: Request, response: Response, code: str, new: New) -> AddedAnswer:
    with writing(request, code, Verb.REPORT) as (connection, project, by):
        try:
            added = add(connection, by, project.project_id, [new])[0]
        except EntriesRefused as refused:
            said = "; ".join(f"{fault.field}: {fault.said.en}" for each in refused.refused for fault in each.faults)
            raise HTTPException(422, said) from None
    if added.already:
        response.status_code = 200
    return AddedAnswer(project=project.code, number=added.number, already=added.already)
