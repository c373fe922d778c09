"""数値: every figure of a month or year by place: expected to valid, outages, delay, work and cost, side by side."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse

from ingest.figures.plan.outage import OutageSums, outage_sums, outages_known
from ingest.figures.plan.sums import Level, PlanSums, plan_sums
from ingest.figures.plan.work import WorkSums, work_sums
from ingest.plan.check.actual import look_at
from ingest.plan.check.cost import View
from ingest.plan.check.shares import CostShare, cost_shares
from ingest.store.database import Database
from ingest.web.days import beginning_of
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.pages.plan.factors import span_asked
from ingest.web.pages.plan.looked import Looked, Query_, look
from ingest.web.render import page, writer_for
from ingest.web.rules import SEE, allow
from schemas.plan import PlanScope

PLACES: tuple[Level, ...] = ("network", "gateway", "area", "technology", "use", "device")
"""Levels to choose between; the whole project stands above each of them."""

LATE_S = 1000
"""A delay above this is no delay of a radio: something waited. The page says so."""

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of one place. None: nothing of the kind is known there."""

    sums: PlanSums
    outages: OutageSums | None
    work: WorkSums | None
    cost: CostShare | None


@router.get("/plan/figures")
@allow(SEE)
def plan_figures(
    request: Request,
    deps: Annotated[WebDependencies, Depends(dependencies)],
    asked: Query_,
    month: Annotated[int | None, Query(ge=0, le=12)] = None,
    level: Level = "network",
) -> HTMLResponse:
    """The page. `month`: of the year that is looked at; 0: the whole year; without it the last that is over."""
    with deps.database() as connection:
        looked = look(request, connection, asked)
        span = span_asked(looked, month)
        begun = span.start < looked.now
        rows = figures_of(connection, looked, (span.first_day, span.until_day), level) if begun else []
    return page(
        request,
        "plan_figures.html",
        writer_for(request),
        span=span,
        months=[each for each in looked.year.months if each.start < looked.now],
        month=span.first_day.month if span.kind == "month" else 0,
        level=level,
        levels=PLACES,
        whole=next((row for row in rows if row.sums.level == "project"), None),
        rows=rows,
        late=any((row.sums.latency_p95_s or 0) > LATE_S for row in rows),
        **looked.context,
    )


def figures_of(connection: Database, looked: Looked, days: tuple[date, date], level: Level) -> list[Figures]:
    """The whole project, then each place of this level; nothing without a project."""
    if looked.project is None:
        return []
    code = looked.project.code
    levels: tuple[Level, ...] = ("project", level) if level != "project" else ("project",)
    outages = {(row.level, row.key): row for row in _outages(connection, looked, days) if row.duty_s or row.outages}
    work = {(row.level, row.key): row for row in work_sums(connection, code, *days)}
    if not any(row.visits for row in work.values()):  # without a log it is not known whether there was no work
        work = {}
    sums, shares = _sums_and_costs(connection, looked, days)
    costs = {(row.level, row.key): row for row in shares}
    found = []
    for row in (each for each in sums if each.level in levels):
        place = (row.level, row.key)
        worked = work.get(("project", "") if row.level == "project" else (row.level, row.key or None))
        found.append(Figures(row, outages.get(place), worked, costs.get(place)))
    return found


def _outages(connection: Database, looked: Looked, days: tuple[date, date]) -> list[OutageSums]:
    """The outages of each place; none as long as they were not all looked for."""
    end = min(beginning_of(days[1]), looked.now)
    if looked.project is None or not outages_known(connection, end):
        return []
    return outage_sums(connection, looked.project.code, *days, looked.now)


def _sums_and_costs(
    connection: Database, looked: Looked, days: tuple[date, date]
) -> tuple[list[PlanSums], list[CostShare]]:
    """Both from one look: what came is counted once."""
    if looked.project is None:
        return [], []
    if looked.plan is None or not looked.plan.document.costs:
        return plan_sums(connection, looked.project.code, *days, looked.now), []
    seen = look_at(connection, looked.project.project_id, looked.plan, looked.now, whole=True)
    shares = cost_shares(seen, View.TOTAL, days)
    return seen.levels(PlanScope(), *days), shares
