"""目標の見直し: targets and owners of the key figures, changed with a reason. What was valid before stays a version."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import HTMLResponse, Response

from ingest.access.roles import Verb
from ingest.errors import CallRefused
from ingest.plan.document.difference import Difference
from ingest.plan.document.refused import PlanRefused
from ingest.plan.document.versions import CHANGED_MEANWHILE, PlanChangedMeanwhile, PlanVersion, apply, current
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.form import Form, go_to, sent_form
from ingest.web.pages.plan.guide_answers import number_of, target_field, written_target
from ingest.web.pages.plan.looked import Asked, Looked, Query_, look
from ingest.web.plan_door import writing
from ingest.web.render import page, writer_for
from ingest.web.rules import REPORT, allow
from schemas.bilingual import Bilingual
from schemas.japan import FiscalYear
from schemas.plan import Kpi, PlanDocument

SHOWN_YEARS = 5
"""Fiscal years with a field, from the present one on. Those before have been reported on, and stay as they are."""
NO_OWNER = Bilingual("担当を入れてください", "Enter who owns the KPI")
router = APIRouter(include_in_schema=False)

Sent = Annotated[Form, Depends(sent_form)]


@dataclass(frozen=True, slots=True)
class Change:
    """What the page shows: the plan that is valid now (None: there is none), its years, and what would differ."""

    looked: Looked
    version: PlanVersion | None
    years: list[FiscalYear]
    difference: Difference | None = None
    problems: Sequence[Bilingual] = ()


@router.get("/plan/targets")
@allow(REPORT)
def plan_targets(
    request: Request, deps: Annotated[WebDependencies, Depends(dependencies)], asked: Query_
) -> HTMLResponse:
    """The form with what is valid now; without a plan, how to make one."""
    change = _change(request, deps, asked)
    return _page(request, change, _first_form(change))


@router.post("/plan/targets")
@allow(REPORT)
def change_plan_targets(
    request: Request, deps: Annotated[WebDependencies, Depends(dependencies)], form: Sent
) -> Response:
    """Show what would differ, or store it as the next version: as the button says (`do`)."""
    change = _change(request, deps, Asked(form.text("project")))
    if change.version is None:
        raise HTTPException(404, "This project has no plan.")
    if form.number("version") != change.version.number:
        return _page(request, replace(change, problems=[CHANGED_MEANWHILE]), _first_form(change), status=409)
    document = changed_document(change.version.document, change.years, form)
    if document is None:
        return _page(request, change, form, status=422)
    store, found, problems = form.text("do") == "store", None, list[Bilingual]()
    with writing(request, form.text("project"), Verb.REPORT) as (connection, project, by):
        try:
            found = apply(connection, by, project.project_id, document, form.text("reason"), dry_run=not store,
                          based_on=change.version.number)  # fmt: skip
        except PlanChangedMeanwhile:  # between our look and our turn
            return _page(request, replace(change, problems=[CHANGED_MEANWHILE]), _first_form(change), status=409)
        except PlanRefused as error:
            problems = [each.said for each in error.problems]
        except CallRefused as error:  # a change without a reason
            form.refuse("reason", error.said)
            found = apply(connection, by, project.project_id, document, "", dry_run=True)
    if store and found and not form.errors:
        return go_to(f"/plan/model?project={quote(form.text('project'))}&done=plan")
    shown = replace(change, difference=found, problems=problems)
    return _page(request, shown, form, status=422 if problems or form.errors else 200)


def _change(request: Request, deps: WebDependencies, asked: Asked) -> Change:
    with deps.database() as connection:
        looked = look(request, connection, asked)
        version = None if looked.project is None else current(connection, looked.project.project_id)
    years = open_years(version.document, FiscalYear.of(looked.now.date())) if version else []
    return Change(looked, version, years)


def _first_form(change: Change) -> Form:
    return Form() if change.version is None else Form(first_values(change.version, change.years))


def open_years(document: PlanDocument, now: FiscalYear) -> list[FiscalYear]:
    """The years whose targets can be changed: those of the plan that are not over, the first few of them."""
    first = max(now.year, FiscalYear.of(document.begins).year)
    last = min(FiscalYear.of(document.ends).year, first + SHOWN_YEARS - 1)
    return [FiscalYear(year) for year in range(first, last + 1)]


def first_values(version: PlanVersion, years: Sequence[FiscalYear]) -> dict[str, str]:
    """What stands in the form at first: what is valid now."""
    values = {"version": str(version.number)}
    for kpi in version.document.kpis:
        values[owner_field(kpi.code)] = kpi.owner
        values |= {target_field(kpi.code, year.year): _written(kpi, year) for year in years}
    return values


def owner_field(kpi: str) -> str:
    """The field with the owner of a KPI."""
    return f"owner-{kpi}"


def changed_document(document: PlanDocument, years: Sequence[FiscalYear], form: Form) -> PlanDocument | None:
    """The plan with what was written; None where a field is wrong, which the form then says."""
    kpis = []
    for kpi in document.kpis:
        targets = dict(kpi.targets)
        for year in years:
            name = target_field(kpi.code, year.year)
            if form.text(name) == _written(kpi, year):
                continue
            value = number_of(form, name)
            targets.pop(year.year, None)
            if value is not None:
                targets[year.year] = value
        kept = {"targets": dict(sorted(targets.items())), "owner": form.need(owner_field(kpi.code), NO_OWNER)}
        kpis.append(kpi.model_copy(update=kept))
    return None if form.errors else document.model_copy(update={"kpis": tuple(kpis)})


def _written(kpi: Kpi, year: FiscalYear) -> str:
    """A target as people write it; empty where there is none."""
    value = kpi.targets.get(year.year)
    return "" if value is None else written_target(value)


def _page(request: Request, change: Change, form: Form, status: int = 200) -> HTMLResponse:
    return page(
        request,
        "plan_targets.html",
        writer_for(request),
        status=status,
        address="/plan/targets" if request.method == "POST" else "",
        change=change,
        form=form,
        target_field=target_field,
        owner_field=owner_field,
        **change.looked.context,
    )
