"""/api/v1/reports, from a draft to a submission (提出版): checked, frozen, corrected; and orders called off."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Body, HTTPException, Path, Query, Request, Response
from pydantic import Field

from ingest.access.authority import NotThere
from ingest.access.roles import Verb
from ingest.errors import CallRefused, ReaderBusy
from ingest.report.form.csv import Encoding
from ingest.report.form.options import Times
from ingest.report.order.drafts import kept_report
from ingest.report.order.orders import TooManyOpen, cancel_order, order_of
from ingest.report.submission.review import LONGEST_REASON, check_report, order_freeze, reopen_report
from ingest.report.submission.revise import order_revision
from ingest.web.api.parameters import Deps
from ingest.web.api.routes.reports import (
    WAIT_S,
    OrderAnswer,
    OrderNumber,
    ReportAnswer,
    ReportNumber,
    order_answer,
    report_answer,
)
from ingest.web.api.sent import Sent
from ingest.web.dependencies import WebDependencies
from ingest.web.plan_door import Writing, writing
from ingest.web.report_files import order_seen, report_seen, send_table
from ingest.web.rules import FREEZE_REPORTS, ORDER_REPORTS, REPORTS, allow
from schemas.japan import now_jst

router = APIRouter(prefix="/reports", tags=["reports"])

Table = Annotated[str, Path(max_length=100, description="Code of a table of the report, as `devices`")]


_CSV: dict[int | str, dict[str, Any]] = {
    200: {"description": "The table, CRLF", "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}}}
}


class FreezeSent(Sent):
    """What is said about a report that is to be frozen."""

    reason: str = Field(
        "", max_length=LONGEST_REASON, description="Why there is a new revision, where the period has a frozen report"
    )


@router.post("/{report}/check")
@allow(ORDER_REPORTS)
def check_report_draft(request: Request, deps: Deps, report: ReportNumber) -> ReportAnswer:
    """Note that whoever sends this read the draft. A newer draft does not replace it any more."""
    with _open(request, deps, report) as to:
        check_report(to.connection, to.by, to.project, report, now_jst())
        return report_answer(to.project, kept_report(to.connection, to.project.project_id, report))


@router.post("/{report}/reopen")
@allow(ORDER_REPORTS)
def reopen_report_draft(request: Request, deps: Deps, report: ReportNumber) -> ReportAnswer:
    """Take a check back: the report is a draft again."""
    with _open(request, deps, report) as to:
        reopen_report(to.connection, to.by, to.project, report)
        return report_answer(to.project, kept_report(to.connection, to.project.project_id, report))


@router.post("/{report}/freeze", status_code=202)
@allow(FREEZE_REPORTS)
def freeze_report_draft(
    request: Request, deps: Deps, report: ReportNumber, sent: Annotated[FreezeSent | None, Body()] = None
) -> OrderAnswer:
    """Have a checked report frozen in the background. Nobody can change it then; `revise` makes a correction."""
    with _open(request, deps, report, Verb.OPERATE) as to:
        placed = order_freeze(to.connection, to.by, to.project, report, sent.reason if sent else "")
        return order_answer(to.project, order_of(to.connection, to.project.project_id, placed.number))


@router.post("/{report}/revise", status_code=202)
@allow(ORDER_REPORTS)
def revise_report(request: Request, deps: Deps, report: ReportNumber) -> OrderAnswer:
    """Have a frozen report made again as a draft, to be checked and frozen as its next revision. It stays itself."""
    with _open(request, deps, report) as to:
        placed = order_revision(to.connection, to.by, to.project, report, now_jst())
        return order_answer(to.project, order_of(to.connection, to.project.project_id, placed.number))


@router.post("/orders/{order}/cancel")
@allow(ORDER_REPORTS)
def cancel_order_of_report(request: Request, deps: Deps, order: OrderNumber) -> OrderAnswer:
    """Call an order off that waits or is being made; one of freezing only by who may freeze."""
    with deps.database() as connection:
        seen, verb = order_seen(connection, order)
    with _refusals(), writing(request, seen.code, verb) as to:
        return order_answer(to.project, cancel_order(to.connection, to.by, to.project, order))


@router.get("/{report}/tables/{table}", response_class=Response, responses=_CSV)
@allow(REPORTS)
def read_report_table(
    request: Request,
    deps: Deps,
    report: ReportNumber,
    table: Table,
    encoding: Annotated[Encoding, Query(description="utf-8 begins with a BOM")] = "utf-8",
    times: Annotated[Times, Query(description="excel: as Excel reads days and times")] = Times.ISO,
) -> Response:
    """One table of a report as CSV: a row of headings, its rows and its total."""
    whole: WebDependencies = deps
    return send_table(request, whole, report, table, encoding, times)


@contextmanager
def _open(request: Request, deps: WebDependencies, report: int, verb: Verb = Verb.REPORT) -> Iterator[Writing]:
    """A connection to change something of a report. What is refused is answered with the reason."""
    with deps.database() as connection:
        seen, _ = report_seen(connection, report)
    with _refusals(), writing(request, seen.code, verb) as to:
        yield to


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except NotThere as error:
        raise HTTPException(404, error.said.en) from error
    except TooManyOpen as error:
        raise ReaderBusy(error.said, WAIT_S) from None
    except CallRefused as error:
        raise HTTPException(422, error.said.en) from error
