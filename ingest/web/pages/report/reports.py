"""報告: reports are ordered here, seen while they are made, listed, and due."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse, Response

from ingest.access.authority import ChangeRefused
from ingest.access.roles import Verb
from ingest.errors import CallRefused
from ingest.figures.project import ProjectEntry, ProjectRef, project_of_id, project_refs
from ingest.report.due import DueLine, DueState, due_lines
from ingest.report.form.forms import FORMS, ReportForm
from ingest.report.form.options import FormOptions, Paper, Times
from ingest.report.make import kinds_offered, period_of, spans_of
from ingest.report.order.drafts import list_kept
from ingest.report.order.model import KeptReport, NewOrder, Order
from ingest.report.order.orders import open_and_recent_orders, place_order
from ingest.report.order.whole_set import kinds_of_set
from ingest.report.read.package import MOST_BYTES
from ingest.store.database import Database
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.form import Form, go_to, sent_form
from ingest.web.guard import caller_of
from ingest.web.plan_door import project_seen, writing
from ingest.web.render import page, writer_for
from ingest.web.rules import REPORT, SEE, allow
from ingest.web.text.writer import Writer
from schemas.bilingual import Bilingual
from schemas.japan import APRIL, FiscalYear, Month, now_jst
from schemas.report_document import Period, ReportKind

LISTED = 200
ORDERS_SHOWN = 5
YEARS = 6
REFRESH_S, REFRESH_WHILE_MAKING_S = 30, 2

SIGNS = {
    DueState.SUBMITTED: "live", DueState.DRAFTED: "partial", DueState.LATE: "silent", DueState.NOW: "partial",
    DueState.SOON: "resting", DueState.BY_PEOPLE: "partial",
    DueState.OVER: "resting",
}  # fmt: skip
"""The symbols of the states of duties."""

router = APIRouter(include_in_schema=False)

_NO_KIND = Bilingual("報告書を選んでください", "choose a report")
_NO_YEAR = Bilingual("年度を選んでください", "choose a fiscal year")
_NO_MONTH = Bilingual("この報告書は月ごとです。月を選んでください", "this report is about a month: choose one")
_NO_PERIOD = Bilingual("年度を 2026、月を 2026-11 のように指定してください", "write a year as 2026, a month as 2026-11")


@dataclass
class _Seen:
    """What the page shows of one project."""

    projects: list[ProjectRef]
    project: ProjectRef | None
    orders: list[Order] = field(default_factory=list)
    kept: list[KeptReport] = field(default_factory=list)
    due: list[DueLine] = field(default_factory=list)
    entry: ProjectEntry | None = None


@router.get("/reports")
@allow(SEE)
def reports_page(
    request: Request,
    deps: Annotated[WebDependencies, Depends(dependencies)],
    project: Annotated[str, Query(max_length=63)] = "",
    kind: Annotated[str, Query(max_length=20)] = "",
    fy: Annotated[int | None, Query(ge=2015, le=2100)] = None,
    month: Annotated[int | None, Query(ge=1, le=12)] = None,
    done: Annotated[str, Query(max_length=40)] = "",
) -> HTMLResponse:
    """The page. `kind`, `fy` and `month` fill in the form, as the links of the calendar do."""
    form = _begun(kind, fy, month)
    return _page(request, deps, project, form, done=done)


@router.post("/reports")
@allow(REPORT)
def order_report(
    request: Request,
    deps: Annotated[WebDependencies, Depends(dependencies)],
    form: Annotated[Form, Depends(sent_form)],
) -> Response:
    """Order a report, or the whole set of a year. The same form sent twice is one order."""
    code = form.text("project")
    try:
        with writing(request, code, Verb.REPORT) as (connection, project, by):
            new = _order_of(form)
            placed = None if new is None else place_order(connection, by, project, new, now_jst())
    except ChangeRefused as refused:
        form.refuse("kind", refused.said)
        placed = None
    except CallRefused as refused:
        form.refuse("fy", refused.said)
        placed = None
    if placed is None:
        return _page(request, deps, code, form)
    return go_to(f"/reports?project={code}&done={'report_already' if placed.already else 'report_ordered'}#orders")


def _order_of(form: Form) -> NewOrder | None:
    """What the form orders; None with what is wrong noted in it. Raises CallRefused for a period that cannot be."""
    given, _, span = form.text("kind").partition(".")
    if given not in (*kinds_offered(), ReportKind.SET):
        form.refuse("kind", _NO_KIND)
        return None
    kind, number, month = ReportKind(given), form.number("fy"), form.number("month")
    if number is None or not 2000 <= number <= 2100:
        form.refuse("fy", _NO_YEAR)
        return None
    year, now, options = FiscalYear(number), now_jst(), _options(form)
    forms = tuple(ReportForm(each) for each in form.ticked("forms") if each in tuple(ReportForm))
    key = _key(form.text("client_key"))
    if kind is ReportKind.SET:
        return NewOrder(kind, Period.of_year(year, now), forms, key, options)
    if (span or spans_of(kind)[0]) != "month":
        return NewOrder(kind, period_of(kind, year, now), forms, key, options)
    if month is None or not 1 <= month <= 12:
        form.refuse("month", _NO_MONTH)
        return None
    return NewOrder(kind, period_of(kind, year.months[(month - APRIL) % 12], now), forms, key, options)


def _options(form: Form) -> FormOptions:
    """How the files are to be written; what nobody chose is as usual."""
    paper, times = form.text("paper"), form.text("times")
    return FormOptions(
        Paper(paper) if paper in tuple(Paper) else Paper.A4, Times(times) if times in tuple(Times) else Times.ISO
    )


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _begun(kind: str, fy: int | None, month: int | None) -> Form:
    """The form as it is offered: the yearly report, as Excel and PDF; its year follows from the project."""
    last = Month.of(now_jst().date().replace(day=1)).first_day
    last_month = Month.of(date.fromordinal(last.toordinal() - 1))
    chosen = kind if kind in tuple(ReportKind) else ReportKind.YEARLY.value
    values = {
        "kind": chosen, "fy": str(fy or ""), "month": str(month or last_month.month), "client_key": str(uuid4()),
        "paper": Paper.A4.value, "times": Times.ISO.value,
    }  # fmt: skip
    usual = [form.value for form in (ReportForm.XLSX, ReportForm.PDF) if form in FORMS]
    return Form(values, {"forms": usual})


def _usual_year(entry: ProjectEntry | None) -> FiscalYear:
    """The fiscal year that is over, which is reported on; the present one of a project that was granted in it."""
    this = FiscalYear.of(now_jst().date())
    new = entry is not None and entry.granted_on is not None and entry.granted_on >= this.first_day
    return this if new else FiscalYear(this.year - 1)


def _page(request: Request, deps: WebDependencies, code: str, form: Form, *, done: str = "") -> HTMLResponse:
    writer = writer_for(request)
    with deps.database() as connection:
        seen = _see(connection, code)
    if not form.text("fy"):
        form = replace(form, values={**form.values, "fy": str(_usual_year(seen.entry).year)})
    caller = caller_of(request)
    project = seen.project
    making = any(order.is_open for order in seen.orders)
    return page(
        request,
        "reports.html",
        writer,
        status=422 if form.errors else 200,
        address="/reports",
        seen=seen,
        project=project,
        form=form,
        client_key=form.text("client_key") or str(uuid4()),
        may_order=project is not None and deps.access is not None and caller.may(Verb.REPORT, project.project_id),
        may_operate=project is not None and caller.may(Verb.OPERATE, project.project_id),
        making=making,
        signs_of_due=SIGNS,
        orders=[order for order in seen.orders if order.is_open] + _ended(seen.orders),
        done=writer.texts.get(f"done_{done}", ""),
        most_bytes=MOST_BYTES,
        most_mb=MOST_BYTES // 2**20,
        refresh_s=REFRESH_WHILE_MAKING_S if making else REFRESH_S,
        **_choices(writer),
    )


def _ended(orders: Sequence[Order]) -> list[Order]:
    return [order for order in orders if not order.is_open][:ORDERS_SHOWN]


def _see(connection: Database, code: str) -> _Seen:
    projects = project_refs(connection)
    project = project_seen(projects, code)
    if project is None:
        return _Seen(projects, None)
    kept = list_kept(connection, project.project_id, limit=LISTED)
    entry = project_of_id(connection, project.project_id)
    offered = (*kinds_offered(), ReportKind.SET)
    due = [] if entry is None else due_lines(entry, kept, offered, now_jst().date())
    return _Seen(projects, project, open_and_recent_orders(connection, project.project_id), kept, due, entry)


def _choices(writer: Writer) -> dict[str, object]:
    """What there is to choose from."""
    this = FiscalYear.of(now_jst().date())
    years = [FiscalYear(this.year - back) for back in range(YEARS)]
    return {
        "kinds": [(kind.value if span == spans_of(kind)[0] else f"{kind}.{span}",
                   f"{writer.said(kind.label)} ({writer.texts[f'report_span_{span}']})")
                  for kind in kinds_offered() for span in spans_of(kind)],
        "years": [(str(year.year), writer.fiscal_year(year)) for year in years],
        "months": [(str(month.month), writer.texts["report_month_n"].format(n=month.month)) for month in this.months],
        "forms_offered": [(form.value, writer.said(form.label), "") for form in FORMS],
        "papers": [(paper.value, writer.said(paper.label)) for paper in Paper],
        "times": [(each.value, writer.said(each.label)) for each in Times],
        "set_names": [writer.said(kind.label) for kind in kinds_of_set()],
        "form_names": {form.value: writer.said(form.label) for form in ReportForm} | {"zip": "ZIP"},
    }  # fmt: skip
