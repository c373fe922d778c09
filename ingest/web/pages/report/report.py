"""One report: its text in the browser, its files, and how a draft is thrown away."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Path, Request
from starlette.responses import HTMLResponse, Response

from ingest.access.authority import ChangeRefused, NotThere
from ingest.access.roles import Verb
from ingest.report.form.forms import ReportForm
from ingest.report.form.values import text_of
from ingest.report.order.drafts import discard_draft, kept_document
from ingest.report.submission.database import list_frozen, read_changes
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.form import go_to
from ingest.web.guard import caller_of
from ingest.web.plan_door import writing
from ingest.web.render import page, writer_for
from ingest.web.report_files import report_seen, send_file
from ingest.web.rules import REPORT, SEE, allow
from ingest.web.text.writer import Writer

ROWS_SHOWN = 100
"""Rows of a table on the page; the files have all of them."""

Number = Annotated[int, Path(ge=1)]
router = APIRouter(include_in_schema=False)


@router.get("/reports/{number}")
@allow(SEE)
def report_page(
    request: Request, deps: Annotated[WebDependencies, Depends(dependencies)], number: Number, done: str = ""
) -> HTMLResponse:
    """The report as its files have it, and the files."""
    writer = writer_for(request)
    with deps.database() as connection:
        project, report = report_seen(connection, number)
        try:
            document = kept_document(connection, project.project_id, report.number)
        except NotThere as error:  # replaced by a newer draft meanwhile
            raise HTTPException(404, error.said.en) from error
        standing = next(iter(list_frozen(connection, project.project_id, report.number)), None)
        changes = read_changes(connection, project.project_id, report.number)
    may = deps.access is not None and caller_of(request).may(Verb.REPORT, project.project_id)
    return page(
        request,
        "report.html",
        writer,
        project=project,
        report=report,
        document=document,
        text_of=text_of,
        rows_shown=ROWS_SHOWN,
        may_discard=may and report.is_draft,
        may_report=may,
        may_freeze=may and caller_of(request).may(Verb.OPERATE, project.project_id),
        standing=standing,
        changes=changes,
        done=writer.texts.get(f"done_{done}", "") if done.startswith("report_") else "",
        form_names={form.value: writer.said(form.label) for form in ReportForm} | _other_forms(writer),
    )


def _other_forms(writer: Writer) -> dict[str, str]:
    return {"zip": "ZIP", "difference": writer.texts["report_difference_file"]}


@router.get("/reports/{number}/files/{form}")
@allow(SEE)
def report_file(
    request: Request, deps: Annotated[WebDependencies, Depends(dependencies)], number: Number, form: str
) -> Response:
    """A file of a report, as it was made."""
    return send_file(request, deps, number, form)


@router.post("/reports/{number}/discard")
@allow(REPORT)
def discard_report(
    request: Request,
    deps: Annotated[WebDependencies, Depends(dependencies)],
    number: Number,
) -> Response:
    """Throw a draft away. What was checked or frozen stays."""
    with deps.database() as connection:
        seen, _ = report_seen(connection, number)
    try:
        with writing(request, seen.code, Verb.REPORT) as (connection, project, by):
            discard_draft(connection, by, project, number)
    except NotThere as error:
        raise HTTPException(404, error.said.en) from error
    except ChangeRefused as error:
        raise HTTPException(422, error.said.en) from error
    return go_to(f"/reports?project={seen.code}&done=report_discarded")
