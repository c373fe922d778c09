"""What signing in leaves behind is deleted when it is over, and not before."""

from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import pytest

from ingest.access.tidy import LINKS_KEPT, Tidied, delete_what_is_over
from ingest.service.access_jobs import access_jobs
from ingest.settings.sign_in import SignInSettings
from tests.fixtures.database import Database

NOW = datetime(2026, 7, 1, 9, tzinfo=UTC)
SETTINGS = SignInSettings(idle_minutes=60, absolute_hours=12)


def digest(number: int) -> bytes:
    return bytes([number]) * 32


@pytest.fixture
def connection(any_database: Database) -> Any:
    connection = any_database.connect()
    connection.execute("insert into person (login, name) values ('sato', '佐藤')")
    return connection


def link(connection: Any, number: int, expires: timedelta, used: timedelta | None = None) -> None:
    connection.execute(
        "insert into sign_in_link (digest, person_id, purpose, created_at, expires_at, used_at)"
        " select %s, person_id, 'session', %s, %s, %s from person",
        (digest(number), NOW - timedelta(days=90), NOW + expires, None if used is None else NOW - used),
    )


def left(connection: Any, table: str, column: str) -> list[Any]:
    return [row[0] for row in connection.execute(f"select {column} from {table} order by 1")]


def test_what_is_over_goes_and_what_works_stays(connection: Any) -> None:
    short = timedelta(minutes=1)
    link(connection, 1, expires=timedelta(days=1))
    link(connection, 2, expires=short - LINKS_KEPT)
    link(connection, 3, expires=-short - LINKS_KEPT)
    link(connection, 4, expires=timedelta(days=1), used=LINKS_KEPT + short)
    link(connection, 5, expires=timedelta(days=1), used=LINKS_KEPT - short)
    for number, seen, age in ((1, 59, 1), (2, 61, 1), (3, 1, 13)):
        connection.execute(
            "insert into web_session (digest, person_id, csrf, created_at, seen_at)"
            " select %s, person_id, '', %s, %s from person",
            (digest(number), NOW - timedelta(hours=age), NOW - timedelta(minutes=seen)),
        )
    for number, expires in ((1, short), (2, -short)):
        connection.execute(
            "insert into oidc_request values (%s, %s, '', '', '/', %s)", (digest(number), b"", NOW + expires)
        )
    for bucket, days in (("login:new", 0), ("login:old", 2), ("known:new", 2), ("known:old", 91)):
        connection.execute("insert into sign_in_attempt values (%s, 9, %s)", (bucket, NOW - timedelta(days=days)))
    assert delete_what_is_over(connection, SETTINGS, NOW) == Tidied(links=2, sessions=2, requests=1, guesses=2)
    assert left(connection, "sign_in_link", "digest") == [digest(1), digest(2), digest(5)]
    assert left(connection, "web_session", "digest") == [digest(1)]
    assert left(connection, "oidc_request", "state_digest") == [digest(1)]
    assert left(connection, "sign_in_attempt", "bucket") == ["known:new", "login:new"]
    assert delete_what_is_over(connection, SETTINGS, NOW) == Tidied(0, 0, 0, 0)


def test_the_job_says_what_it_did(connection: Any) -> None:
    link(connection, 1, expires=timedelta(days=-9000))
    (job,) = access_jobs(SETTINGS)
    assert job.run(connection, Event()) == "1 links, 0 sessions, 0 requests and 0 counts deleted"
