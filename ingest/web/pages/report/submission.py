"""From a draft to a submission (提出版) on the page of a report: checked, frozen, compared, and its signatures."""

from collections.abc import Callable
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, HTTPException, Path, Request
from starlette.responses import Response

from ingest.access.authority import ChangeRefused, NotThere
from ingest.access.roles import Verb
from ingest.errors import CallRefused
from ingest.report.order.orders import cancel_order
from ingest.report.submission.database import read_signature
from ingest.report.submission.review import check_report, order_comparison, order_freeze, reopen_report
from ingest.report.submission.revise import order_revision
from ingest.web.dependencies import WebDependencies, dependencies
from ingest.web.form import Form, go_to, sent_form
from ingest.web.pages.report.shown import show_report
from ingest.web.plan_door import Writing, writing
from ingest.web.report_files import order_seen, report_seen
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


@router.post("/reports/{number}/revise")
@allow(REPORT)
def revise_frozen(request: Request, deps: Deps, number: Number) -> Response:
    """Have a frozen report made again, as a draft of the next revision."""
    return _do(request, deps, number, Verb.REPORT, "revising#orders",
               lambda to: order_revision(to.connection, to.by, to.project, number, now_jst()),
               "/reports?project={project}&done=report_")  # fmt: skip


@router.post("/reports/orders/{order}/cancel")
@allow(REPORT)
def cancel_report_order(request: Request, deps: Deps, order: Number) -> Response:
    """Call an order off; that of freezing only for who may freeze."""
    with deps.database() as connection:
        seen, verb = order_seen(connection, order)
    done = "report_cancelled"
    try:
        with writing(request, seen.code, verb) as to:
            cancel_order(to.connection, to.by, to.project, order)
    except NotThere as error:
        raise HTTPException(404, error.said.en) from error
    except ChangeRefused:  # it ended while somebody looked at it, and the page says how
        done = "report_ended_already"
    return go_to(f"/reports?project={seen.code}&done={done}#orders")


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
    request: Request, deps: WebDependencies, number: int, verb: Verb, done: str, change: Callable[[Writing], object],
    to_page: str = "",
) -> Response:  # fmt: skip
    """Change something of a report, and go back to its page, which says what was refused and why.

    `to_page`: where else to go to.
    """
    with deps.database() as connection:
        seen, report = report_seen(connection, number)
    try:
        with writing(request, seen.code, verb) as to:
            change(to)
    except NotThere as error:
        raise HTTPException(404, error.said.en) from error
    except CallRefused as error:
        return show_report(request, deps, report.number, refused=error.said)
    return go_to((to_page or "/reports/{number}?done=report_").format(number=report.number, project=seen.code) + done)
