"""/api/v1/plan/measures: improvement measures entered and moved on by programs."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, HTTPException, Path, Request, Response
from pydantic import BaseModel, Field

from ingest.access.authority import ChangeRefused, NotThere
from ingest.access.roles import Verb
from ingest.plan.act.coded import draft_by_codes
from ingest.plan.act.measures import AlreadyMoved, Move, enter_measure, measure_of, move_measure
from ingest.web.api.routes.work import MyProject
from ingest.web.api.sent import Amount, Day, Sent, Whole
from ingest.web.plan_door import writing
from ingest.web.rules import ENTER_WORK, allow
from schemas.work import MeasureKind, MeasureState

router = APIRouter(prefix="/plan", tags=["plan"])

Code = Annotated[str, Field(max_length=63)]


class MeasureSent(Sent):
    """An improvement measure (改善措置). Without devices and networks it is about the whole project."""

    client_key: UUID | None = Field(None, description="A UUID that the sender makes: the same measure is stored once")
    title: str = Field(min_length=1, max_length=200)
    owner: str = Field(min_length=1, max_length=200)
    due: Day
    fiscal_year: Whole = Field(ge=2015, le=2100)
    kind: MeasureKind = MeasureKind.IMPROVEMENT
    detail: str = Field("", max_length=2000)
    kpis: list[Code] = Field([], max_length=100, description="Codes of KPIs of the plan")
    devices: list[Code] = Field([], max_length=2000, description="Codes of devices of the project")
    networks: list[Code] = Field([], max_length=100, description="Codes of networks of the project")
    figure: str = Field("completeness", max_length=63, description="Whose change is its effect")
    cost_yen: Whole = Field(0, ge=0, le=10_000_000_000)
    quota_used: Amount = Field(0, ge=0, le=10_000, description="Visits or hours of an adviser")
    window_days: Whole = Field(28, ge=7, le=182, description="Days compared before and after")


class MoveSent(Sent):
    """A step of a measure to another state."""

    to: MeasureState
    done_on: Day | None = Field(None, description="Of a step to `done`")
    result: str | None = Field(None, max_length=2000, description="What came of it; null leaves it as it is")
    note: str = Field("", max_length=2000)


class EnteredMeasure(BaseModel):
    """What became of a measure that was sent."""

    project: str = Field(description="Code of the project")
    number: int = Field(description="Of the measure within its project")
    state: MeasureState
    already: bool = Field(description="It was so before: nothing was stored now")


ALREADY: dict[int | str, dict[str, Any]] = {200: {"model": EnteredMeasure, "description": "It had been stored before"}}


@router.post("/measures", status_code=201, responses=ALREADY)
@allow(ENTER_WORK)
def enter_plan_measure(request: Request, response: Response, sent: MeasureSent, project: MyProject) -> EnteredMeasure:
    """Enter an improvement measure. With a client_key it is stored once, however often it is sent."""
    said = sent.model_dump(exclude={"client_key", "devices", "networks", "kpis"}) | {"kpis": tuple(sent.kpis)}
    with writing(request, project, Verb.REPORT) as (connection, seen, by):
        try:
            draft = draft_by_codes(connection, seen.project_id, sent.devices, sent.networks, said)
            (_, number), already = enter_measure(connection, by, seen, draft, sent.client_key)
        except ChangeRefused as refused:
            raise HTTPException(422, refused.said.en) from None
        state = measure_of(connection, seen.project_id, number).state
    if already:
        response.status_code = 200
    return EnteredMeasure(project=seen.code, number=number, state=state, already=already)


@router.post("/measures/{number}/moves")
@allow(ENTER_WORK)
def move_plan_measure(
    request: Request, sent: MoveSent, project: MyProject, number: Annotated[int, Path(ge=1, le=2**31 - 1)]
) -> EnteredMeasure:
    """Move a measure to another state. One that is in it already stays as it is, so that sending again is harmless."""
    with writing(request, project, Verb.REPORT) as (connection, seen, by):
        try:
            move = Move(sent.to, sent.done_on, sent.result, sent.note)
            move_measure(connection, by, seen, number, move, datetime.now(UTC))
            already = False
        except AlreadyMoved:
            already = True
        except NotThere:
            raise HTTPException(404, "There is no such measure in the project.") from None
        except ChangeRefused as refused:
            raise HTTPException(422, refused.said.en) from None
    return EnteredMeasure(project=seen.code, number=number, state=sent.to, already=already)
