"""収支: what the project costs and brings in, by fiscal year and in three views, with TCO and break-even."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse

from ingest.figures.plan.work import work_sums
from ingest.plan.check.actual import look_at
from ingest.plan.check.cost import (
    Balance,
    View,
    balances,
    break_even_months,
    total_cost_of_ownership,
    years_without_running_costs,
)
from ingest.plan.check.labour import Labour, labour_of
from ingest.plan.check.shares import CostShare, cost_shares
from ingest.store.database import Database
from ingest.web.chart.frame import Chart
from ingest.web.chart.targets import Slot, targets
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.pages.plan.looked import Looked, Query_, look
from ingest.web.render import page, writer_for
from ingest.web.rules import SEE, allow
from ingest.web.text.writer import Writer
from schemas.japan import FiscalYear
from schemas.work import Basis

SHOWN_LEVELS = ("technology", "network")

router = APIRouter(include_in_schema=False)


@router.get("/plan/costs")
@allow(SEE)
def plan_costs(
    request: Request,
    deps: Annotated[WebDependencies, Depends(dependencies)],
    asked: Query_,
    view: View = View.TOTAL,
) -> HTMLResponse:
    """The page. `view`: whose money is counted."""
    writer = writer_for(request)
    with deps.database() as connection:
        looked = look(request, connection, asked)
        shares = shares_of(connection, looked, view)
        labour = labour_seen(connection, looked)
    document = None if looked.plan is None else looked.plan.document
    rows = balances(document, view) if document else []
    return page(
        request,
        "plan_costs.html",
        writer,
        views=list(View),
        view=view,
        rows=rows,
        row=next((row for row in rows if row.fiscal_year == looked.year.year), None),
        chart=cumulative_chart(rows, FiscalYear.of(looked.now.date()), writer),
        tco=total_cost_of_ownership(document, view) if document else 0,
        unsaid=years_without_running_costs(document) if document else [],
        months=break_even_months(document, view) if document else None,
        whole=next((share for share in shares if share.level == "project"), None),
        shares=[share for share in shares if share.level in SHOWN_LEVELS],
        labour=labour,
        costs=[cost for cost in (document.costs if document else ()) if cost.fiscal_year == looked.year.year],
        incomes=[each for each in (document.incomes if document else ()) if each.fiscal_year == looked.year.year],
        **looked.context,
    )


def shares_of(connection: Database, looked: Looked, view: View) -> list[CostShare]:
    """What the year cost, by network and technology; nothing for a year that has not begun, or without costs."""
    if looked.project is None or looked.plan is None or not looked.plan.document.costs:
        return []
    if looked.year.start > looked.now:
        return []
    seen = look_at(connection, looked.project.project_id, looked.plan, looked.now, whole=True)
    return cost_shares(seen, view, (looked.year.first_day, looked.year.next.first_day))


def labour_seen(connection: Database, looked: Looked) -> list[Labour]:
    """What the logged work of the year is worth; nothing where the plan has no price of an hour."""
    if looked.project is None or looked.plan is None or looked.plan.document.yen_per_hour is None:
        return []
    sums = work_sums(connection, looked.project.code, looked.year.first_day, looked.year.next.first_day)
    return labour_of(sums, looked.plan.document.yen_per_hour)


def cumulative_chart(rows: list[Balance], now: FiscalYear, writer: Writer) -> Chart:
    """The net since the beginning of the plan, year by year: as the plan says, also of years to come."""
    slots = [
        Slot(
            writer.fiscal_year_short(row.fiscal_year),
            row.net_cumulative / 10_000,
            None,
            faint=row.fiscal_year >= now.year or any(basis is not Basis.MEASURED for basis in row.bases),
            what=writer.texts["plan_yen"].format(n=writer.fixed(row.net_cumulative, 0)),
        )
        for row in rows
    ]
    return targets(slots, writer.number)
