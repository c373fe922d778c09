"""作業記録の入力: a form for a phone in the field. It works without a network too: the entry waits in the browser."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response

from ingest.access.roles import Verb
from ingest.figures.names import DeviceName, device_names
from ingest.figures.project import project_refs
from ingest.plan.work.database import things_of
from ingest.plan.work.fields import FIELDS, Fault, Half, What, read_entry
from ingest.plan.work.log import EntriesRefused, add, faults_of_halves
from ingest.plan.work.model import Added, Things
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.form import Form, go_to, sent_form
from ingest.web.guard import caller_of
from ingest.web.plan_door import project_seen, writing
from ingest.web.render import HERE, page, writer_for
from ingest.web.rules import OPEN, REPORT, allow
from schemas.work import Basis, WorkKind

WORKER = HERE / "static" / "work_worker.js"
MINUTES = (15, 30, 45, 60, 90, 120)
"""Offered as buttons."""

router = APIRouter(include_in_schema=False)


@router.get("/work/worker.js")
@allow(OPEN)
def work_worker() -> Response:
    """The program by which a browser opens the form without a network. Its address bounds what it may see."""
    return FileResponse(Path(WORKER), media_type="text/javascript", headers={"Cache-Control": "no-cache"})


@router.get("/work/new")
@allow(REPORT)
def new_work_page(
    request: Request,
    deps: Annotated[WebDependencies, Depends(dependencies)],
    what: What = What.WORK,
    project: Annotated[str, Query(max_length=63)] = "",
    device: Annotated[str, Query(max_length=63)] = "",
) -> HTMLResponse:
    """The form. `device`: the code of the device that one stands before, as a QR code on it may say."""
    writer = writer_for(request)
    starts = f"{writer.now:%Y-%m-%dT%H:%M}"
    form = Form({
        "device": device, "starts": starts, "kind": WorkKind.PATROL.value, "minutes": "30", "people": "1",
        "first_day": f"{writer.now:%Y-%m-%d}", "last_day": f"{writer.now:%Y-%m-%d}", "basis": Basis.MEASURED.value,
    })  # fmt: skip
    return _form_page(request, deps, what, project, form)


@router.post("/work/new")
@allow(REPORT)
def log_work(
    request: Request,
    deps: Annotated[WebDependencies, Depends(dependencies)],
    form: Annotated[Form, Depends(sent_form)],
) -> Response:
    """Store an entry once, whoever sends it: the form, or the program of the page when the network is back."""
    what = What(form.text("what")) if form.text("what") in tuple(What) else What.WORK
    project = form.text("project")
    faults, added = _enter(request, what, project, form.values)
    by_program = "application/json" in request.headers.get("accept", "")
    writer = writer_for(request)
    if by_program:
        if added is None:
            said = {fault.field: writer.said(fault.said) for fault in faults}
            return JSONResponse({"faults": said}, status_code=422)
        return JSONResponse({"number": added.number, "already": added.already})
    if added is None:
        for fault in faults:
            form.refuse(fault.field or "kind", fault.said)
        return _form_page(request, deps, what, project, form)
    return go_to(f"/work?project={project}&what={what.value}&done=work_logged")


def _enter(request: Request, what: What, project: str, texts: Mapping[str, str]) -> tuple[list[Fault], Added | None]:
    with writing(request, project, Verb.REPORT) as (connection, seen, by):
        new, faults = read_entry(what, texts)
        if isinstance(new, Half):
            return [*faults, *faults_of_halves(connection, seen.project_id, [new])[0]], None
        try:
            return [], add(connection, by, seen.project_id, [new])[0]
        except EntriesRefused as refused:
            return refused.refused[0].faults, None


def _form_page(request: Request, deps: WebDependencies, what: What, code: str, form: Form) -> HTMLResponse:
    writer = writer_for(request)
    with deps.database() as connection:
        projects = project_refs(connection)
        seen = project_seen(projects, code)
        things = Things({}, {}, {}, {}, ()) if seen is None else things_of(connection, seen.project_id)
        devices = [] if seen is None else device_names(connection, seen.code)
    caller = caller_of(request)
    return page(
        request,
        "plan_work_new.html",
        writer,
        status=422 if form.errors else 200,
        address="/work/new",
        project=seen,
        projects=[each for each in projects if caller.may(Verb.REPORT, each.project_id)],
        what=what.value,
        whats=[(each.value, writer.said(each.label)) for each in What],
        names={field.name: writer.said(field.heading) for field in FIELDS[what]},
        form=form,
        kinds=[(kind.value, writer.said(kind.label)) for kind in WorkKind],
        bases=[(basis.value, writer.said(basis.label)) for basis in Basis],
        minutes=MINUTES,
        devices=_choices(devices),
        networks=[*things.networks],
        gateways=[*things.gateways],
        areas=things.areas,
        client_key=form.text("client_key") or str(uuid4()),
        login=caller.login,
        may_enter=seen is not None and caller.may(Verb.REPORT, seen.project_id),
    )


def _choices(devices: list[DeviceName]) -> list[tuple[str, str]]:
    return [(each.device, each.device_name) for each in devices]
