"""/api/v1/watch: what the watch has, who was told; incidents are acknowledged and noted by programs."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response
from pydantic import BaseModel, Field

from ingest.access.authority import ChangeRefused, NotThere
from ingest.access.roles import Verb
from ingest.figures import watch as figures
from ingest.figures import watch_events as told
from ingest.figures.project import ProjectRef, project_refs
from ingest.figures.watch import Wanted
from ingest.store.database import Database
from ingest.watch.deeds.acknowledge import acknowledge
from ingest.watch.deeds.model import Doer, Way
from ingest.watch.deeds.noting import note_action
from ingest.web.api.answers.watch import (
    AcknowledgedAnswer,
    WatchActionAnswer,
    WatchDeliveriesAnswer,
    WatchDeliveryAnswer,
    WatchEventAnswer,
    WatchEventsAnswer,
    WatchHealthAnswer,
    WatchIncidentAnswer,
    WatchIncidentsAnswer,
    WatchOneIncidentAnswer,
)
from ingest.web.api.answers.watch_problems import problems_now
from ingest.web.api.parameters import Deps
from ingest.web.api.routes.work import ALREADY, ROWS, AddedAnswer, Before, From, Limit, OneProject, To
from ingest.web.api.sent import NUMBER, Sent, Time
from ingest.web.plan_door import project_seen, writing
from ingest.web.rules import ACKNOWLEDGE, WATCH, allow
from schemas.japan import to_jst

router = APIRouter(tags=["watch"])

MOST_OF_ONE = 1000
Answered = TypeVar("Answered", bound=BaseModel)
State = Annotated[
    Literal["all", "open", "closed"], Query(description="`open`: those that last; `closed`: those that are over")
]
DeliveryState = Annotated[
    Literal["all", "delivered", "waiting", "doubtful", "failed", "withheld"],
    Query(description="What became of the message"),
]
Number = Annotated[int, Path(ge=1, le=2**62, description="Number of the incident")]
Rank = Annotated[int, Field(ge=1, le=100), NUMBER]


class AcknowledgeSent(Sent):
    """Somebody takes an incident. The same again changes nothing, however often it is sent."""

    rank: Rank | None = Field(None, description="Up to what was seen; not given: up to where it stands")
    note: str = Field("", max_length=2000)


class WatchNoteSent(Sent):
    """What was done about an incident (市の対応)."""

    note: str = Field(min_length=1, max_length=2000)
    at: Time | None = Field(None, description="When it was done; not given: now")
    client_key: UUID | None = Field(None, description="A UUID that the sender makes: the same note is stored once")


@router.get("/watch/incidents")
@allow(WATCH)
def read_watch_incidents(
    deps: Deps, project: OneProject = "", state: State = "all", start: From = None, end: To = None, limit: Limit = ROWS,
    before: Before = None,
) -> WatchIncidentsAnswer:  # fmt: skip
    """Incidents of the watch (事象) that touch the period, the newest first; and whether anybody watches."""
    lasting = {"all": None, "open": True, "closed": False}[state]
    with deps.database() as connection:
        seen = _project(connection, project)
        rows = figures.incidents(connection, Wanted(seen.code, start, end, before, limit + 1), lasting=lasting)
        health = figures.watch_health(connection)
        problems = problems_now(connection, deps, seen, health)
    shown = rows[:limit]
    return WatchIncidentsAnswer(
        project=seen.code, problems=problems, watch=_of(WatchHealthAnswer, health),
        incidents=_all(WatchIncidentAnswer, shown), next_before=shown[-1].incident_id if len(rows) > limit else None,
    )  # fmt: skip


@router.get("/watch/incidents/{number}")
@allow(WATCH)
def read_watch_incident(deps: Deps, number: Number) -> WatchOneIncidentAnswer:
    """One incident with its events, the messages about it, and what people did."""
    with deps.database() as connection:
        one = _incident(connection, number)
        of_it = Wanted(incident=number, limit=MOST_OF_ONE + 1)
        events, deliveries = told.watch_events(connection, of_it), told.watch_deliveries(connection, of_it)
        health = figures.watch_health(connection)
        return WatchOneIncidentAnswer(
            watch=_of(WatchHealthAnswer, health),
            problems=problems_now(connection, deps, _project(connection, one.project), health),
            incident=_of(WatchIncidentAnswer, one),
            events=_all(WatchEventAnswer, events[:MOST_OF_ONE]),
            deliveries=_all(WatchDeliveryAnswer, deliveries[:MOST_OF_ONE]),
            complete=max(len(events), len(deliveries)) <= MOST_OF_ONE,
            actions=_all(WatchActionAnswer, figures.watch_actions(connection, number)),
        )


@router.get("/watch/events")
@allow(WATCH)
def read_watch_events(
    deps: Deps, project: OneProject = "", start: From = None, end: To = None, limit: Limit = ROWS, before: Before = None
) -> WatchEventsAnswer:
    """Events of the watch (監視イベント) measured in the period, the newest first; withdrawn ones too."""
    with deps.database() as connection:
        seen = _project(connection, project)
        rows = told.watch_events(connection, Wanted(seen.code, start, end, before, limit + 1))
        problems = problems_now(connection, deps, seen)
    shown = rows[:limit]
    return WatchEventsAnswer(
        project=seen.code, problems=problems, events=_all(WatchEventAnswer, shown),
        next_before=shown[-1].event_id if len(rows) > limit else None,
    )  # fmt: skip


@router.get("/watch/deliveries")
@allow(WATCH)
def read_watch_deliveries(
    deps: Deps, project: OneProject = "", state: DeliveryState = "all", start: From = None, end: To = None,
    limit: Limit = ROWS, before: Before = None,
) -> WatchDeliveriesAnswer:  # fmt: skip
    """Messages to people and machines (通知) queued in the period, the newest first, without their addresses."""
    with deps.database() as connection:
        seen = _project(connection, project)
        wanted = Wanted(seen.code, start, end, before, limit + 1)
        rows = told.watch_deliveries(connection, wanted, None if state == "all" else state)
        problems = problems_now(connection, deps, seen)
    shown = rows[:limit]
    return WatchDeliveriesAnswer(
        project=seen.code, problems=problems, deliveries=_all(WatchDeliveryAnswer, shown),
        next_before=shown[-1].delivery_id if len(rows) > limit else None,
    )  # fmt: skip


@router.post("/watch/incidents/{number}/acknowledge")
@allow(ACKNOWLEDGE)
def acknowledge_watch_incident(
    request: Request, deps: Deps, number: Number, sent: AcknowledgeSent
) -> AcknowledgedAnswer:
    """Take an incident (確認), which stops its escalation. One that rose beyond `rank` is not taken in its new rank."""
    with deps.database() as connection:
        one = _incident(connection, number)
    with writing(request, one.project, Verb.OPERATE) as (connection, project, by):
        try:
            done = acknowledge(connection, Doer(by, Way.API), project.project_id, number, sent.rank, sent.note)
        except NotThere:
            raise _no_incident() from None
        except ChangeRefused as refused:
            raise HTTPException(422, refused.said.en) from None
    return AcknowledgedAnswer(**done._asdict())


@router.post("/watch/incidents/{number}/notes", status_code=201, responses=ALREADY)
@allow(ACKNOWLEDGE)
def note_watch_incident(
    request: Request, response: Response, deps: Deps, number: Number, sent: WatchNoteSent
) -> AddedAnswer:
    """Write what was done about an incident (市の対応). With a client_key it is stored once."""
    with deps.database() as connection:
        one = _incident(connection, number)
    with writing(request, one.project, Verb.OPERATE) as (connection, project, by):
        try:
            done = note_action(
                connection, Doer(by, Way.API), project.project_id, number, sent.note, sent.at, sent.client_key
            )
        except NotThere:
            raise _no_incident() from None
        except ChangeRefused as refused:
            raise HTTPException(422, refused.said.en) from None
    if done.already:
        response.status_code = 200
    return AddedAnswer(project=project.code, number=done.number, already=done.already)


def _project(connection: Database, code: str) -> ProjectRef:
    found = project_seen(project_refs(connection), code)
    if found is None:
        raise HTTPException(404, "There is no project.")
    return found


def _incident(connection: Database, number: int) -> figures.Incident:
    found = figures.incident_of(connection, number)
    if found is None:
        raise _no_incident()
    return found


def _no_incident() -> HTTPException:
    return HTTPException(404, "There is no such incident.")


def _all(kind: type[Answered], rows: Sequence[Any]) -> list[Answered]:
    return [_of(kind, row) for row in rows]


def _of(kind: type[Answered], row: Any) -> Answered:
    """A row of a figure as the API answers it, on a Japanese clock."""
    values = asdict(row)
    shown = {name: values[name] for name in kind.model_fields}
    return kind(**{name: to_jst(value) if isinstance(value, datetime) else value for name, value in shown.items()})
