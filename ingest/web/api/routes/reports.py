"""/api/v1/reports: reports are ordered, followed while they are made, listed, and read as files."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, HTTPException, Path, Request, Response
from pydantic import AwareDatetime, BaseModel, Field

from ingest.access.roles import Verb
from ingest.errors import CallRefused, ReaderBusy
from ingest.figures.project import ProjectRef, project_refs
from ingest.report.form.forms import ReportForm
from ingest.report.form.options import FormOptions, Paper, Times
from ingest.report.make import period_of
from ingest.report.month import parse_month
from ingest.report.order.database import project_of_order
from ingest.report.order.drafts import list_kept
from ingest.report.order.model import KeptReport, NewOrder, Order, OrderState, Purpose
from ingest.report.order.orders import TooManyOpen, order_of, place_order
from ingest.web.api.parameters import Deps
from ingest.web.api.routes.work import Before, Limit, MyProject, OneProject
from ingest.web.api.sent import NUMBER, Sent
from ingest.web.dependencies import WebDependencies
from ingest.web.plan_door import project_seen, writing
from ingest.web.report_files import media_type_of, report_seen, send_file
from ingest.web.rules import ORDER_REPORTS, REPORTS, allow
from schemas.japan import FiscalYear, Month, now_jst, to_jst
from schemas.report_document import Period, ReportKind

router = APIRouter(prefix="/reports", tags=["reports"])

LISTED = 50
WAIT_S = 60
MOST_NUMBER = 2**62
ReportNumber = Annotated[int, Path(ge=1, le=MOST_NUMBER, description="Number of the report, as its list gives it")]
OrderNumber = Annotated[int, Path(ge=1, le=MOST_NUMBER, description="Number of the order, as ordering gave it")]
FileForm = Literal["xlsx", "pdf", "csv", "csv_cp932", "json", "zip", "difference"]
AFileForm = Annotated[FileForm, Path(description="Form of the file, one of those of the report")]


class OrderSent(Sent):
    """A report that is wanted, about a fiscal year (`fy`) or a month (`month`), as its kind needs."""

    kind: ReportKind
    fy: Annotated[int, Field(ge=2000, le=2100), NUMBER] | None = Field(
        None, description="The year in which the fiscal year begins"
    )
    month: str | None = Field(None, pattern="^[0-9]{4}-[0-9]{2}$", examples=["2026-11"])
    forms: list[ReportForm] = Field([ReportForm.XLSX, ReportForm.PDF], min_length=1, max_length=10)
    paper: Paper = Field(Paper.A4, description="Of the wide tables of the workbook; on A4 they are split")
    times: Times = Field(Times.ISO, description="How CSV has days and times; excel: as Excel reads them")
    client_key: UUID | None = Field(None, description="A UUID that the sender makes: the same order is taken once")


class OrderAnswer(BaseModel):
    """An order, and how far it is."""

    project: str = Field(description="Code of the project")
    order: int = Field(description="Its number")
    kind: ReportKind
    purpose: Purpose = Field(description="make: a draft; freeze: a submission; compare: it is held against now")
    of_report: int | None = Field(description="Number of the report that is frozen or compared")
    first_day: date
    last_day: date
    forms: list[ReportForm]
    paper: Paper
    times: Times
    state: OrderState
    done: int = Field(description="Steps that are done, of `steps`")
    steps: int
    doing: str = Field(description="What is being made")
    ordered_at: AwareDatetime
    ordered_by: str
    report: int | None = Field(description="Number of the report that came of it")
    failed: str | None = Field(description="Why nothing came of it")
    cancelled_by: str | None = Field(description="Who called it off")


class FileAnswer(BaseModel):
    """A file of a report."""

    form: str
    name: str
    size: int = Field(description="Bytes")
    sha256: str = Field(description="Hexadecimal; it is the ETag of the file, too")
    media_type: str
    path: str = Field(examples=["/api/v1/reports/7/files/xlsx"])


class ReportAnswer(BaseModel):
    """A report that is kept."""

    project: str = Field(description="Code of the project")
    report: int = Field(description="Its number")
    kind: ReportKind
    title: str
    period: str
    first_day: date
    last_day: date
    state: Literal["draft", "checked", "frozen"]
    submission: str | None = Field(description="Number of the submission, of a frozen one")
    revision: int | None
    made_at: AwareDatetime
    made_by: str
    plan_number: int | None = Field(description="Version of the plan that it counts by")
    software: str
    sha256: str = Field(description="Of the canonical content, hexadecimal")
    files: list[FileAnswer]


class ReportsAnswer(BaseModel):
    """Reports of a project, the newest first."""

    project: str = Field(description="Code of the project")
    reports: list[ReportAnswer]
    next_before: int | None = Field(description="Give it as `before` for older rows; null: these were the last")


ALREADY: dict[int | str, dict[str, Any]] = {
    200: {"model": OrderAnswer, "description": "It had been ordered before, or the same is still being made"}
}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The bytes of the file. `ETag` is its SHA-256; the name is in `Content-Disposition` (RFC 8187)",
        "content": {
            media_type_of(form).partition(";")[0]: {"schema": {"type": "string", "format": "binary"}}
            for form in ("xlsx", "pdf", "csv", "json", "zip")
        },
    },
    304: {"description": "The file is the one that `If-None-Match` names"},
}


@router.post("", status_code=202, responses=ALREADY)
@allow(ORDER_REPORTS)
def enter_report_order(request: Request, response: Response, sent: OrderSent, project: MyProject) -> OrderAnswer:
    """Order a report. It is made in the background: ask for the order until its state is `made` or `failed`."""
    now = now_jst()
    with writing(request, project, Verb.REPORT) as (connection, seen, by):
        try:
            new = NewOrder(sent.kind, _period(sent), tuple(dict.fromkeys(sent.forms)), sent.client_key,
                           FormOptions(sent.paper, sent.times))  # fmt: skip
            placed = place_order(connection, by, seen, new, now)
        except TooManyOpen as refused:
            raise ReaderBusy(refused.said, WAIT_S) from None
        except CallRefused as refused:
            raise HTTPException(422, refused.said.en) from None
        order = order_of(connection, seen.project_id, placed.number)
    if placed.already:
        response.status_code = 200
    return order_answer(seen, order)


@router.get("")
@allow(REPORTS)
def read_reports(deps: Deps, project: OneProject = "", limit: Limit = LISTED, before: Before = None) -> ReportsAnswer:
    """The reports of a project, drafts and frozen ones, the newest first."""
    with deps.database() as connection:
        seen = project_seen(project_refs(connection), project)
        if seen is None:
            raise HTTPException(404, "There is no project.")
        rows = list_kept(connection, seen.project_id, limit=limit + 1, below=before)
    shown = rows[:limit]
    more = shown[-1].number if len(rows) > limit else None
    return ReportsAnswer(project=seen.code, reports=[report_answer(seen, row) for row in shown], next_before=more)


@router.get("/orders/{order}")
@allow(REPORTS)
def read_report_order(deps: Deps, order: OrderNumber) -> OrderAnswer:
    """How far an order is."""
    with deps.database() as connection:
        project_id = project_of_order(connection, order)
        seen = next((each for each in project_refs(connection) if each.project_id == project_id), None)
        if seen is None:
            raise HTTPException(404, "There is no such order.")
        return order_answer(seen, order_of(connection, seen.project_id, order))


@router.get("/{report}")
@allow(REPORTS)
def read_report(deps: Deps, report: ReportNumber) -> ReportAnswer:
    """One report, with its files."""
    with deps.database() as connection:
        return report_answer(*report_seen(connection, report))


@router.get("/{report}/files/{form}", response_class=Response, responses=_FILE)
@allow(REPORTS)
def read_report_file(request: Request, deps: Deps, report: ReportNumber, form: AFileForm) -> Response:
    """A file of a report, as it was made."""
    whole: WebDependencies = deps
    return send_file(request, whole, report, form)


def _period(sent: OrderSent) -> Period:
    """Raises CallRefused for a period that the kind is not about."""
    now = now_jst()
    asked: FiscalYear | Month | None = None
    if sent.month is not None:
        asked = parse_month(sent.month)
    elif sent.fy is not None:
        asked = FiscalYear(sent.fy)
    if sent.kind is ReportKind.SET and isinstance(asked, FiscalYear):
        return Period.of_year(asked, now)
    return period_of(sent.kind, asked, now)


def order_answer(project: ProjectRef, order: Order) -> OrderAnswer:
    """An order as it is answered."""
    return OrderAnswer(
        project=project.code, order=order.number, kind=order.kind, purpose=order.purpose,
        of_report=order.of_report, paper=order.options.paper, times=order.options.times,
        first_day=order.first_day, last_day=order.last_day, forms=list(order.forms),
        state=order.state, done=order.done, steps=order.steps, doing=order.doing,
        ordered_at=to_jst(order.ordered_at), ordered_by=order.ordered_by, report=order.report,
        failed=None if order.failed is None else order.failed.en,
        cancelled_by=order.cancelled_by,
    )  # fmt: skip


def report_answer(project: ProjectRef, kept: KeptReport) -> ReportAnswer:
    """A report as it is answered."""
    files = [
        FileAnswer(
            form=file.form, name=file.name, size=file.size, sha256=file.sha256.hex(),
            media_type=media_type_of(file.form), path=f"/api/v1/reports/{kept.number}/files/{file.form}",
        )
        for file in kept.files
    ]  # fmt: skip
    return ReportAnswer.model_validate({
        "project": project.code, "report": kept.number, "kind": kept.kind, "title": kept.title, "period": kept.period,
        "first_day": kept.first_day, "last_day": kept.last_day, "state": kept.state, "submission": kept.submission,
        "revision": kept.revision, "made_at": to_jst(kept.made_at), "made_by": kept.made_by,
        "plan_number": kept.plan_number, "software": kept.software, "sha256": kept.digest.hex(), "files": files,
    })  # fmt: skip
