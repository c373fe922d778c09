"""`noroshi report schedule`: added, listed, paused, resumed and removed from the command line."""

import json
from collections.abc import Iterator

import pytest

from ingest.errors import CallRefused
from tests.fixtures.database import Database
from tests.report.test_kind_command import call


@pytest.fixture(autouse=True)
def _no_schedules(project: Database) -> Iterator[None]:
    yield
    with project.connect() as connection:
        connection.execute("delete from report_schedule")


def test_schedules_are_added_listed_paused_and_removed(project: Database) -> None:
    call(project, "schedule", "add", "monthly", "--day", "5", "--to", "kacho@city.example.jp")
    call(project, "schedule", "add", "set", "--day", "10", "--month", "4", "--role", "reporter", "--format", "pdf")
    call(project, "schedule", "add", "reminder", "--role", "operator")
    monthly, of_year, reminder = json.loads(call(project, "schedule", "list", "--json"))
    assert (monthly["about"], monthly["forms"], monthly["recipients"]) == ("last_month", ["xlsx", "pdf"], 1)
    assert (of_year["about"], of_year["month"], of_year["forms"]) == ("last_year", 4, ["pdf"])
    assert (reminder["purpose"], reminder["kind"], reminder["role"]) == ("reminder", None, "operator")
    number = str(monthly["number"])
    call(project, "schedule", "pause", number)
    assert b"paused" in call(project, "schedule", "list")
    call(project, "schedule", "resume", number)
    assert b"paused" not in call(project, "schedule", "list")
    call(project, "schedule", "remove", number)
    assert len(json.loads(call(project, "schedule", "list", "--json"))) == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("add", "monthly", "--role", "reporter"), "--day"),
        (("add", "reminder", "--role", "reporter", "--day", "5"), "the calendar decides"),
        (("add", "yearly", "--day", "10", "--role", "reporter"), "choose a month"),
        (("add", "monthly", "--day", "5", "--to", "a,b@c.jp"), "no e-mail address"),
        (("remove", "999999"), "no such schedule"),
    ],
)
def test_what_cannot_be_is_refused(project: Database, words: tuple[str, ...], message: str) -> None:
    with pytest.raises(CallRefused, match=message):
        call(project, "schedule", *words)
