"""Schedules and e-mails of the project of these tests, and an office that takes them."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from threading import Event

import pytest

from ingest.access.authority import By
from ingest.access.people import add_person, change_email, set_membership
from ingest.access.places import Grant, Place
from ingest.access.roles import Role
from ingest.figures.project import ProjectRef
from ingest.report.form.forms import ReportForm
from ingest.report.mail.database import list_deliveries
from ingest.report.mail.model import Delivery
from ingest.report.mail.queue import queue_due
from ingest.report.mail.send import send_due
from ingest.report.mail.smtp import Mailer
from ingest.report.order.database import NewDraft, end_order, insert_draft, insert_file, list_orders
from ingest.report.schedule.model import NewSchedule, When
from ingest.report.schedule.schedules import add_schedule
from ingest.settings.mail import MailSettings
from ingest.store.database import Database as Connection
from schemas.report_calendar import About
from schemas.report_document import ReportKind
from tests.figures.field import jst
from tests.fixtures.database import Database
from tests.fixtures.post_office import SENDER, PostOffice

TEA = ProjectRef(1, "tea", "茶園見守り事業")
FIRST = jst(2026, 12, 1)
NOW = jst(2026, 12, 5, 9)
BY = By("chief")
XLSX = b"PK the workbook"
NAME = "月次運用報告_2026-11_tea.xlsx"
URL = "https://noroshi.example.lg.jp"
MONTHLY = NewSchedule(
    ReportKind.MONTHLY, (ReportForm.XLSX,), When(About.LAST_MONTH, 5), Role.REPORTER, ("kacho@city.example.jp",)
)


@pytest.fixture
def connection(project: Database) -> Iterator[Connection]:
    """A connection to a project without people, reports and schedules, before and after."""
    with project.connect() as connection:
        yield connection
        connection.execute(
            "delete from report_delivery; delete from report_schedule; delete from report_order; delete from report;"
            " delete from membership; delete from person"
        )


@pytest.fixture
def person(connection: Connection) -> Callable[[str, Role], int]:
    """Add somebody with an address and a role in the project."""

    def add(login: str, role: Role = Role.REPORTER) -> int:
        number = add_person(connection, BY, login, login, "", [Grant(role, Place(project_id=1))])
        change_email(connection, BY, number, f"{login}@city.example.jp")
        return number

    return add


def lose_role(connection: Connection, person_id: int) -> None:
    """Take the role in the project away."""
    set_membership(connection, BY, person_id, Place(project_id=1), None)


def schedule(connection: Connection, new: NewSchedule = MONTHLY, since: datetime = FIRST) -> int:
    """A schedule that runs since a day."""
    number = add_schedule(connection, BY, TEA, new)
    connection.execute("update report_schedule set active_since = %s where report_schedule_id = %s", (since, number))
    return number


def queue(connection: Connection, now: datetime = NOW) -> int:
    """Queue what is due."""
    return queue_due(connection, SENDER, now, lambda: False)


def make_ordered(connection: Connection) -> int:
    """Stand in for the job that makes reports: the open order becomes a draft."""
    (order,) = (each for each in list_orders(connection, 1, limit=9) if each.is_open)
    report = keep(connection, order.first_day, order.last_day)
    connection.execute("update report_order set started_at = now()")
    end_order(connection, order.number, report)
    return report


def keep(connection: Connection, first_day: date, last_day: date, kind: ReportKind = ReportKind.MONTHLY) -> int:
    """A draft with one file."""
    document = {"title": kind.label.ja, "period": {"label": "2026年11月"}}
    report = insert_draft(connection, 1, NewDraft(kind, first_day, last_day, document, b"", None, "1", NOW, "service"))
    insert_file(connection, 1, report, "xlsx", NAME, XLSX)
    return report


def send(connection: Connection, settings: MailSettings, now: datetime = NOW, stop: Event | None = None) -> int:
    """Send what is due."""
    return send_due(connection, Mailer(settings), URL, now, stop or Event())


def deliveries(connection: Connection) -> dict[str, Delivery]:
    """The e-mails by address."""
    return {each.address: each for each in list_deliveries(connection, 1, 99)}


def queued_report(connection: Connection) -> int:
    """A report that waits to be sent; the number of the report."""
    assert queue(connection) == 0, "it is made first"
    report = make_ordered(connection)
    assert queue(connection) > 0
    return report


def addresses(office: PostOffice) -> list[str]:
    """Who got something, in order of the alphabet."""
    return sorted(to for to, _ in office.letters)
