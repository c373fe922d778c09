"""/api/v1/watch/chronology: what was noticed, who was told and when, who took it, what the city did."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel, Field

from ingest.figures.project import project_refs
from ingest.figures.watch_record import ChronologyRow, whole_chronology
from ingest.web.api.answers.watch import PROBLEMS, WatchProblemAnswer
from ingest.web.api.answers.watch_problems import problems_now
from ingest.web.api.parameters import Deps
from ingest.web.api.routes.work import From, OneProject, To
from ingest.web.plan_door import project_seen
from ingest.web.rules import SEE, allow
from schemas.japan import now_jst, to_jst

router = APIRouter(tags=["watch"])

LONGEST = timedelta(days=366)
MOST = 5_000
Drills = Annotated[bool, Query(description="Also drills")]
Observed = Annotated[bool, Query(description="Also what readings tell of which the watch has no record")]


class ChronologyEntry(BaseModel):
    """One change, or one note of what was missed."""

    event_id: int | None = Field(description="Number of the event; null where it is none")
    incident_id: int | None = Field(description="Number of the incident it belongs to")
    time: datetime = Field(description="Of the measurement")
    kind: str = Field(
        description="stage, silence, blind, airtime, quality, missed, observed or unwatched (the watch did not run)"
    )
    hazard: str | None = Field(description="Of stages: river, rain, ...")
    station: str | None = Field(description="Code of the device, the gateway or the network")
    title: str | None = Field(description="Its name")
    quantity: str | None = Field(description="Code of the quantity")
    value: float | None = Field(description="What was compared with the stage")
    unit: str = Field(description="Unit of the value")
    rank: int = Field(description="The stage; 0: below all, or well again")
    name: str = Field(description="Name of the stage")
    word: str = Field(description="What happened, in Japanese")
    since_before_s: float | None = Field(description="Seconds since the stage before")
    told: str | None = Field(description="Who was told, by name or channel; no address")
    told_at: datetime | None = Field(description="When the first of them was")
    delay_s: float | None = Field(description="Seconds from the measurement to that, of live events")
    untold: str | None = Field(description="Why nobody was told, in Japanese")
    untold_en: str | None = Field(description="Why nobody was told")
    taken_by: str | None = Field(description="Who acknowledged it first")
    taken_at: datetime | None = Field(description="When")
    response: str | None = Field(description="What people noted of it, one a line")
    mark: str | None = Field(description="true or false (a false alarm), as a person says")
    origin: str = Field(description="live, late, drill, withdrawn, person, observed or unwatched")
    withdrawn_ja: str | None = Field(description="Why it was withdrawn, in Japanese")
    withdrawn_en: str | None = Field(description="Why it was withdrawn")


class ChronologyAnswer(BaseModel):
    """The chronology of a stretch of time, the oldest first. Observed by the operator, for reference."""

    project: str = Field(description="Code of the project")
    problems: list[WatchProblemAnswer] = Field(description=PROBLEMS)
    start: datetime = Field(alias="from", description="Beginning of the period")
    end: datetime = Field(alias="to", description="End of the period, itself excluded")
    rows: list[ChronologyEntry]
    more: bool = Field(description="There are more rows: ask for a shorter period")


@router.get("/watch/chronology")
@allow(SEE)
def read_chronology(
    deps: Deps, project: OneProject = "", start: From = None, end: To = None,
    drills: Drills = False, observed: Observed = True,  # noqa: FBT002  parameters of the query
) -> ChronologyAnswer:  # fmt: skip
    """What the watch recorded (災害対応時系列記録): stages, who was told, who took it; a crossing stands in it once."""
    until = end or now_jst()
    since = start or until - timedelta(days=1)
    if not timedelta(0) < until - since <= LONGEST:
        raise HTTPException(422, "from: it is before to, by 366 days at most.")
    with deps.database() as connection:
        seen = project_seen(project_refs(connection), project)
        if seen is None:
            raise HTTPException(404, "There is no project.")
        rows = whole_chronology(connection, seen.code, since, until, drills=drills, observed=observed, at_most=MOST + 1)
        problems = problems_now(connection, deps, seen)
    answered = [_answered(row) for row in rows[:MOST]]
    return ChronologyAnswer(
        project=seen.code,
        problems=problems,
        rows=answered,
        more=len(rows) > MOST,
        **{"from": to_jst(since), "to": to_jst(until)},
    )


def _answered(row: ChronologyRow) -> ChronologyEntry:
    """A row, with its times on a Japanese clock."""
    shown: dict[str, Any] = {
        name: to_jst(value) if isinstance(value, datetime) else value for name, value in asdict(row).items()
    }
    shown["since_before_s"] = None if row.since_before is None else row.since_before.total_seconds()
    return ChronologyEntry(**{name: shown[name] for name in ChronologyEntry.model_fields})
