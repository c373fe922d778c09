"""One report as its page shows it: its text, its files, how far it is, and what may be done with it."""

from fastapi import HTTPException, Request
from starlette.responses import HTMLResponse

from ingest.access.authority import NotThere
from ingest.access.roles import Verb
from ingest.figures.project import ProjectRef
from ingest.report.form.forms import ReportForm
from ingest.report.form.options import Times
from ingest.report.form.values import text_of
from ingest.report.order.database import last_order_about
from ingest.report.order.drafts import kept_document
from ingest.report.order.model import KeptReport, Order, Purpose
from ingest.report.order.orders import order_of
from ingest.report.submission.database import list_frozen, newest_frozen, read_changes
from ingest.store.database import Database
from ingest.web.dependencies import WebDependencies
from ingest.web.guard import caller_of
from ingest.web.render import page, writer_for
from ingest.web.report_files import report_seen
from ingest.web.text.writer import Writer
from schemas.bilingual import Bilingual

ROWS_SHOWN = 100
"""Rows of a table on the page; the files have all of them."""

REFRESH_S = 2
STEPS = ("draft", "checked", "frozen")


def show_report(
    request: Request, deps: WebDependencies, number: int, *, done: str = "", refused: Bilingual | None = None
) -> HTMLResponse:
    """The page of a report. `refused`: why something was not done just now. Raises HTTPException (404)."""
    writer = writer_for(request)
    with deps.database() as connection:
        project, report = report_seen(connection, number)
        try:
            document = kept_document(connection, project.project_id, report.number)
        except NotThere as error:  # replaced by a newer draft meanwhile
            raise HTTPException(404, error.said.en) from error
        standing = next(iter(list_frozen(connection, project.project_id, report.number)), None)
        changes = read_changes(connection, project.project_id, report.number)
        freezing = _freezing(connection, project, report)
        before = newest_frozen(connection, project.project_id, report.kind, report.first_day, report.last_day)
    may = deps.access is not None and caller_of(request).may(Verb.REPORT, project.project_id)
    return page(
        request,
        "report.html",
        writer,
        status=200 if refused is None else 422,
        address=f"/reports/{report.number}",
        project=project,
        report=report,
        document=document,
        text_of=text_of,
        rows_shown=ROWS_SHOWN,
        steps=STEPS,
        may_discard=may and report.is_draft,
        may_report=may,
        may_freeze=may and caller_of(request).may(Verb.OPERATE, project.project_id),
        standing=standing,
        changes=changes,
        freezing=freezing if freezing is not None and freezing.is_open else None,
        freeze_failed=None if freezing is None or report.state == "frozen" else freezing.failed,
        revision_before=None if before is None or report.state == "frozen" else before.revision,
        refresh_s=REFRESH_S,
        refused=refused,
        done=writer.texts.get(f"done_{done}", "") if done.startswith("report_") else "",
        times=tuple(Times),
        form_names={form.value: writer.said(form.label) for form in ReportForm} | _other_forms(writer),
    )


def _freezing(connection: Database, project: ProjectRef, report: KeptReport) -> Order | None:
    """The newest order to freeze it."""
    number = last_order_about(connection, report.number, Purpose.FREEZE)
    return None if number is None else order_of(connection, project.project_id, number)


def _other_forms(writer: Writer) -> dict[str, str]:
    return {"zip": "ZIP", "difference": writer.texts["report_difference_file"]}
