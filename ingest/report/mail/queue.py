"""Queues what is due: reports, which are ordered first, and reminders of duties. An e-mail is queued once."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID, uuid5

import structlog

from ingest.access.authority import By
from ingest.errors import CallRefused
from ingest.figures.project import ProjectRef, project_of_id
from ingest.report.due import DueLine, DueState, due_lines
from ingest.report.form.forms import ReportForm
from ingest.report.mail import database
from ingest.report.mail.database import NewDelivery
from ingest.report.mail.message import message_id_of
from ingest.report.make import kinds_offered
from ingest.report.order.database import list_orders
from ingest.report.order.drafts import list_kept
from ingest.report.order.model import KeptReport, NewOrder, OrderState
from ingest.report.order.orders import TooManyOpen, place_order
from ingest.report.schedule.database import role_addresses, running_schedules
from ingest.report.schedule.falls_due import FallsDue, newest_due
from ingest.report.schedule.model import Purpose, Schedule
from ingest.store.database import Database
from schemas.bilingual import Bilingual
from schemas.japan import to_jst
from schemas.report_document import ReportKind

log = structlog.get_logger()

SERVICE = By("service")
KEPT_LOOKED_AT = 500
_SPACE = UUID("6b1f9a52-5d9c-4c52-9d0e-0a1c6f1f3f17")
"""The client keys of orders that schedules place are of this space."""


def queue_due(connection: Database, sender: str, now: datetime, stop: Callable[[], bool]) -> int:
    """How many e-mails were queued. `connection` in autocommit mode; `sender`: the address of the settings."""
    queued = 0
    for schedule in running_schedules(connection):
        if stop():
            break
        try:
            queued += _queue_of(connection, schedule, sender, now)
        except CallRefused as error:  # its kind has no layout any more, or another span: the others are served
            log.warning("report_schedule_impossible", schedule=schedule.number, error=error.said.en)
    return queued


def _queue_of(connection: Database, schedule: Schedule, sender: str, now: datetime) -> int:
    entry = project_of_id(connection, schedule.project_id)
    assert entry is not None  # rows of other tables refer to it
    if schedule.wanted.purpose is Purpose.REMINDER:
        return _queue_reminders(connection, schedule, sender, now)
    due = newest_due(schedule, now)
    if due is None:
        return 0
    project = ProjectRef(schedule.project_id, entry.code, entry.name)
    return _queue_report(connection, schedule, project, due, sender, now)


def recipients(connection: Database, schedule: Schedule) -> list[str]:
    """The addresses that get an e-mail of a schedule now, each once."""
    wanted = schedule.wanted
    of_role = [] if wanted.role is None else role_addresses(connection, schedule.project_id, wanted.role)
    return list(dict.fromkeys((*of_role, *wanted.addresses)))


def lines_of(connection: Database, project_id: int, now: datetime) -> list[DueLine]:
    """The duties of a project that are near."""
    entry = project_of_id(connection, project_id)
    if entry is None:
        return []
    kept = list_kept(connection, project_id, limit=KEPT_LOOKED_AT)
    return due_lines(entry, kept, (*kinds_offered(), ReportKind.SET), to_jst(now).date())


def newest_report(
    connection: Database, project_id: int, kind: str, first_day: object, last_day: object
) -> KeptReport | None:
    """The newest report about a period that is kept: a frozen one, else a checked one, else a draft."""
    kept = [
        report
        for report in list_kept(connection, project_id, limit=KEPT_LOOKED_AT, kind=kind)
        if (report.first_day, report.last_day) == (first_day, last_day)
    ]
    return min(kept, key=lambda report: ("frozen", "checked", "draft").index(report.state), default=None)


def _queue_report(
    connection: Database, schedule: Schedule, project: ProjectRef, due: FallsDue, sender: str, now: datetime
) -> int:
    """Have the report made, and queue it when it is there."""
    kind, period = schedule.wanted.kind, due.period
    assert kind is not None  # it is no reminder
    if database.is_queued(connection, schedule.number, kind, period.first_day):
        return 0
    waiting = recipients(connection, schedule)
    if not waiting:
        return 0
    report, failed = _report_or_reason(connection, schedule, project, kind, due, now)
    if report is None and failed is None:
        return 0
    what = _what(project, schedule, due)
    rows = [
        NewDelivery(
            schedule.project_id, schedule.number, None if report is None else report.number, Purpose.REPORT, kind,
            period.first_day, period.last_day, address, message_id_of((what, address), sender), failed,
        )
        for address in waiting
    ]  # fmt: skip
    return _insert(connection, rows)


def _report_or_reason(
    connection: Database, schedule: Schedule, project: ProjectRef, kind: ReportKind, due: FallsDue, now: datetime
) -> tuple[KeptReport | None, Bilingual | None]:
    """The report, or why there will be none; neither while it is being made."""
    period = due.period
    found = newest_report(connection, project.project_id, kind, period.first_day, period.last_day)
    if found is not None and found.state != "draft" and _files_wanted(found, schedule.wanted.forms):
        return found, None
    key = uuid5(_SPACE, _what(project, schedule, due))
    order = next(iter(list_orders(connection, project.project_id, key=key, limit=1)), None)
    if order is None:
        try:
            place_order(connection, SERVICE, project, NewOrder(kind, period, schedule.wanted.forms, key), now)
        except TooManyOpen:
            return None, None
        except CallRefused as error:
            return None, error.said
        return None, None
    if order.state is OrderState.FAILED:
        return None, order.failed
    return (found, None) if order.state is OrderState.MADE else (None, None)


def _files_wanted(report: KeptReport, forms: Sequence[ReportForm]) -> bool:
    return {form.value for form in forms} <= {file.form for file in report.files}


def _queue_reminders(connection: Database, schedule: Schedule, sender: str, now: datetime) -> int:
    """Remind of what is due soon and not handed in, once for each duty."""
    today = to_jst(now).date()
    near = [line for line in lines_of(connection, schedule.project_id, now) if is_to_be_reminded(line)]
    rows = [
        NewDelivery(
            schedule.project_id, schedule.number, None, Purpose.REMINDER, line.due.duty.code, line.due.first_day,
            line.due.last_day, address,
            message_id_of((schedule.project_id, line.due.duty.code, line.due.first_day, address), sender),
        )
        for line in near
        if 0 <= (line.due.last_day - today).days <= line.due.duty.remind_days
        for address in recipients(connection, schedule)
    ]  # fmt: skip
    return _insert(connection, rows)


def is_to_be_reminded(line: DueLine) -> bool:
    """Whether somebody still has to see to a duty."""
    return line.state is not DueState.SUBMITTED


def _what(project: ProjectRef, schedule: Schedule, due: FallsDue) -> str:
    """What a report is that falls due: two schedules that want the same on the same day have one order of it.

    Nor does anybody get it from both: the Message-ID, which is in the database once, follows from this and the address.
    """
    wanted, forms = schedule.wanted, ",".join(sorted(schedule.wanted.forms))
    return f"{project.code}/{wanted.kind}/{due.at.date()}/{due.period.first_day}/{forms}"


def _insert(connection: Database, rows: Sequence[NewDelivery]) -> int:
    with connection.transaction():  # all of them or none: a schedule is asked for those of a period as a whole
        return sum(database.insert_delivery(connection, row) for row in rows)
