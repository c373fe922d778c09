"""What is done with measures: entering one, changing what it says, moving it on."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import HTMLResponse, Response

from ingest.access.authority import ChangeRefused
from ingest.access.roles import Verb
from ingest.plan.act.checks import MeasureRefused
from ingest.plan.act.measures import AlreadyMoved, Move, change_measure, enter_measure, move_measure
from ingest.plan.act.model import Measure
from ingest.web.dependencies import WebDependencies
from ingest.web.form import Form, go_to, sent_form
from ingest.web.pages.plan.looked import Asked, Looked, Query_, look
from ingest.web.pages.plan.measure_fields import (
    NO_CHOICE,
    Things,
    day_of,
    draft_from,
    empty_form,
    filled_form,
    options_of,
    things_of,
)
from ingest.web.pages.plan.measures import Deps, look_at, seen_measure, shown_measure
from ingest.web.plan_door import writing
from ingest.web.render import page, writer_for
from ingest.web.rules import REPORT, allow
from schemas.japan import now_jst
from schemas.work import MeasureState

router = APIRouter(include_in_schema=False)

Sent = Annotated[Form, Depends(sent_form)]


@router.get("/measures/new")
@allow(REPORT)
def new_measure_page(
    request: Request, deps: Deps, asked: Query_, kpi: str = "", device: str = "", network: str = ""
) -> HTMLResponse:
    """The form of a new measure. `kpi`, `device`, `network`: what it is about, from the page that led here."""
    with deps.database() as connection:
        looked = look(request, connection, asked)
        if looked.project is None:
            return _form_page(request, looked, Things({}, {}), Form())
        things = things_of(connection, looked.project.project_id)
    chosen = next((str(each) for each, (code, _) in things.networks.items() if code == network), "")
    return _form_page(request, looked, things, empty_form(looked, kpi, device, chosen))


def _form_page(
    request: Request, looked: Looked, things: Things, form: Form, measure: Measure | None = None
) -> HTMLResponse:
    writer = writer_for(request)
    return page(
        request,
        "plan_measure_form.html",
        writer,
        status=422 if form.errors else 200,
        form=form,
        measure=measure,
        **options_of(looked, things, writer),
        **looked.context,
    )


@router.post("/measures/new")
@allow(REPORT)
def add_measure(request: Request, deps: Deps, form: Sent) -> Response:
    """Enter a measure and lead to it."""
    with deps.database() as connection:
        looked = look(request, connection, Asked(form.text("project"), form.number("fy")))
        if looked.project is None or not form.text("project"):
            raise HTTPException(404, "There is no such project.")
        things = things_of(connection, looked.project.project_id)
    draft = draft_from(form, things)
    if not form.errors:
        try:
            with writing(request, looked.project.code, Verb.REPORT) as (connection, project, by):
                (measure_id, _), _ = enter_measure(connection, by, project, draft, _key_of(form))
            return go_to(f"/measures/{measure_id}?done=new")
        except ChangeRefused as error:
            _refuse(form, error)
    return _form_page(request, looked, things, form)


def _key_of(form: Form) -> UUID | None:
    """The key of the form as it was handed out, so that a second press of its button enters nothing more."""
    try:
        return UUID(form.text("client_key"))
    except ValueError:
        return None


def _refuse(form: Form, error: ChangeRefused) -> None:
    form.refuse(error.field if isinstance(error, MeasureRefused) else "title", error.said)


@router.get("/measures/{measure_id}/edit")
@allow(REPORT)
def change_measure_page(request: Request, measure_id: int, deps: Deps) -> HTMLResponse:
    """The form of a measure as it stands."""
    measure, looked, things = _found(request, deps, measure_id)
    return _form_page(request, looked, things, filled_form(measure, things), measure)


def _found(request: Request, deps: WebDependencies, measure_id: int) -> tuple[Measure, Looked, Things]:
    with deps.database() as connection:
        measure = seen_measure(connection, measure_id)
        return measure, look_at(request, connection, measure), things_of(connection, measure.project_id)


@router.post("/measures/{measure_id}/edit")
@allow(REPORT)
def edit_measure(request: Request, measure_id: int, deps: Deps, form: Sent) -> Response:
    """Change what a measure says."""
    measure, looked, things = _found(request, deps, measure_id)
    assert looked.project is not None  # the measure is of one
    draft = draft_from(form, things, measure)
    if not form.errors:
        try:
            with writing(request, looked.project.code, Verb.REPORT) as (connection, project, by):
                change_measure(connection, by, project, measure.number, draft, form.text("note"))
            return go_to(f"/measures/{measure_id}?done=changed")
        except ChangeRefused as error:
            _refuse(form, error)
    return _form_page(request, looked, things, form, measure)


@router.post("/measures/{measure_id}/move")
@allow(REPORT)
def step_measure(request: Request, measure_id: int, deps: Deps, form: Sent) -> Response:
    """Move a measure to another state."""
    measure, looked, _ = _found(request, deps, measure_id)
    assert looked.project is not None  # the measure is of one
    state = next((each for each in MeasureState if each.value == form.text("to")), None)
    if state is None:
        form.refuse("to", NO_CHOICE)
    done_on = day_of(form, "done_on") if state is MeasureState.DONE else None
    if state is not None and not form.errors:
        result = form.text("result") if "result" in form.values else None
        try:
            with writing(request, looked.project.code, Verb.REPORT) as (connection, project, by):
                move_measure(
                    connection, by, project, measure.number, Move(state, done_on, result, form.text("note")), now_jst()
                )
            return go_to(f"/measures/{measure_id}?done=moved")
        except AlreadyMoved:  # the button was pressed twice
            return go_to(f"/measures/{measure_id}?done=moved")
        except ChangeRefused as error:
            _refuse(form, error)
    with deps.database() as connection:
        return shown_measure(request, connection, measure, form)
