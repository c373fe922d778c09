"""From a draft to a submission (提出版) on the page of a report: checked, frozen, compared, and its signatures."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, HTTPException, Path, Request
from starlette.responses import Response

from ingest.access.authority import ChangeRefused, NotThere
from ingest.access.roles import Verb
from ingest.report.submission.database import read_signature
from ingest.report.submission.review import check_report, order_comparison, order_freeze, reopen_report
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.form import Form, go_to, sent_form
from ingest.web.plan_door import Writing, writing
from ingest.web.report_files import report_seen
from ingest.web.rules import OPERATE, REPORT, SEE, allow
from schemas.japan import now_jst

Number = Annotated[int, Path(ge=1)]
Deps = Annotated[WebDependencies, Depends(dependencies)]
Sent = Annotated[Form, Depends(sent_form)]

router = APIRouter(include_in_schema=False)


@router.post("/reports/{number}/check")
@allow(REPORT)
def check_draft(request: Request, deps: Deps, number: Number) -> Response:
    """Somebody read the draft and answers for it."""
    return _do(request, deps, number, Verb.REPORT, "checked",
               lambda to: check_report(to.connection, to.by, to.project, number, now_jst()))  # fmt: skip


@router.post("/reports/{number}/reopen")
@allow(REPORT)
def reopen_checked(request: Request, deps: Deps, number: Number) -> Response:
    """Take the check back."""
    return _do(request, deps, number, Verb.REPORT, "reopened",
               lambda to: reopen_report(to.connection, to.by, to.project, number))  # fmt: skip


@router.post("/reports/{number}/freeze")
@allow(OPERATE)
def freeze_checked(request: Request, deps: Deps, number: Number, form: Sent) -> Response:
    """Have the checked report frozen soon."""
    reason = form.text("reason")
    return _do(request, deps, number, Verb.OPERATE, "freezing",
               lambda to: order_freeze(to.connection, to.by, to.project, number, reason))  # fmt: skip


@router.post("/reports/{number}/compare")
@allow(REPORT)
def compare_frozen(request: Request, deps: Deps, number: Number) -> Response:
    """Have the frozen report held against what would be computed now."""
    return _do(request, deps, number, Verb.REPORT, "comparing",
               lambda to: order_comparison(to.connection, to.by, to.project, number))  # fmt: skip


@router.get("/reports/{number}/files/{form}/signature")
@allow(SEE)
def report_signature(deps: Deps, number: Number, form: str) -> Response:
    """The text beside a file by which anybody checks it."""
    with deps.database() as connection:
        project, report = report_seen(connection, number)
        found = read_signature(connection, project.project_id, report.number, form)
    if found is None:
        raise HTTPException(404, "There is no signature: the report is not frozen, or has no such file.")
    name = quote(f"{found.name}.sig.json", safe="")
    plain = f"noroshi-{report.kind.value}-{report.first_day}-{form}.sig.json"
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{name}"
    return Response(found.text, media_type="application/json", headers={"Content-Disposition": disposition})


def _do(
    request: Request, deps: WebDependencies, number: int, verb: Verb, done: str, change: Callable[[Writing], object]
) -> Response:
    """Change something of a report, and go back to its page. What is refused is answered with the reason."""
    with deps.database() as connection:
        seen, report = report_seen(connection, number)
    with _refusals(), writing(request, seen.code, verb) as to:
        change(to)
    return go_to(f"/reports/{report.number}?done=report_{done}")


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except NotThere as error:
        raise HTTPException(404, error.said.en) from error
    except ChangeRefused as error:
        raise HTTPException(422, error.said.en) from error
