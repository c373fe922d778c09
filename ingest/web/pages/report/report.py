"""One report: its text in the browser, its files, each of its tables as CSV, and how a draft is thrown away."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request
from starlette.responses import HTMLResponse, Response

from ingest.access.authority import ChangeRefused, NotThere
from ingest.access.roles import Verb
from ingest.report.form.csv import Encoding
from ingest.report.form.options import Times
from ingest.report.order.drafts import discard_draft
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.form import go_to
from ingest.web.pages.report.shown import show_report
from ingest.web.plan_door import writing
from ingest.web.report_files import report_seen, send_file, send_table
from ingest.web.rules import REPORT, SEE, allow

Number = Annotated[int, Path(ge=1)]
Deps = Annotated[WebDependencies, Depends(dependencies)]

router = APIRouter(include_in_schema=False)


@router.get("/reports/{number}")
@allow(SEE)
def report_page(request: Request, deps: Deps, number: Number, done: str = "") -> HTMLResponse:
    """The report as its files have it, and the files."""
    return show_report(request, deps, number, done=done)


@router.get("/reports/{number}/files/{form}")
@allow(SEE)
def report_file(
    request: Request, deps: Deps, number: Number, form: str, *, inline: Annotated[bool, Query()] = False
) -> Response:
    """A file of a report, as it was made. `inline`: a PDF is shown by the browser instead of being saved."""
    return send_file(request, deps, number, form, inline=inline)


@router.get("/reports/{number}/tables/{table}")
@allow(SEE)
def report_table(
    request: Request,
    deps: Deps,
    number: Number,
    table: str,
    encoding: Annotated[Encoding, Query()] = "utf-8",
    times: Annotated[Times, Query()] = Times.EXCEL,
) -> Response:
    """One table of a report as CSV."""
    return send_table(request, deps, number, table, encoding, times)


@router.post("/reports/{number}/discard")
@allow(REPORT)
def discard_report(request: Request, deps: Deps, number: Number) -> Response:
    """Throw a draft away. What was checked or frozen stays."""
    with deps.database() as connection:
        seen, _ = report_seen(connection, number)
    try:
        with writing(request, seen.code, Verb.REPORT) as (connection, project, by):
            discard_draft(connection, by, project, number)
    except NotThere as error:
        raise HTTPException(404, error.said.en) from error
    except ChangeRefused as error:
        return show_report(request, deps, number, refused=error.said)
    return go_to(f"/reports?project={seen.code}&done=report_discarded")
