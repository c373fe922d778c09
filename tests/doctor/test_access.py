"""Accounts and pages: no admin yet, no role for the wall, passwords in clear on the network."""

import pytest

from ingest.access.document import document
from tests.doctor.call import Report, doctor, examine
from tests.fixtures.database import Database

OPEN = {"NOROSHI_WEB__HOST": "0.0.0.0"}


@pytest.fixture
def claimed(any_database: Database) -> Database:
    """An installation with an admin, and with the role of the pages."""
    connection = any_database.connect()
    if connection.execute("select to_regrole('noroshi_pages') is null").fetchone() == (True,):
        connection.execute("create role noroshi_pages nologin")
    document.make_first_admin(connection, "sato", "佐藤", "command:test")
    return any_database


def found(database: Database, **environment: str) -> Report:
    return doctor("access", database=database.url, **environment)


def test_an_installation_with_an_admin_and_the_wall_is_good(claimed: Database) -> None:
    report = examine(claimed, "access")
    assert (report.code, report.of("ok")) == (0, ["1 enabled people; the role noroshi_pages is there"])


def test_an_installation_without_an_admin_is_told_what_to_run(any_database: Database) -> None:
    report = examine(any_database, "access")
    assert "there is no admin yet: pages and API answer this machine alone" in report.of("warning")
    assert "run noroshi access init" in [one["todo_en"] for one in report.findings]


def test_a_disabled_admin_is_none(claimed: Database) -> None:
    claimed.connect().execute("update person set disabled_at = now()")
    assert "there is no admin yet" in examine(claimed, "access").of("warning")[0]


def test_a_missing_role_of_the_pages_is_bad_and_its_sql_is_told(claimed: Database) -> None:
    connection = claimed.connect()
    connection.execute("alter role noroshi_pages rename to noroshi_pages_elsewhere")
    try:
        report = examine(claimed, "access")
    finally:
        connection.execute("alter role noroshi_pages_elsewhere rename to noroshi_pages")
    assert report.code == 1
    assert "has no role noroshi_pages" in report.of("bad")[0]
    assert "create role noroshi_pages nologin;" in report.findings[0]["todo_en"]


@pytest.mark.parametrize("url", ["", "http://noroshi.example.lg.jp"])
def test_pages_open_to_the_network_without_https_are_warned_of(claimed: Database, url: str) -> None:
    (said,) = found(claimed, **OPEN, NOROSHI_WEB__URL=url).of("warning")
    assert "without https" in said


@pytest.mark.parametrize("url", ["https://noroshi.example.lg.jp", "http://127.0.0.1:8080", "http://localhost:8080"])
def test_pages_behind_tls_or_on_this_machine_are_not(claimed: Database, url: str) -> None:
    assert found(claimed, **OPEN, NOROSHI_WEB__URL=url).of("warning") == []
    assert found(claimed, NOROSHI_WEB__URL="http://noroshi.example.lg.jp").of("warning") == [], "it listens here only"
