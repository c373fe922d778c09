"""/api/v1/outages: outages that the service found (停止), and the causes that people and programs give them."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from pydantic import BaseModel, Field

from ingest.access.authority import ChangeRefused, NotThere
from ingest.access.roles import Verb
from ingest.figures.plan.outage import OutageWanted, outages
from ingest.figures.project import project_refs
from ingest.plan.outage.explain import LONGEST_NOTE, explain
from ingest.web.api.parameters import Deps
from ingest.web.api.routes.work import ROWS, From, Limit, MyProject, OneProject, To
from ingest.web.api.sent import NUMBER, Sent
from ingest.web.plan_door import project_seen, writing
from ingest.web.rules import ENTER_WORK, SEE, allow
from schemas.japan import to_jst
from schemas.work import OutageCause

router = APIRouter(tags=["work"])

Lasting = Annotated[bool, Query(description="Only outages that last")]
Whole = Annotated[bool, Query(description="Without those that are part of another one: a dead gateway is one")]
Before = Annotated[int, Query(ge=0, le=1_000_000, description="`next_offset` of the answer before, for older rows")]


class Outage(BaseModel):
    """One outage: from the last sign of life to the first one after it."""

    outage_id: int = Field(description="Its number")
    level: str = Field(description="What was silent: `device`, `gateway` or `network`")
    code: str = Field(description="Code of the device, the gateway or the network")
    title: str = Field(description="Its name")
    network: str | None = Field(description="Code of the network")
    gateway: str | None = Field(description="Code of the gateway")
    device: str | None = Field(description="Code of the device")
    area: str | None = Field(description="Area of the device at that time")
    use: str | None = Field(description="Use of the device at that time")
    part_of: int | None = Field(description="Number of the outage of a gateway or network that it belongs to")
    starts: datetime = Field(description="The last sign of life, by the time of measurement")
    ends: datetime | None = Field(description="The first sign of life after it; null: it lasts")
    seconds: int = Field(description="Its length, until now if it lasts")
    planned_s: int = Field(description="Seconds of it that lie in planned stops")
    devices: int = Field(description="Devices that were silent in it")
    proposed_cause: OutageCause | None = Field(description="What the service proposes")
    proposed_ja: str | None = Field(description="The reason of the proposal, in Japanese")
    proposed_en: str | None = Field(description="The reason of the proposal, in English")
    cause: OutageCause | None = Field(description="What a human, or a program, decided")
    cause_note: str | None = Field(description="What was written with the cause")
    cause_at: datetime | None = Field(description="When that was written")
    cause_by: str | None = Field(description="By whom")


class OutagesAnswer(BaseModel):
    """Outages, those that last first, then the newest."""

    project: str = Field(description="Code of the project")
    outages: list[Outage]
    next_offset: int | None = Field(description="Give it as `offset` for older rows; null: these were the last")


class CausesSent(Sent):
    """One cause for some outages of a project, and for what is part of them."""

    outages: list[Annotated[int, Field(ge=1, le=2**62), NUMBER]] = Field(min_length=1, max_length=1000)
    cause: OutageCause | None = Field(description="Null takes a cause back")
    note: str = Field("", max_length=LONGEST_NOTE)


class ChangedAnswer(BaseModel):
    """What became of it."""

    project: str = Field(description="Code of the project")
    changed: int = Field(description="Outages whose cause changed; the same again changes none")


@router.get("/outages")
@allow(SEE)
def read_outages(
    deps: Deps, project: OneProject = "", start: From = None, end: To = None, limit: Limit = ROWS,
    offset: Before = 0, lasting: Lasting = False, whole: Whole = True,  # noqa: FBT002  parameters of the query
) -> OutagesAnswer:  # fmt: skip
    """Outages (停止) that touch the days of a period, those that last first, then the newest."""
    first = None if start is None else to_jst(start).date()
    last = None if end is None else to_jst(end - timedelta(microseconds=1)).date()
    with deps.database() as connection:
        seen = project_seen(project_refs(connection), project)
        if seen is None:
            raise HTTPException(404, "There is no project.")
        wanted = OutageWanted(seen.code, first, last, open_only=lasting, top=whole)
        rows = outages(connection, wanted, limit + 1, offset)
    shown = [_answered(asdict(row) | {"code": row.code, "title": row.title}) for row in rows[:limit]]
    return OutagesAnswer(project=seen.code, outages=shown, next_offset=offset + limit if len(rows) > limit else None)


@router.post("/outages")
@allow(ENTER_WORK)
def enter_causes(request: Request, sent: CausesSent, project: MyProject) -> ChangedAnswer:
    """Write a cause for outages; all of them or none. What is part of them gets it too, unless it has its own."""
    with writing(request, project, Verb.REPORT) as (connection, seen, by):
        try:
            changed = explain(connection, by, seen.project_id, sent.outages, sent.cause, sent.note)
        except NotThere:
            raise HTTPException(404, "There is no such outage in the project.") from None
        except ChangeRefused as refused:
            raise HTTPException(422, refused.said.en) from None
    return ChangedAnswer(project=seen.code, changed=changed)


def _answered(row: dict[str, Any]) -> Outage:
    """A row, with its times on a Japanese clock."""
    shown = {name: to_jst(value) if isinstance(value, datetime) else value for name, value in row.items()}
    return Outage(**{name: shown[name] for name in Outage.model_fields})
