"""The SQL of people and of their memberships."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from ingest.store.database import Database

_LOCK = 0x6E6F726F_61636373
"""Of the transactions that change who may what: one at a time."""


class HeldRow(NamedTuple):
    """A membership. `owner`: the organisation it lies in, with its code; None for one that counts everywhere.

    `where`: the code of the organisation, project or network; `*` for everywhere.
    """

    person_id: int
    role: str
    organisation_id: int | None
    project_id: int | None
    network_id: int | None
    source: str
    owner: int | None
    owner_code: str | None
    project: str | None
    where: str


class ListedPerson(NamedTuple):
    """A person in a list."""

    person_id: int
    login: str
    name: str
    department: str
    disabled: bool
    has_password: bool
    has_second_factor: bool
    issuer: str | None
    seen_at: datetime | None


_HELD = """
select m.person_id, m.role, m.organisation_id, m.project_id, m.network_id, m.source, w.organisation_id, w.code, r.code,
       coalesce(n.code, r.code, w.code, '*')
from membership m
left join network n using (network_id)
left join project r on r.project_id = coalesce(m.project_id, n.project_id)
left join organisation w on w.organisation_id = m.organisation_id or w.code = r.organisation_code
"""

_PEOPLE = """
select p.person_id, p.login, p.name, p.department, p.disabled_at is not null, p.password_hash is not null,
       p.totp_key is not null, p.issuer, (select max(s.seen_at) from web_session s where s.person_id = p.person_id)
from person p order by p.login
"""

_SET = """
insert into membership (person_id, role, organisation_id, project_id, network_id, source)
values (%(person)s, %(role)s, %(organisation)s, %(project)s, %(network)s, 'local')
on conflict (person_id, coalesce(organisation_id, 0), coalesce(project_id, 0), coalesce(network_id, 0), source)
do update set role = excluded.role
"""

_REMOVE = """
delete from membership
where person_id = %(person)s and source = 'local' and organisation_id is not distinct from %(organisation)s
  and project_id is not distinct from %(project)s and network_id is not distinct from %(network)s
"""

_ADMINS = """
select count(distinct p.person_id) filter (where m.organisation_id is null), count(distinct p.person_id)
from membership m join person p using (person_id)
where m.role = 'admin' and m.project_id is null and p.disabled_at is null
"""


def lock(connection: Database) -> None:
    """Let nobody else change who may what until the end of the transaction."""
    connection.execute("select pg_advisory_xact_lock(%s)", (_LOCK,))


def count_admins(connection: Database) -> tuple[int, int]:
    """(enabled admins everywhere, enabled admins everywhere or of an organisation)."""
    row = connection.execute(_ADMINS).fetchone()
    assert row is not None  # counts are a row
    return int(row[0]), int(row[1])


def insert_person(connection: Database, login: str, name: str, department: str) -> int | None:
    """Add a person without a password, and give their id; None if the login is taken."""
    row = connection.execute(
        "insert into person (login, name, department) values (%s, %s, %s) on conflict (login) do nothing"
        " returning person_id",
        (login, name, department),
    ).fetchone()
    return None if row is None else int(row[0])


def set_names(connection: Database, person_id: int, name: str, department: str) -> None:
    """Change name and department."""
    connection.execute(
        "update person set name = %s, department = %s where person_id = %s", (name, department, person_id)
    )


def email_of(connection: Database, person_id: int) -> str:
    """The address of a person for e-mail; empty if there is none."""
    row = connection.execute("select email from person where person_id = %s", (person_id,)).fetchone()
    return "" if row is None else str(row[0])


def set_email(connection: Database, person_id: int, email: str) -> None:
    """Change the address of a person for e-mail; empty for none."""
    connection.execute("update person set email = %s where person_id = %s", (email, person_id))


def set_disabled(connection: Database, person_id: int, at: datetime | None) -> None:
    """Disable a person, or (None) enable them again."""
    connection.execute("update person set disabled_at = %s where person_id = %s", (at, person_id))


def list_people(connection: Database) -> list[ListedPerson]:
    """Everybody, by login."""
    return [ListedPerson._make(row) for row in connection.execute(_PEOPLE)]


def list_held(connection: Database, person_ids: Sequence[int] | None = None) -> list[HeldRow]:
    """The memberships of these people, or of everybody, in a lasting order."""
    rows = connection.execute(
        f"{_HELD} where %(ids)s::integer[] is null or m.person_id = any(%(ids)s) order by m.membership_id",
        {"ids": None if person_ids is None else list(person_ids)},
    )
    return [HeldRow._make(row) for row in rows]


def set_membership(
    connection: Database, person_id: int, role: str | None, place: tuple[int | None, int | None, int | None]
) -> bool:
    """Give a role in a place (organisation, project, network), or (None) take it; False if nothing changed."""
    organisation, project, network = place
    values = {"person": person_id, "role": role, "organisation": organisation, "project": project, "network": network}
    return bool(connection.execute(_REMOVE if role is None else _SET, values).rowcount)
