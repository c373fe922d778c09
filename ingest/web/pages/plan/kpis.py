"""指標: the key figures of a fiscal year, and one of them with its targets, actuals, completeness and evidence."""

from datetime import date
from decimal import Decimal
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, HTTPException, Path, Request
from starlette.responses import HTMLResponse

from ingest.figures.plan.catalogue import FIGURES, PlanFigure
from ingest.plan.check.actual import adds_up
from ingest.plan.check.review import Review, reviews
from ingest.plan.check.spans import PeriodKind
from ingest.plan.document.achievement import aim_of
from ingest.web.chart.frame import Chart
from ingest.web.chart.targets import Slot, targets
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.pages.plan.kpi_rows import KpiRow, Period, months_of, year_period, years_frozen
from ingest.web.pages.plan.looked import Looked, Query_, look
from ingest.web.render import page, writer_for
from ingest.web.rules import SEE, allow
from ingest.web.text.writer import Writer
from schemas.japan import FiscalYear
from schemas.plan import FigureEvidence, Kpi

router = APIRouter(include_in_schema=False)


@router.get("/plan/kpis")
@allow(SEE)
def plan_kpis(request: Request, deps: Annotated[WebDependencies, Depends(dependencies)], asked: Query_) -> HTMLResponse:
    """All key figures of the year: frozen, or as they are now."""
    with deps.database() as connection:
        looked = look(request, connection, asked)
        period = year_period(connection, looked)
    return page(request, "plan_kpis.html", writer_for(request), period=period, **looked.context)


class Charts(NamedTuple):
    """The drawings of a key figure: by fiscal year, and by month of one year. `adding`: months are added up."""

    years: Chart
    months: Chart
    adding: bool
    faint: bool


@router.get("/plan/kpis/{code}")
@allow(SEE)
def plan_kpi(
    request: Request,
    deps: Annotated[WebDependencies, Depends(dependencies)],
    asked: Query_,
    code: Annotated[str, Path(max_length=100)],
) -> HTMLResponse:
    """One key figure. Raises HTTPException (404) for one that the plan of the year does not have."""
    writer = writer_for(request)
    review: Review | None = None
    with deps.database() as connection:
        looked = look(request, connection, asked)
        kpi = find_kpi(looked, code)
        period = year_period(connection, looked)
        row = period.row(code) if period else None
        if looked.project is None or period is None or row is None:
            raise HTTPException(404, "There is no such key figure in this year.")
        months = months_of(connection, looked)
        frozen = years_frozen(connection, looked.project.project_id)
        review = reviews(connection, looked.project.project_id, PeriodKind.YEAR, looked.year.first_day).get(code)
    frozen[looked.year.year] = period
    charts = Charts(
        targets(year_slots(kpi, looked, frozen, writer), writer.number),
        targets(month_slots(kpi, looked, months, writer), writer.number),
        adds_up(kpi),
        any(each.faint for each in month_slots(kpi, looked, months, writer)),
    )
    return page(
        request,
        "plan_kpi.html",
        writer,
        kpi=kpi,
        row=row,
        period=period,
        months=month_rows(looked, months, code),
        charts=charts,
        figure=figure_of(kpi),
        review=review,
        **looked.context,
    )


def find_kpi(looked: Looked, code: str) -> Kpi:
    """The key figure of the plan of the year. Raises HTTPException (404)."""
    document = None if looked.plan is None else looked.plan.document
    found = next((kpi for kpi in (document.kpis if document else ()) if kpi.code == code), None)
    if found is None:
        raise HTTPException(404, "There is no such key figure in this plan.")
    return found


def figure_of(kpi: Kpi) -> PlanFigure | None:
    """The figure of the catalogue that the actual is; None for work and observations."""
    return FIGURES.get(kpi.evidence.figure) if isinstance(kpi.evidence, FigureEvidence) else None


def month_rows(looked: Looked, months: dict[date, Period], code: str) -> list[tuple[date, KpiRow | None]]:
    """Each month of the year with what was frozen of it."""
    return [
        (month.first_day, period.row(code) if (period := months.get(month.first_day)) else None)
        for month in looked.year.months
    ]


def year_slots(kpi: Kpi, looked: Looked, periods: dict[int, Period], writer: Writer) -> list[Slot]:
    """A slot for each fiscal year of the plan, and for the year of the baseline before it."""
    years = sorted({*(year.year for year in looked.years), *kpi.targets, *periods})
    slots = [_year_slot(kpi, year, periods.get(year), writer) for year in years]
    if kpi.baseline is not None and kpi.baseline.fiscal_year not in years:
        said = writer.fixed(kpi.baseline.value, kpi.decimals)
        name = writer.texts["plan_baseline_of"].format(year=writer.fiscal_year_short(kpi.baseline.fiscal_year))
        slots.insert(0, Slot(name, kpi.baseline.value, None, faint=False, what=said))
    return slots


def _year_slot(kpi: Kpi, year: int, period: Period | None, writer: Writer) -> Slot:
    row = period.row(kpi.code) if period else None
    target = aim_of(kpi, year).target
    label = writer.fiscal_year_short(FiscalYear(year))
    return _slot(label, row, None if row is None else row.actual, target, kpi, writer)


def month_slots(kpi: Kpi, looked: Looked, months: dict[date, Period], writer: Writer) -> list[Slot]:
    """A slot for each month: its value, or for sums all months up to it, against the target of the year."""
    target, sum_so_far = aim_of(kpi, looked.year.year).target, Decimal(0)
    slots = []
    for first_day, row in month_rows(looked, months, kpi.code):
        value = None if row is None else row.actual
        if adds_up(kpi) and value is not None:
            sum_so_far += value
            value = sum_so_far
        label = writer.texts["plan_month"].format(n=first_day.month)
        slots.append(_slot(label, row, value, target, kpi, writer))
    return slots


def _slot(
    label: str, row: KpiRow | None, actual: Decimal | None, target: float | None, kpi: Kpi, writer: Writer
) -> Slot:
    said = writer.texts["plan_not_frozen"] if actual is None else f"{writer.fixed(actual, kpi.decimals)} {kpi.unit}"
    if target is not None:
        said += f" / {writer.texts['plan_target']} {writer.fixed(target, kpi.decimals)}"
    faint = row is not None and row.reference_only
    return Slot(label, None if actual is None else float(actual), target, faint, said)
