"""Adds, pauses and removes schedules, each with an entry in the audit log."""

from collections.abc import Mapping
from datetime import datetime

from ingest.access import audit
from ingest.access.audit import Action
from ingest.access.authority import By, ChangeRefused, NotThere
from ingest.access.roles import Role, Verb
from ingest.errors import CallRefused
from ingest.figures.project import ProjectRef
from ingest.report.form.forms import FORMS
from ingest.report.make import kinds_offered, span_of
from ingest.report.order.database import codes_of_project
from ingest.report.schedule import database
from ingest.report.schedule.model import NewSchedule, Schedule, When
from ingest.store.database import Database
from schemas.bilingual import Bilingual, quoted
from schemas.mail_address import checked_address
from schemas.misfit import said_by
from schemas.report_calendar import About
from schemas.report_document import ReportKind

MOST_SCHEDULES = 30
MOST_ADDRESSES = 20

SCHEDULE = Bilingual("配信の予定", "schedule")
_REMOVED = Bilingual("配信の予定が削除されました", "the schedule was removed")
_PAUSED = Bilingual("配信の予定が停止されました", "the schedule was paused")


def add_schedule(connection: Database, by: By, project: ProjectRef, new: NewSchedule) -> int:
    """The number of the new schedule. Raises ChangeRefused for what cannot be."""
    checked = _checked(new)
    with connection.transaction():
        if database.count_schedules(connection, project.project_id) >= MOST_SCHEDULES:
            raise ChangeRefused(
                Bilingual(
                    f"配信の予定は一つの事業に{MOST_SCHEDULES}件までです",
                    f"a project has {MOST_SCHEDULES} schedules at most",
                )
            )
        number = database.insert_schedule(connection, project.project_id, checked, by.actor)
        _note(connection, by, project, number, after=said_of(checked))
    return number


def pause_schedule(connection: Database, by: By, project: ProjectRef, number: int, now: datetime) -> None:
    """Send nothing for a while; what is waiting is not sent either. Raises NotThere."""
    with connection.transaction():
        schedule = schedule_of(connection, project, number)
        if schedule.paused_at is None:
            database.set_paused(connection, number, now, now)
            database.withdraw_open(connection, number, _PAUSED)
            _note(connection, by, project, number, {"paused": False}, {"paused": True})


def resume_schedule(connection: Database, by: By, project: ProjectRef, number: int, now: datetime) -> None:
    """Send again what falls due from now on. Raises NotThere."""
    with connection.transaction():
        schedule = schedule_of(connection, project, number)
        if schedule.paused_at is not None:
            database.set_paused(connection, number, None, now)
            _note(connection, by, project, number, {"paused": True}, {"paused": False})


def remove_schedule(connection: Database, by: By, project: ProjectRef, number: int) -> None:
    """Send nothing any more. What was sent stays on record. Raises NotThere."""
    with connection.transaction():
        schedule = schedule_of(connection, project, number)
        database.withdraw_open(connection, number, _REMOVED)
        database.delete_schedule(connection, number)
        _note(connection, by, project, number, before=said_of(schedule.wanted))


def schedule_of(connection: Database, project: ProjectRef, number: int) -> Schedule:
    """The schedule of this number. Raises NotThere if the project has none."""
    schedule = database.read_schedule(connection, number)
    if schedule is None or schedule.project_id != project.project_id:
        raise NotThere(SCHEDULE)
    return schedule


def said_of(wanted: NewSchedule) -> Mapping[str, object]:
    """A schedule as the audit log and programs say it."""
    when = wanted.when
    return {
        "purpose": wanted.purpose.value, "kind": wanted.kind, "forms": [form.value for form in wanted.forms],
        "about": None if when is None else when.about.value, "month": None if when is None else when.month,
        "day": None if when is None else when.day, "role": wanted.role, "addresses": list(wanted.addresses),
    }  # fmt: skip


def _checked(new: NewSchedule) -> NewSchedule:
    """The schedule with clean addresses. Raises ChangeRefused."""
    try:
        addresses = tuple(dict.fromkeys(checked_address(each).lower() for each in new.addresses))
    except ValueError as error:
        raise ChangeRefused(said_by(error)) from None
    if len(addresses) > MOST_ADDRESSES:
        raise ChangeRefused(
            Bilingual(f"アドレスは{MOST_ADDRESSES}件までです", f"write {MOST_ADDRESSES} addresses at most")
        )
    if new.role is None and not addresses:
        raise ChangeRefused(Bilingual("役割かアドレスを選んでください", "choose a role, or write addresses"))
    if new.role is not None and not new.role.may(Verb.SEE):
        raise ChangeRefused(
            Bilingual(
                f"{Role.INSTALLER.label.ja}は報告書を見られません", f"the {Role.INSTALLER.label.en} may see no report"
            )
        )
    if new.kind is not None:
        _check_report(new, new.kind, new.when)
    return NewSchedule(new.kind, new.forms, new.when, new.role, addresses)


def _check_report(new: NewSchedule, kind: ReportKind, when: When | None) -> None:
    if kind not in (*kinds_offered(), ReportKind.SET):
        raise ChangeRefused(quoted(f"{kind}: {', '.join((*kinds_offered(), ReportKind.SET))}"))
    if not new.forms or any(form not in FORMS for form in new.forms):
        raise ChangeRefused(Bilingual("形式を一つ以上選んでください", "choose at least one form"))
    if when is None or not 1 <= when.day <= 28 or when.month not in (None, *range(1, 13)):
        raise ChangeRefused(Bilingual("日は1から28で選んでください", "choose a day from 1 to 28"))
    try:
        span = "year" if kind is ReportKind.SET else span_of(kind)
    except CallRefused as error:
        raise ChangeRefused(error.said) from None
    if (span == "month") != (when.about is About.LAST_MONTH) and span != "day":
        raise ChangeRefused(
            Bilingual("報告書の種類と対象の期間が合っていません", "the kind of report is not about such a period")
        )
    if span == "year" and when.month is None:
        raise ChangeRefused(
            Bilingual("年度の報告書には月を選んでください", "choose a month for a report about a fiscal year")
        )
    if span == "month" and when.month is not None:
        raise ChangeRefused(
            Bilingual("月ごとの報告書には月を選ばないでください", "a report about a month is sent every month")
        )


def _note(
    connection: Database, by: By, project: ProjectRef, number: int, before: object = None, after: object = None
) -> None:
    _, organisation = codes_of_project(connection, project.project_id)
    entry = by.entry(
        Action.REPORT_SCHEDULE_CHANGED, str(number), organisation, project.code, before=before, after=after
    )
    audit.append(connection, entry, by.address)
