"""年度の締め: what is missing before a year can be closed, closing it, and the draft of the next plan."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import HTMLResponse, Response

from ingest.access.authority import ChangeRefused
from ingest.access.roles import Verb
from ingest.errors import CallRefused
from ingest.plan.act.cycle import Lacking, close_year, cycle_of, draft_of, lacking_of, open_measures
from ingest.plan.document import versions
from ingest.plan.document.difference import difference
from ingest.plan.document.write import as_yaml
from ingest.web.form import Form, go_to, sent_form
from ingest.web.guard import caller_of
from ingest.web.pages.plan.looked import Asked, Looked, Query_, look
from ingest.web.pages.plan.measures import Deps
from ingest.web.plan_door import writing
from ingest.web.render import page, writer_for
from ingest.web.rules import OPERATE, REPORT, SEE, allow
from schemas.bilingual import Bilingual
from schemas.japan import now_jst

router = APIRouter(include_in_schema=False)

Sent = Annotated[Form, Depends(sent_form)]
NO_REASON = Bilingual("理由を入れてください", "Say why")


@router.get("/plan/close")
@allow(SEE)
def plan_close(request: Request, deps: Deps, asked: Query_, done: str = "") -> HTMLResponse:
    """The page: what is missing, or the closed year with its draft."""
    return _shown(request, deps, asked, Form(), done)


def _shown(request: Request, deps: Deps, asked: Asked, form: Form, done: str = "") -> HTMLResponse:
    writer = writer_for(request)
    with deps.database() as connection:
        looked = look(request, connection, asked)
        cycle = draft = current = None
        lacking, goes_on = [], []
        if looked.project is not None:
            project_id, year = looked.project.project_id, looked.year.year
            cycle = cycle_of(connection, project_id, year)
            draft = cycle.draft if cycle else draft_of(connection, project_id, year)
            lacking = [] if cycle else lacking_of(connection, project_id, year, looked.now)
            goes_on = open_measures(connection, project_id, year)
            current = versions.current(connection, project_id)
    return page(
        request,
        "plan_close.html",
        writer,
        status=422 if form.errors else 200,
        address="/plan/close",
        cycle=cycle,
        draft=draft,
        changes=[] if draft is None or current is None else difference(current.document, draft).changes,
        lacking=[(each, _where(each, looked)) for each in lacking],
        goes_on=goes_on,
        next_year=looked.year.next,
        may_close=looked.project is not None and caller_of(request).may(Verb.OPERATE, looked.project.project_id),
        form=form,
        done=writer.texts[f"said_close_{done}"] if done in ("closed", "adopted", "same") else "",
        **looked.context,
    )


def _where(lacking: Lacking, looked: Looked) -> str:
    """The page on which something that is missing can be entered; empty for what only time brings."""
    assert looked.project is not None  # else nothing is known to be missing
    here = f"project={looked.project.code}&fy={looked.year.year}"
    if lacking.kind == "measure":
        return f"/measures/{lacking.measure_id}/edit"
    review = f"/plan/reviews?{here}&kind=year&first={looked.year.first_day}"
    places = {"plan": f"/plan/guide?{here}", "kpi": f"{review}#{lacking.key}", "frozen": review}
    return places.get(lacking.kind, "")


@router.post("/plan/close")
@allow(OPERATE)
def close_plan_year(request: Request, deps: Deps, form: Sent) -> Response:
    """Close the year that the form names."""
    asked = Asked(form.text("project"), form.number("fy"))
    with deps.database() as connection:
        looked = look(request, connection, asked)
    try:
        with writing(request, asked.project, Verb.OPERATE) as (connection, project, by):
            close_year(connection, by, project, looked.year.year, now_jst(), form.text("note"))
    except ChangeRefused as error:
        form.refuse("note", error.said)
        return _shown(request, deps, asked, form)
    return go_to(f"/plan/close?project={project.code}&fy={looked.year.year}&done=closed")


@router.post("/plan/close/adopt")
@allow(REPORT)
def adopt_draft(request: Request, deps: Deps, form: Sent) -> Response:
    """Make the draft of a closed year the next version of the plan."""
    asked = Asked(form.text("project"), form.number("fy"))
    with deps.database() as connection:
        looked = look(request, connection, asked)
    reason = form.need("reason", NO_REASON)
    if form.errors:
        return _shown(request, deps, asked, form)
    try:
        with writing(request, asked.project, Verb.REPORT) as (connection, project, by):
            cycle = cycle_of(connection, project.project_id, looked.year.year)
            if cycle is None:
                raise HTTPException(404, "This year is not closed.")
            found = versions.apply(connection, by, project.project_id, cycle.draft, reason)
    except CallRefused as error:
        form.refuse("reason", error.said)
        return _shown(request, deps, asked, form)
    done = "adopted" if found else "same"
    return go_to(f"/plan/close?project={project.code}&fy={looked.year.year}&done={done}")


@router.get("/plan/close/draft.yaml")
@allow(SEE)
def draft_yaml(request: Request, deps: Deps, asked: Query_) -> Response:
    """The draft as a file for `noroshi plan apply`."""
    with deps.database() as connection:
        looked = look(request, connection, asked)
        if looked.project is None:
            raise HTTPException(404, "There is no such project.")
        project_id, year = looked.project.project_id, looked.year.year
        cycle = cycle_of(connection, project_id, year)
        draft = cycle.draft if cycle else draft_of(connection, project_id, year)
    if draft is None:
        raise HTTPException(404, "This project has no plan.")
    name = f"plan_{looked.project.code}_{year + 1}.yaml"
    return Response(
        as_yaml(draft), media_type="application/yaml", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
