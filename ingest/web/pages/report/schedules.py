"""配信の予定: which report goes to whom by e-mail and when, who is reminded, and what became of each e-mail."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request
from starlette.responses import HTMLResponse, Response

from ingest.access.authority import ChangeRefused, NotThere
from ingest.access.roles import Role, Verb
from ingest.figures.project import ProjectRef, project_refs
from ingest.report.form.forms import FORMS, ReportForm
from ingest.report.mail.database import list_deliveries
from ingest.report.mail.deeds import send_again, send_test, settle_delivery
from ingest.report.mail.model import Delivery, DeliveryState
from ingest.report.mail.queue import recipients
from ingest.report.make import kinds_offered
from ingest.report.schedule.database import list_schedules
from ingest.report.schedule.model import NewSchedule, Schedule, When
from ingest.report.schedule.schedules import (
    MOST_ADDRESSES,
    add_schedule,
    pause_schedule,
    remove_schedule,
    resume_schedule,
)
from ingest.web.dependencies import WebDependencies, dependencies, whole_dependencies
from ingest.web.form import Form, go_to, sent_form
from ingest.web.guard import caller_of
from ingest.web.plan_door import Writing, project_seen, writing
from ingest.web.render import page, writer_for
from ingest.web.rules import ADMINISTER, OPERATE, REPORT, allow
from ingest.web.text.writer import Writer
from schemas.bilingual import Bilingual
from schemas.japan import now_jst
from schemas.report_calendar import About, report_calendar
from schemas.report_document import ReportKind

ADDRESS = "/reports/schedules"
LISTED = 100
REMIND = "reminder"
"""The choice that stands for reminders, beside the kinds of reports."""
DAYS = range(1, 29)

SIGNS = {
    DeliveryState.WAITING: "resting", DeliveryState.SENDING: "partial", DeliveryState.SENT: "live",
    DeliveryState.DOUBT: "partial", DeliveryState.FAILED: "silent", DeliveryState.WITHDRAWN: "resting",
}  # fmt: skip

router = APIRouter(include_in_schema=False)

Deps = Annotated[WebDependencies, Depends(dependencies)]
Sent = Annotated[Form, Depends(sent_form)]
Number = Annotated[int, Path(ge=1)]

_NO_KIND = Bilingual("送るものを選んでください", "choose what is sent")


class ScheduleView(NamedTuple):
    """A schedule, and how many get it now."""

    schedule: Schedule
    people: int


@router.get("/reports/schedules")
@allow(REPORT)
def schedules_page(
    request: Request,
    deps: Deps,
    project: Annotated[str, Query(max_length=63)] = "",
    done: Annotated[str, Query(max_length=40)] = "",
) -> HTMLResponse:
    """The page. It names addresses, so it is for those who make reports in the project."""
    begun = Form({"kind": ReportKind.MONTHLY.value, "day": "5", "role": Role.REPORTER.value}, {"forms": ["xlsx"]})
    return _page(request, deps, project, begun, done=done)


@router.post("/reports/schedules")
@allow(OPERATE)
def add_to_schedules(request: Request, deps: Deps, form: Sent) -> Response:
    """Add a schedule."""
    code = form.text("project")
    new = _wanted(form)
    if new is not None:
        try:
            with writing(request, code, Verb.OPERATE) as (connection, project, by):
                add_schedule(connection, by, project, new)
        except ChangeRefused as refused:
            form.refuse("kind", refused.said)
    if form.errors:
        return _page(request, deps, code, form)
    return go_to(f"{ADDRESS}?project={code}&done=schedule_added")


@router.post("/reports/schedules/test")
@allow(ADMINISTER)
def send_test_mail(request: Request, deps: Deps, form: Sent) -> Response:
    """Have an e-mail sent that only shows whether the settings are right."""
    code, sender = form.text("project"), whole_dependencies(request).door.mail_sender
    if not sender:
        raise HTTPException(422, "No mail server is set.")
    try:
        with writing(request, code, Verb.ADMINISTER) as (connection, project, by):
            send_test(connection, by, project, form.text("address"), sender)
    except ChangeRefused as refused:
        form.refuse("address", refused.said)
        return _page(request, deps, code, form)
    return go_to(f"{ADDRESS}?project={code}&done=schedule_test#deliveries")


@router.post("/reports/schedules/{schedule}/pause")
@allow(OPERATE)
def pause_one_schedule(request: Request, schedule: Number, form: Sent) -> Response:
    """Send nothing for a while."""
    return _do(request, form, "schedule_paused",
               lambda to: pause_schedule(to.connection, to.by, to.project, schedule, now_jst()))  # fmt: skip


@router.post("/reports/schedules/{schedule}/resume")
@allow(OPERATE)
def resume_one_schedule(request: Request, schedule: Number, form: Sent) -> Response:
    """Send again what falls due from now on."""
    return _do(request, form, "schedule_resumed",
               lambda to: resume_schedule(to.connection, to.by, to.project, schedule, now_jst()))  # fmt: skip


@router.post("/reports/schedules/{schedule}/remove")
@allow(OPERATE)
def remove_one_schedule(request: Request, schedule: Number, form: Sent) -> Response:
    """Send nothing any more."""
    return _do(request, form, "schedule_removed",
               lambda to: remove_schedule(to.connection, to.by, to.project, schedule))  # fmt: skip


@router.post("/reports/deliveries/{delivery}/again")
@allow(OPERATE)
def send_delivery_again(request: Request, delivery: Number, form: Sent) -> Response:
    """Send an e-mail that failed, or is in doubt, once more."""
    return _do(request, form, "delivery_again",
               lambda to: send_again(to.connection, to.by, to.project, delivery))  # fmt: skip


@router.post("/reports/deliveries/{delivery}/settle")
@allow(OPERATE)
def settle_one_delivery(request: Request, delivery: Number, form: Sent) -> Response:
    """Somebody saw to it."""
    return _do(request, form, "delivery_settled",
               lambda to: settle_delivery(to.connection, to.by, to.project, delivery))  # fmt: skip


def _do(request: Request, form: Form, done: str, change: Callable[[Writing], object]) -> Response:
    code = form.text("project")
    with _refusals(), writing(request, code, Verb.OPERATE) as to:
        change(to)
    return go_to(f"{ADDRESS}?project={code}&done={done}")


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except NotThere as error:
        raise HTTPException(404, error.said.en) from error
    except ChangeRefused as error:
        raise HTTPException(422, error.said.en) from error


def _wanted(form: Form) -> NewSchedule | None:
    """What the form asks for; None with what is wrong noted in it. What cannot be is left to `add_schedule`."""
    given, role = form.text("kind"), form.text("role")
    addresses = tuple(each for each in re.split(r"[\s,;、，；]+", form.text("addresses")) if each)
    to = Role(role) if role in tuple(Role) else None
    if given == REMIND:
        return NewSchedule(None, (), None, to, addresses)
    if given not in (*kinds_offered(), ReportKind.SET):
        form.refuse("kind", _NO_KIND)
        return None
    kind = ReportKind(given)
    about = About.LAST_MONTH if kind is ReportKind.MONTHLY else About.LAST_YEAR
    written = form.text("about")
    when = When(
        About(written) if written in tuple(About) else about, form.number("day") or 0,
        None if kind is ReportKind.MONTHLY else form.number("month"),
    )  # fmt: skip
    forms = tuple(ReportForm(each) for each in form.ticked("forms") if each in tuple(ReportForm))
    return NewSchedule(kind, forms, when, to, addresses)


def _page(request: Request, deps: WebDependencies, code: str, form: Form, *, done: str = "") -> HTMLResponse:
    writer, caller, door = writer_for(request), caller_of(request), whole_dependencies(request).door
    with deps.database() as connection:
        projects = project_refs(connection)
    project = project_seen(projects, code)
    if project is not None and not caller.may(Verb.REPORT, project.project_id):
        raise HTTPException(403, "Your role does not allow this in the project.")
    schedules, deliveries = ([], []) if project is None or deps.access is None else _see(deps, project)
    may = deps.access is not None and project is not None
    return page(
        request,
        "report_schedules.html",
        writer,
        status=422 if form.errors else 200,
        address=ADDRESS,
        projects=projects,
        project=project,
        schedules=schedules,
        deliveries=deliveries,
        form=form,
        signs=SIGNS,
        mail_is_set=bool(door.mail_sender),
        may_change=may and project is not None and caller.may(Verb.OPERATE, project.project_id),
        may_test=may and project is not None and caller.may(Verb.ADMINISTER, project.project_id),
        done=writer.texts.get(f"done_{done}", "") if done.startswith(("schedule_", "delivery_")) else "",
        refresh_s=10,
        **_choices(writer),
    )


def _see(deps: WebDependencies, project: ProjectRef) -> tuple[list[ScheduleView], list[Delivery]]:
    assert deps.access is not None  # the caller looked
    with deps.access.database() as connection:  # who has which role is not seen by a connection of the pages
        views = [
            ScheduleView(each, len(recipients(connection, each)))
            for each in list_schedules(connection, project.project_id)
        ]
        return views, list_deliveries(connection, project.project_id, LISTED)


def _choices(writer: Writer) -> dict[str, object]:
    texts = writer.texts
    duties = {duty.code: writer.said(duty.said) for duty in report_calendar().duties}
    offered = (*kinds_offered(), ReportKind.SET)
    labels = {kind.value: writer.said(kind.label) for kind in ReportKind}
    return {
        "kinds": [*((kind.value, labels[kind]) for kind in offered), (REMIND, texts["schedule_reminders"])],
        "abouts": [("", texts["schedule_about_usual"]),
                   *((each.value, texts[f"schedule_about_{each}"]) for each in About)],
        "days": [(str(day), texts["schedule_day_n"].format(n=day)) for day in DAYS],
        "months": [("", texts["schedule_every_month"]),
                   *((str(n), texts["report_month_n"].format(n=n)) for n in (*range(4, 13), *range(1, 4)))],
        "roles": [*((role.value, writer.said(role.label)) for role in Role if role.may(Verb.SEE)),
                  ("", texts["schedule_no_role"])],
        "forms_offered": [(each.value, writer.said(each.label), "") for each in FORMS],
        "form_names": {each.value: writer.said(each.label) for each in ReportForm},
        "names": labels | duties,
        "most_addresses": MOST_ADDRESSES,
    }  # fmt: skip
