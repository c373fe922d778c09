"""はじめての計画: a template and a few answers become a plan. Nothing is stored before its writer has seen it whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from starlette.responses import HTMLResponse, Response

from ingest.access.roles import Verb
from ingest.errors import CallRefused
from ingest.figures.names import device_names
from ingest.plan.document.difference import Difference
from ingest.plan.document.guide import Answers, plan_of
from ingest.plan.document.refused import PlanRefused
from ingest.plan.document.template import Template, template_of, templates
from ingest.plan.document.versions import apply
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.form import Form, go_to, sent_form
from ingest.web.pages.plan.guide_answers import (
    answers_of,
    first_answers,
    packed,
    rest_field,
    target_field,
    written_target,
)
from ingest.web.pages.plan.looked import Asked, Looked, Query_, look
from ingest.web.pages.plan.model import drawing_of, stages_of, target_years
from ingest.web.plan_door import writing
from ingest.web.render import page, writer_for
from ingest.web.rules import REPORT, allow
from schemas.bilingual import Bilingual
from schemas.plan import PlanDocument

ASKED_YEARS = 5
"""So many years have fields at a time; the targets of all others of a KPI go along in one."""
YEARS_FROM = "years:"
"""The value of a button that shows other years: this and the first of them."""

router = APIRouter(include_in_schema=False)

Sent = Annotated[Form, Depends(sent_form)]


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan as it would be stored, and what differs from the one that is valid."""

    document: PlanDocument
    difference: Difference


@router.get("/plan/guide")
@allow(REPORT)
def plan_guide(
    request: Request,
    deps: Annotated[WebDependencies, Depends(dependencies)],
    asked: Query_,
    template: Annotated[str, Query(max_length=40)] = "",
) -> HTMLResponse:
    """The first step, to choose a template; with one the second, to answer."""
    chosen = _template(template) if template else None
    looked, devices = _looked(request, deps, asked)
    form = Form()
    if chosen is not None and looked.project is not None:
        form = Form(first_answers(looked.project.name, devices, looked.now.date(), writer_for(request), chosen))
    return _page(request, looked, chosen, form)


@router.post("/plan/guide")
@allow(REPORT)
def plan_guide_answered(
    request: Request, deps: Annotated[WebDependencies, Depends(dependencies)], form: Sent
) -> Response:
    """Show the draft, go back to the answers, or store the plan: as the button says (`do`)."""
    chosen = _template(form.text("template"))
    asked = Asked(form.text("project"))
    looked, _ = _looked(request, deps, asked)
    if form.text("do") == "edit":
        return _page(request, looked, chosen, form, address="/plan/guide")
    answers = answers_of(form, chosen) or _without_wrong_targets(form, chosen)
    if answers is None:
        return _page(request, looked, chosen, form, address="/plan/guide", status=422)
    store = form.text("do") == "store" and not form.errors
    language = writer_for(request).language.value
    try:
        document = plan_of(chosen.code, answers, language)
        with writing(request, answers.project, Verb.REPORT) as (connection, project, by):
            found = apply(connection, by, project.project_id, document, form.text("reason"), dry_run=not store)
    except PlanRefused as error:
        said = [problem.said for problem in error.problems]
        return _page(request, looked, chosen, form, problems=said, address="/plan/guide", status=422)
    except CallRefused as error:  # a change without a reason
        form.refuse("reason", error.said)
        with writing(request, answers.project, Verb.REPORT) as (connection, project, by):
            found = apply(connection, by, project.project_id, document, "", dry_run=True)
        return _draft(request, looked, chosen, form, Draft(document, found), status=422)
    if store:
        return go_to(f"/plan/model?project={quote(answers.project)}&done=plan")
    return _draft(request, looked, chosen, form, Draft(document, found), status=422 if form.errors else 200)


def _without_wrong_targets(form: Form, chosen: Template) -> Answers | None:
    """The answers, where nothing but targets is wrong: they are put right in the draft, which has their fields."""
    if not all(name.startswith("target-") for name in form.errors):
        return None
    values = {name: "" if name in form.errors else form.text(name) for name in form.values}
    return answers_of(Form(values, form.several), chosen)


def _looked(request: Request, deps: WebDependencies, asked: Asked) -> tuple[Looked, int]:
    """What is looked at, and how many devices the registry has for it."""
    with deps.database() as connection:
        looked = look(request, connection, asked)
        return looked, 0 if looked.project is None else len(device_names(connection, looked.project.code))


def _template(code: str) -> Template:
    try:
        return template_of(code)
    except KeyError:
        raise HTTPException(404, "There is no such template.") from None


def _page(
    request: Request,
    looked: Looked,
    chosen: Template | None,
    form: Form,
    *,
    problems: Sequence[Bilingual] = (),
    address: str = "",
    status: int = 200,
) -> HTMLResponse:
    writer = writer_for(request)
    and_so_on = writer.texts["and_so_on"]
    return page(
        request,
        "plan_guide.html",
        writer,
        status=status,
        address=address,
        templates=templates(),
        names={each.code: and_so_on.join(writer.said(kpi.label) for kpi in each.kpis) for each in templates()},
        chosen=chosen,
        form=form,
        problems=problems,
        step=1 if chosen is None else 2,
        **looked.context,
    )


def _draft(
    request: Request, looked: Looked, chosen: Template, form: Form, draft: Draft, status: int = 200
) -> HTMLResponse:
    years = target_years(draft.document)
    first = _first_shown(form, [year.year for year in years])
    shown = years[first : first + ASKED_YEARS]
    numbers = [year.year for year in shown]
    return page(
        request,
        "plan_guide_draft.html",
        writer_for(request),
        status=status,
        address="/plan/guide",
        chosen=chosen,
        form=form,
        draft=draft,
        drawing=drawing_of(draft.document),
        stages=stages_of(draft.document),
        target_years=shown,
        earlier=years[max(first - ASKED_YEARS, 0)] if first else None,
        later=years[first + ASKED_YEARS] if first + ASKED_YEARS < len(years) else None,
        years_from=YEARS_FROM,
        target_field=target_field,
        written=written_target,
        rests=[(rest_field(kpi.code), packed(kpi.targets, numbers)) for kpi in draft.document.kpis],
        kept=[(name, value) for name in form.values for value in form.ticked(name) if _is_kept(name)],
        step=3,
        **looked.context,
    )


def _is_kept(name: str) -> bool:
    """Whether a field goes on to the next step unseen: not what the draft shows as a field of its own."""
    return name not in ("csrf", "do", "reason", "shown") and not name.startswith(("target-", "rest-"))


def _first_shown(form: Form, years: list[int]) -> int:
    """The place of the first year that is shown: as the button says that was pressed, or as it was."""
    do = form.text("do")
    wanted = do.removeprefix(YEARS_FROM) if do.startswith(YEARS_FROM) else form.text("shown")
    return years.index(int(wanted)) if wanted.isascii() and wanted.isdigit() and int(wanted) in years else 0
