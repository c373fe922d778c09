"""Schedules: what may be one, who gets it, and what stands in the audit log."""

from collections.abc import Callable
from dataclasses import replace

import psycopg
import pytest

from ingest.access.authority import ChangeRefused, NotThere
from ingest.access.people import add_person, change_email, disable_person
from ingest.access.places import Grant, Place
from ingest.access.roles import Role
from ingest.figures.project import ProjectRef
from ingest.report.form.forms import ReportForm
from ingest.report.mail.queue import recipients
from ingest.report.schedule.database import list_schedules
from ingest.report.schedule.model import NewSchedule, When
from ingest.report.schedule.schedules import (
    MOST_SCHEDULES,
    add_schedule,
    pause_schedule,
    remove_schedule,
    resume_schedule,
)
from ingest.store.database import Database as Connection
from schemas.report_calendar import About
from schemas.report_document import ReportKind
from tests.report.mail.conftest import BY, MONTHLY, NOW, TEA, schedule

REMIND = NewSchedule(None, (), None, Role.REPORTER)
OTHER = ProjectRef(2, "rice", "水田")


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (replace(MONTHLY, forms=()), "form"),
        (replace(MONTHLY, when=When(About.LAST_YEAR, 5)), "period"),
        (replace(MONTHLY, when=When(About.LAST_MONTH, 5, 4)), "every month"),
        (replace(MONTHLY, when=When(About.LAST_MONTH, 29)), "28"),
        (replace(MONTHLY, kind=ReportKind.YEARLY, when=When(About.LAST_YEAR, 5)), "choose a month"),
        (replace(MONTHLY, kind=ReportKind.SET, when=When(About.LAST_MONTH, 5)), "period"),
        (replace(MONTHLY, role=None, addresses=()), "role"),
        (replace(MONTHLY, role=Role.INSTALLER), "installer"),
        (replace(MONTHLY, addresses=("a@b.jp\r\nBcc: x@y.jp",)), "address"),
        (replace(MONTHLY, addresses=tuple(f"a{n}@b.jp" for n in range(21))), "20"),
        (replace(REMIND, role=None), "role"),
    ],
)
def test_what_cannot_be_is_refused(connection: Connection, wrong: NewSchedule, why: str) -> None:
    with pytest.raises(ChangeRefused, match=why):
        add_schedule(connection, BY, TEA, wrong)
    assert list_schedules(connection, 1) == []


def test_a_schedule_is_kept_paused_resumed_and_removed_on_record(connection: Connection) -> None:
    before = connection.execute("select coalesce(max(entry_id), 0) from audit_entry").fetchone() or (0,)
    number = add_schedule(connection, BY, TEA, replace(MONTHLY, addresses=("A@b.jp", "a@B.jp")))
    (kept,) = list_schedules(connection, 1)
    assert kept.wanted == replace(MONTHLY, addresses=("a@b.jp",))
    with pytest.raises(NotThere):
        remove_schedule(connection, BY, OTHER, number)
    with pytest.raises(NotThere):
        pause_schedule(connection, BY, OTHER, number, NOW)
    pause_schedule(connection, BY, TEA, number, NOW)
    assert list_schedules(connection, 1)[0].paused_at == NOW
    resume_schedule(connection, BY, TEA, number, NOW)
    assert (list_schedules(connection, 1)[0].paused_at, list_schedules(connection, 1)[0].active_since) == (None, NOW)
    remove_schedule(connection, BY, TEA, number)
    assert list_schedules(connection, 1) == []
    entries = connection.execute(
        "select actor, subject from audit_entry where action = 'report_schedule_changed' and entry_id > %s", before
    ).fetchall()
    assert entries == [("chief", str(number))] * 4


def test_a_project_has_so_many_schedules(connection: Connection) -> None:
    for _ in range(MOST_SCHEDULES):
        add_schedule(connection, BY, TEA, REMIND)
    with pytest.raises(ChangeRefused, match=str(MOST_SCHEDULES)):
        add_schedule(connection, BY, TEA, REMIND)


def test_an_address_is_of_who_has_the_role_now(connection: Connection, person: Callable[..., int]) -> None:
    person("sato")
    disable_person(connection, BY, person("ended"), NOW)
    change_email(connection, BY, person("mute"), "")
    person("viewer", Role.VIEWER)
    everywhere = add_person(connection, BY, "all", "all", "", [Grant(Role.REPORTER, Place())])
    change_email(connection, BY, everywhere, "all@city.example.jp")
    schedule(connection)
    (kept,) = list_schedules(connection, 1)
    assert recipients(connection, kept) == ["sato@city.example.jp", "kacho@city.example.jp"]
    schedule(connection, replace(MONTHLY, addresses=("sato@city.example.jp",)))
    assert recipients(connection, list_schedules(connection, 1)[1]) == ["sato@city.example.jp"]


def test_the_table_refuses_what_the_program_would(connection: Connection) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        connection.execute("insert into report_schedule (project_id, kind, forms, about, day, entered_by)"
                           " values (1, 'monthly', '{xlsx}', 'last_month', 5, 'x')")  # fmt: skip
    assert ReportForm.XLSX in MONTHLY.forms
