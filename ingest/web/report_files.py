"""A file of a report as it is sent: its name in Japanese, a tag by which it is not sent twice, and an audit entry."""

from urllib.parse import quote

from fastapi import HTTPException, Request
from starlette.responses import Response

from ingest.access.audit import Action, entry_of
from ingest.access.authority import NotThere
from ingest.access.roles import Verb
from ingest.errors import CallRefused
from ingest.figures.project import ProjectRef, project_refs
from ingest.report.form.csv import Encoding, table_csv
from ingest.report.form.forms import ReportForm, base_name
from ingest.report.form.options import Times
from ingest.report.order.database import project_of_order, project_of_report
from ingest.report.order.drafts import kept_document, kept_file, kept_report
from ingest.report.order.model import ZIP, KeptFile, KeptReport, Purpose
from ingest.report.order.orders import order_of
from ingest.report.submission.model import DIFFERENCE
from ingest.store.database import Database
from ingest.web.dependencies import WebDependencies
from ingest.web.guard import caller_of
from ingest.web.noted import client_address
from ingest.web.trail import trail_of

MOST_NUMBER = 2**62
_ZIP_TYPE = "application/zip"


def report_seen(connection: Database, number: int) -> tuple[ProjectRef, KeptReport]:
    """A report and its project. Raises HTTPException (404) for one that the caller does not see."""
    number = min(number, MOST_NUMBER)
    project_id = project_of_report(connection, number)
    project = next((each for each in project_refs(connection) if each.project_id == project_id), None)
    if project is None:
        raise HTTPException(404, "There is no such report.")
    return project, kept_report(connection, project.project_id, number)


def order_seen(connection: Database, number: int) -> tuple[ProjectRef, Verb]:
    """The project of an order, and what one must be allowed there to call it off. Raises HTTPException (404)."""
    project_id = project_of_order(connection, min(number, MOST_NUMBER))
    project = next((each for each in project_refs(connection) if each.project_id == project_id), None)
    if project is None:
        raise HTTPException(404, "There is no such order.")
    order = order_of(connection, project.project_id, number)
    return project, Verb.OPERATE if order.purpose is Purpose.FREEZE else Verb.REPORT


def send_file(request: Request, deps: WebDependencies, number: int, form: str, *, inline: bool = False) -> Response:
    """The file of this form, or 304 for one that the caller has. Raises HTTPException (404).

    `inline`: a PDF is to be shown by the browser.
    """
    with deps.database() as connection:
        project, report = report_seen(connection, number)
        file = next((each for each in report.files if each.form == form), None)
        if file is None:
            raise HTTPException(404, "The report has no such file.")
        headers = _headers(project, report, file)
        if inline and form == ReportForm.PDF:
            headers["Content-Disposition"] = headers["Content-Disposition"].replace("attachment", "inline", 1)
        if headers["ETag"] in (tag.strip() for tag in request.headers.get("if-none-match", "").split(",")):
            return Response(status_code=304, headers=headers)
        try:
            content = kept_file(connection, project.project_id, report.number, form)
        except NotThere as error:  # replaced by a newer draft meanwhile
            raise HTTPException(404, error.said.en) from error
    after = {"report": report.number, "file": file.name, "sha256": file.sha256.hex()}
    subject = f"report {report.kind.value} {form}"
    entry = entry_of(caller_of(request), Action.DATA_DOWNLOADED, subject, project=project.code, after=after)
    trail_of(request).note(entry, client_address(request))
    return Response(content, media_type=media_type_of(form), headers=headers)


def send_table(
    request: Request, deps: WebDependencies, number: int, table: str, encoding: Encoding, times: Times
) -> Response:
    """One table of a report as CSV, from what is kept. Raises HTTPException (404)."""
    with deps.database() as connection:
        project, report = report_seen(connection, number)
        try:
            document = kept_document(connection, project.project_id, report.number)
            content = table_csv(document, table, encoding, times)
        except CallRefused as error:  # no such table, or replaced by a newer draft meanwhile
            raise HTTPException(404, error.said.en) from error
    after = {"report": report.number, "table": table}
    subject = f"report {report.kind.value} {table}"
    entry = entry_of(caller_of(request), Action.DATA_DOWNLOADED, subject, project=project.code, after=after)
    trail_of(request).note(entry, client_address(request))
    plain = f"noroshi-{report.kind.value}-{report.first_day}-{project.code}-{table}.csv"
    form = ReportForm.CSV if encoding == "utf-8" else ReportForm.CSV_CP932
    disposition = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(f'{base_name(document)}_{table}.csv', safe='')}"
    )
    return Response(content, media_type=form.media_type, headers={"Content-Disposition": disposition})


def media_type_of(form: str) -> str:
    """The type of the content of a file."""
    if form == ZIP:
        return _ZIP_TYPE
    if form == DIFFERENCE:
        return ReportForm.XLSX.media_type
    return ReportForm(form).media_type if form in tuple(ReportForm) else ReportForm.JSON.media_type


def _headers(project: ProjectRef, report: KeptReport, file: KeptFile) -> dict[str, str]:
    """RFC 8187: a name that every program understands, and the one that people read."""
    plain = f"noroshi-{report.kind.value}-{report.first_day}-{project.code}.{file.name.rpartition('.')[2]}"
    return {
        "ETag": f'"{file.sha256.hex()}"',
        "Cache-Control": "private, no-cache",
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file.name, safe='')}",
    }
