"""The SQL of sessions in a browser."""

from datetime import datetime, timedelta
from typing import NamedTuple

from ingest.store.database import Database


class NewSession(NamedTuple):
    """The columns of a session that begins."""

    digest: bytes
    person_id: int
    csrf: str
    organisation_id: int | None
    at: datetime
    browser: str


class Listed(NamedTuple):
    """A session as its owner sees it in a list."""

    digest: bytes
    created_at: datetime
    seen_at: datetime
    browser: str


def insert_session(connection: Database, new: NewSession) -> None:
    """Begin a session."""
    connection.execute(
        "insert into web_session (digest, person_id, csrf, organisation_id, created_at, seen_at, browser)"
        " values (%s, %s, %s, %s, %s, %s, %s)",
        (new.digest, new.person_id, new.csrf, new.organisation_id, new.at, new.at, new.browser),
    )


def note_seen(connection: Database, digest: bytes, now: datetime) -> None:
    """Note that a session is used."""
    connection.execute("update web_session set seen_at = %s where digest = %s", (now, digest))


def delete_session(connection: Database, person_id: int, digest: bytes) -> bool:
    """End one session of a person; False if they have no such session."""
    return bool(
        connection.execute("delete from web_session where person_id = %s and digest = %s", (person_id, digest)).rowcount
    )


def delete_sessions(connection: Database, person_id: int, but: bytes = b"") -> int:
    """End all sessions of a person, or all but one; how many they were."""
    return connection.execute(
        "delete from web_session where person_id = %s and digest <> %s", (person_id, but)
    ).rowcount


def delete_over(connection: Database, now: datetime, idle: timedelta, absolute: timedelta, ahead: timedelta) -> int:
    """Delete the sessions that are over, so that a clock that is set back does not make them valid again; how many."""
    return connection.execute(
        "delete from web_session where seen_at <= %s or created_at <= %s or greatest(seen_at, created_at) > %s",
        (now - idle, now - absolute, now + ahead),
    ).rowcount


def set_organisation(connection: Database, digest: bytes, organisation_id: int | None) -> None:
    """Note which organisation a session looks at."""
    connection.execute("update web_session set organisation_id = %s where digest = %s", (organisation_id, digest))


def list_sessions(connection: Database, person_id: int) -> list[Listed]:
    """The sessions of a person, the one used last first."""
    rows = connection.execute(
        "select digest, created_at, seen_at, browser from web_session where person_id = %s"
        " order by seen_at desc, digest",
        (person_id,),
    )
    return [Listed(*row) for row in rows]
