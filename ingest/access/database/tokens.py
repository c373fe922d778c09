"""The SQL of tokens of programs."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from ingest.store.database import Database


class NewToken(NamedTuple):
    """The columns of a new token."""

    digest: bytes
    name: str
    person_id: int
    projects: list[int] | None
    scopes: list[str]
    created_at: datetime
    expires_at: datetime


class ListedToken(NamedTuple):
    """A token in a list, without anything that could be used. `projects`: ids; None: all that its maker may see."""

    token_id: int
    name: str
    person_id: int
    login: str
    maker_disabled: bool
    projects: Sequence[int] | None
    scopes: Sequence[str]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


_LIST = """
select t.token_id, t.name, t.person_id, p.login, p.disabled_at is not null, t.projects, t.scopes, t.created_at,
       t.expires_at, t.last_used_at, t.revoked_at
from api_token t join person p using (person_id)
where (%(person)s::integer is null or t.person_id = %(person)s)
  and (%(token)s::integer is null or t.token_id = %(token)s)
order by t.token_id
"""


def insert_token(connection: Database, new: NewToken) -> int:
    """Store a token and give its id."""
    row = connection.execute(
        "insert into api_token (digest, name, person_id, projects, scopes, created_at, expires_at)"
        " values (%s, %s, %s, %s, %s, %s, %s) returning token_id",
        new,
    ).fetchone()
    assert row is not None  # of an insert
    return int(row[0])


def list_tokens(connection: Database, person_id: int | None = None, token_id: int | None = None) -> list[ListedToken]:
    """The tokens of a person, or of everybody; or the one with this id."""
    rows = connection.execute(_LIST, {"person": person_id, "token": token_id})
    return [ListedToken._make(row) for row in rows]


def revoke(connection: Database, token_id: int, now: datetime) -> bool:
    """Let a token work no more; False if it was revoked before."""
    done = connection.execute(
        "update api_token set revoked_at = %s where token_id = %s and revoked_at is null", (now, token_id)
    )
    return bool(done.rowcount)


def note_used(connection: Database, token_id: int, now: datetime) -> None:
    """Note that a token is used."""
    connection.execute("update api_token set last_used_at = %s where token_id = %s", (now, token_id))
