"""作業記録の取消しと、計画停止の署名: each asks for a reason, and stays on record."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from starlette.responses import HTMLResponse, Response

from ingest.access.authority import ChangeRefused, NotThere
from ingest.access.roles import Verb
from ingest.figures.project import project_refs
from ingest.plan.work.database import (
    list_observation_rows,
    list_stop_rows,
    list_work_rows,
)
from ingest.plan.work.fields import What
from ingest.plan.work.log import sign_stop, void
from ingest.plan.work.model import Observation, Stop, Wanted, Work
from ingest.store.database import Database
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.form import Form, go_to, sent_form
from ingest.web.plan_door import project_seen, writing
from ingest.web.render import page, writer_for
from ingest.web.rules import OPERATE, REPORT, allow

router = APIRouter(include_in_schema=False)

MOST_NUMBER = 2**62


@router.get("/work/{what}/{number}/void")
@allow(REPORT)
def ask_to_void_entry(
    request: Request,
    deps: Annotated[WebDependencies, Depends(dependencies)],
    what: What,
    number: int,
    project: Annotated[str, Query(max_length=63)] = "",
) -> HTMLResponse:
    """Asks why an entry shall count no more."""
    return _ask(request, deps, what, number, project, Form(), "void")


@router.post("/work/{what}/{number}/void")
@allow(REPORT)
def void_entry(
    request: Request,
    deps: Annotated[WebDependencies, Depends(dependencies)],
    what: What,
    number: int,
    form: Annotated[Form, Depends(sent_form)],
) -> Response:
    """Void it."""
    project = form.text("project")
    try:
        with writing(request, project, Verb.REPORT) as (connection, seen, by):
            void(connection, by, seen.project_id, what, number, form.text("reason"))
    except NotThere as error:
        raise HTTPException(404, error.said.en) from error
    except ChangeRefused as error:
        form.refuse("reason", error.said)
        return _ask(request, deps, what, number, project, form, "void")
    return go_to(f"/work?project={project}&what={what.value}&done=work_voided")


@router.get("/work/stop/{number}/sign")
@allow(OPERATE)
def ask_to_sign_stop(
    request: Request,
    deps: Annotated[WebDependencies, Depends(dependencies)],
    number: int,
    project: Annotated[str, Query(max_length=63)] = "",
) -> HTMLResponse:
    """Asks why a stop that was entered late shall count from its beginning."""
    return _ask(request, deps, What.STOP, number, project, Form(), "sign")


@router.post("/work/stop/{number}/sign")
@allow(OPERATE)
def sign(
    request: Request,
    deps: Annotated[WebDependencies, Depends(dependencies)],
    number: int,
    form: Annotated[Form, Depends(sent_form)],
) -> Response:
    """Sign for it."""
    project = form.text("project")
    try:
        with writing(request, project, Verb.OPERATE) as (connection, seen, by):
            sign_stop(connection, by, seen.project_id, number, form.text("reason"))
    except NotThere as error:
        raise HTTPException(404, error.said.en) from error
    except ChangeRefused as error:
        form.refuse("reason", error.said)
        return _ask(request, deps, What.STOP, number, project, form, "sign")
    return go_to(f"/work?project={project}&what=stop&done=stop_signed")


def _ask(
    request: Request, deps: WebDependencies, what: What, number: int, code: str, form: Form, deed: str
) -> HTMLResponse:
    """The page that asks for a reason. `deed`: void or sign. Raises HTTPException where there is no such entry."""
    with deps.database() as connection:
        project = project_seen(project_refs(connection), code)
        found = None if project is None else _row(connection, project.project_id, what, number)
    if found is None or project is None:
        raise HTTPException(404, "There is no such entry.")
    writer = writer_for(request)
    return page(
        request,
        "plan_work_ask.html",
        writer,
        status=422 if form.errors else 200,
        address="/work",
        project=project,
        what=what.value,
        number=number,
        row=found,
        deed=deed,
        form=form,
    )


def _row(connection: Database, project_id: int, what: What, number: int) -> Work | Stop | Observation | None:
    every = Wanted(limit=1)
    number = min(number, MOST_NUMBER)
    rows: list[Work] | list[Stop] | list[Observation]
    match what:
        case What.WORK:
            rows = list_work_rows(connection, project_id, every, number=number)
        case What.STOP:
            rows = list_stop_rows(connection, project_id, every, number=number)
        case What.OBSERVATION:
            rows = list_observation_rows(connection, project_id, every, number=number)
    return rows[0] if rows else None
