"""Somebody takes an incident of the watch, writes what was done about it, or marks it as right or false."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import Response

from ingest.access.authority import ChangeRefused, NotThere
from ingest.access.roles import Verb
from ingest.store.database import Database
from ingest.watch.deeds.acknowledge import acknowledge
from ingest.watch.deeds.model import Doer, Mark, Way
from ingest.watch.deeds.noting import mark_incident as keep_mark
from ingest.watch.deeds.noting import note_action
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.form import Form, go_to, sent_writing
from ingest.web.pages.watch.incident import find_incident, show_incident
from ingest.web.plan_door import writing
from ingest.web.rules import OPERATE, allow
from schemas.bilingual import Bilingual
from schemas.japan import JST

CHOOSE_A_MARK = Bilingual("的中か空振りかを選んでください", "Say whether it was true or a false alarm")
NO_RANK = Bilingual("段階は数で書いてください", "Write the rank as a number")
NO_TIME = Bilingual("日時は 2026-11-29 09:12 のように書いてください", "Write a time as 2026-11-29 09:12")

router = APIRouter(include_in_schema=False)
Deps = Annotated[WebDependencies, Depends(dependencies)]
Sent = Annotated[Form, Depends(sent_writing)]


@router.post("/watch/incident/{number}/acknowledge")
@allow(OPERATE)
def take_incident(request: Request, deps: Deps, number: int, form: Sent) -> Response:
    """Take an incident up to the rank that the page showed."""
    done = "taken"
    rank = form.number("rank")
    if rank is None and form.text("rank"):
        form.refuse("note", NO_RANK)
        return show_incident(request, deps, number, form)

    def take(connection: Database, doer: Doer, project_id: int) -> None:
        nonlocal done
        if acknowledge(connection, doer, project_id, number, rank, form.text("note")).needs_more:
            done = "taken_partly"

    refused = _do(request, deps, number, form, take, "note")
    if refused is not None:
        return refused
    if "back" in form.values:
        back = form.text("back")
        return go_to(f"/watch?project={back}&done={done}" if back.isascii() and back else f"/watch?done={done}")
    return go_to(f"/watch/incident/{number}?done={done}")


@router.post("/watch/incident/{number}/note")
@allow(OPERATE)
def note_incident(request: Request, deps: Deps, number: int, form: Sent) -> Response:
    """Write what was done about an incident (市の対応)."""
    at = local_time(form, "at")
    if form.errors:
        return show_incident(request, deps, number, form)

    def write(connection: Database, doer: Doer, project_id: int) -> None:
        note_action(connection, doer, project_id, number, form.text("note"), at)

    return _do(request, deps, number, form, write, "note") or go_to(f"/watch/incident/{number}?done=noted#actions")


@router.post("/watch/incident/{number}/mark")
@allow(OPERATE)
def mark_incident(request: Request, deps: Deps, number: int, form: Sent) -> Response:
    """Say whether an incident was right (的中) or a false alarm (空振り)."""
    if form.text("mark") not in tuple(Mark):
        form.refuse("mark", CHOOSE_A_MARK)
        return show_incident(request, deps, number, form)

    def say(connection: Database, doer: Doer, project_id: int) -> None:
        keep_mark(connection, doer, project_id, number, Mark(form.text("mark")), form.text("why"))

    return _do(request, deps, number, form, say, "mark") or go_to(f"/watch/incident/{number}?done=marked")


def local_time(form: Form, name: str) -> datetime | None:
    """The time of day in Japan of a field; None for an empty one. What is no time is refused in the form."""
    text = form.text(name)
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        form.refuse(name, NO_TIME)
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=JST)


def _do(
    request: Request,
    deps: WebDependencies,
    number: int,
    form: Form,
    deed: Callable[[Database, Doer, int], None],
    field: str,
) -> Response | None:
    """Do it in the project of the incident; the page that says why not, where it is refused. Raises HTTPException."""
    with deps.database() as connection:
        one = find_incident(connection, number)
    try:
        with writing(request, one.project, Verb.OPERATE) as (connection, project, by):
            deed(connection, Doer(by, Way.PAGE), project.project_id)
    except NotThere as error:
        raise HTTPException(404, error.said.en) from error
    except ChangeRefused as error:
        form.refuse(field, error.said)
        return show_incident(request, deps, number, form)
    return None
