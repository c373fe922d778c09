"""事象: one incident of the watch with its events, the messages about it, and what people did."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import HTMLResponse

from ingest.access.roles import Verb
from ingest.figures.watch import Incident, Wanted, incident_of, watch_actions, watch_health
from ingest.figures.watch_events import watch_deliveries, watch_events
from ingest.store.database import Database
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.form import Form
from ingest.web.guard import caller_of
from ingest.web.render import page, writer_for
from ingest.web.rules import SEE, allow

REFRESH_S = 5
MOST_NUMBER = 2**62
MOST_ROWS = 500
DONE = ("taken", "taken_partly", "noted", "marked")

router = APIRouter(include_in_schema=False)
Deps = Annotated[WebDependencies, Depends(dependencies)]


def find_incident(connection: Database, number: int) -> Incident:
    """The incident of this number. Raises a 404 where there is none that the caller may see."""
    found = incident_of(connection, number) if 0 < number < MOST_NUMBER else None
    if found is None:
        raise HTTPException(404, "There is no such incident.")
    return found


@router.get("/watch/incident/{number}")
@allow(SEE)
def incident_page(request: Request, deps: Deps, number: int, done: str = "") -> HTMLResponse:
    """The page. It refreshes itself while it is open."""
    return show_incident(request, deps, number, Form(), done=done)


def show_incident(request: Request, deps: WebDependencies, number: int, form: Form, *, done: str = "") -> HTMLResponse:
    """The page, with what was wrong with its form."""
    writer = writer_for(request)
    with deps.database() as connection:
        one = find_incident(connection, number)
        of_it = Wanted(incident=number, limit=MOST_ROWS + 1)
        events, messages = watch_events(connection, of_it), watch_deliveries(connection, of_it)
        actions = watch_actions(connection, number)
        health = watch_health(connection)
    return page(
        request,
        "watch_incident.html",
        writer,
        status=422 if form.errors else 200,
        address=f"/watch/incident/{number}",
        one=one,
        events=sorted(events[:MOST_ROWS], key=lambda event: (event.at, event.event_id)),
        more_events=len(events) > MOST_ROWS,
        messages=messages[:MOST_ROWS][::-1],
        more_messages=len(messages) > MOST_ROWS,
        actions=actions,
        health_of_watch=health,
        form=form,
        may_write=caller_of(request).may(Verb.OPERATE, one.project_id),
        done=writer.texts[f"watch_done_{done}"] if done in DONE else "",
        refresh_s=REFRESH_S,
    )
