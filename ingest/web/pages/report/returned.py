"""取り込み: a workbook that came back is taken over; the page says what of it, or all that stands against it."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from starlette.responses import HTMLResponse

from ingest.access.authority import ChangeRefused
from ingest.access.roles import Verb
from ingest.figures.project import project_refs
from ingest.report.read.package import MOST_BYTES
from ingest.report.read.taken import TakenOver
from ingest.report.read.wrong import WorkbookRefused, Wrong
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.form import Form, SentFile, sent_file
from ingest.web.guard import caller_of
from ingest.web.plan_door import project_seen, writing
from ingest.web.render import page, writer_for
from ingest.web.rules import REPORT, REPORT_UPLOAD, allow
from schemas.bilingual import Bilingual
from schemas.japan import FiscalYear

ADDRESS = "/reports/returned"
Deps = Annotated[WebDependencies, Depends(dependencies)]

router = APIRouter(include_in_schema=False)

_NO_FILE = Bilingual("返ってきたファイルを選んでください", "choose the file that came back")
_NO_AUTHOR = Bilingual("記入した人の名前を入れてください", "say who wrote into it")


@router.get(ADDRESS)
@allow(REPORT)
def returned_page(request: Request, deps: Deps, project: Annotated[str, Query(max_length=63)] = "") -> HTMLResponse:
    """The page with the field for a file."""
    return _page(request, deps, project, Form())


@router.post(ADDRESS, max_body_size=2 * REPORT_UPLOAD.upload)
@allow(REPORT_UPLOAD)
def take_returned(request: Request, deps: Deps, sent: Annotated[SentFile, Depends(sent_file)]) -> HTMLResponse:
    """Take the words of the file over, or nothing of it."""
    form, file = sent.form, sent.file
    code, author = form.text("project"), form.need("author", _NO_AUTHOR)
    if file is None:
        form.refuse("file", _NO_FILE)
    with writing(request, code, Verb.REPORT) as to:
        project, by = to.project, to.by
    if form.errors or file is None:
        return _page(request, deps, code, form, status=422)
    if deps.taker is None:
        raise HTTPException(404, "There is no such project.")
    try:
        taken = deps.taker.take(by, project, file.file, author, file.filename or "")
    except WorkbookRefused as refused:
        return _page(request, deps, code, form, status=422, wrong=refused.wrong)
    except ChangeRefused as refused:
        return _page(request, deps, code, form, status=422, wrong=(Wrong(refused.said),))
    return _page(request, deps, code, Form(), taken=taken)


def _page(
    request: Request,
    deps: WebDependencies,
    code: str,
    form: Form,
    *,
    status: int = 200,
    taken: TakenOver | None = None,
    wrong: tuple[Wrong, ...] = (),
) -> HTMLResponse:
    with deps.database() as connection:
        project = project_seen(project_refs(connection), code)
    if project is None:
        raise HTTPException(404, "There is no project.")
    if not caller_of(request).may(Verb.REPORT, project.project_id):
        raise HTTPException(403, "Your role does not allow this in the project.")
    return page(
        request,
        "returned.html",
        writer_for(request),
        status=status,
        address=ADDRESS,
        project=project,
        form=form,
        taken=taken,
        fiscal_year=None if taken is None else FiscalYear.of(taken.first_day).year,
        cells=[each for each in wrong if each.cell],
        others=[each for each in wrong if not each.cell],
        most_bytes=MOST_BYTES,
        most_mb=MOST_BYTES // 2**20,
    )
