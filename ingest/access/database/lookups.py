"""Who somebody is: one statement for each way of being known, with all that their roles are made of."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, TypeAlias

from ingest.store.database import Database

MembershipRow: TypeAlias = tuple[str, int | None, int | None, int | None]
"""(role, organisation_id, project_id, network_id)."""
OrganisationRow: TypeAlias = tuple[int, str, str]
"""(organisation_id, code, name)."""
PartRow: TypeAlias = tuple[int, int, str | None]
"""(project_id, organisation_id, role of the share; None: it is the organisation's own project)."""


class PersonRow(NamedTuple):
    """A person, with what their roles are made of.

    `organisations`: those one belongs to; all, for somebody with a role everywhere. `parts`: of those one belongs to;
    for somebody with a role everywhere those of the chosen one, too.
    """

    person_id: int
    login: str
    name: str
    department: str
    disabled: bool
    memberships: Sequence[MembershipRow]
    organisations: Sequence[OrganisationRow]
    parts: Sequence[PartRow]


class SessionRow(NamedTuple):
    """A session, and whose it is."""

    csrf: str
    chosen: int | None
    created_at: datetime
    seen_at: datetime
    person: PersonRow


class TokenRow(NamedTuple):
    """A token, and who made it."""

    token_id: int
    name: str
    projects: Sequence[int] | None
    scopes: Sequence[str]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked: bool
    person: PersonRow


_PERSON = """
p.person_id, p.login, p.name, p.department, p.disabled_at is not null, m.memberships, o.organisations, o.parts
"""

# `chosen` has the organisation that is looked at, or null.
_OF_PERSON = """
cross join lateral (
    select coalesce(jsonb_agg(jsonb_build_array(m.role, m.organisation_id, m.project_id, m.network_id)), '[]')
               as memberships,
           coalesce(bool_or(num_nonnulls(m.organisation_id, m.project_id, m.network_id) = 0), false) as everywhere,
           coalesce(array_agg(m.organisation_id) filter (where m.organisation_id is not null), '{}') as own
    from membership m where m.person_id = p.person_id
) m
cross join lateral (
    select coalesce(jsonb_agg(jsonb_build_array(o.organisation_id, o.code, o.name) order by o.code), '[]')
               as organisations,
           coalesce((
               select jsonb_agg(jsonb_build_array(part.project_id, part.organisation_id, part.role))
               from (
                   select r.project_id, w.organisation_id, null as role
                   from project r join organisation w on w.code = r.organisation_code
                   union all
                   select s.project_id, s.organisation_id, s.role from project_share s
               ) part
               where part.organisation_id = any(m.own) or m.everywhere and part.organisation_id = chosen.organisation_id
           ), '[]') as parts
    from organisation o where m.everywhere or o.organisation_id = any(m.own)
) o
"""

_NONE_CHOSEN = "cross join (select null::integer as organisation_id) chosen"

_SESSION = f"""
select s.csrf, s.organisation_id, s.created_at, s.seen_at, {_PERSON}
from web_session s join person p using (person_id)
cross join lateral (select s.organisation_id) chosen {_OF_PERSON} where s.digest = %s
"""  # noqa: S608  made of constants, as those below

_TOKEN = f"""
select t.token_id, t.name, t.projects, t.scopes, t.created_at, t.expires_at, t.last_used_at, t.revoked_at is not null,
       {_PERSON}
from api_token t join person p using (person_id) {_NONE_CHOSEN} {_OF_PERSON} where t.digest = %s
"""  # noqa: S608

_LOGIN = f"select {_PERSON} from person p {_NONE_CHOSEN} {_OF_PERSON} where p.login = %s"  # noqa: S608

_ID = f"select {_PERSON} from person p {_NONE_CHOSEN} {_OF_PERSON} where p.person_id = %s"  # noqa: S608

_HAS_ADMIN = """
select exists (
    select from membership m join person p using (person_id)
    where m.role = 'admin' and m.project_id is null and p.disabled_at is null
)
"""


def has_admin(connection: Database) -> bool:
    """Whether an enabled person is admin everywhere or of an organisation."""
    row = connection.execute(_HAS_ADMIN).fetchone()
    assert row is not None  # `exists` is always a row
    return bool(row[0])


def session_of(connection: Database, digest: bytes) -> SessionRow | None:
    """The session with this digest, over or not."""
    row = connection.execute(_SESSION, (digest,)).fetchone()
    return None if row is None else SessionRow._make((*row[:4], PersonRow._make(row[4:])))


def token_of(connection: Database, digest: bytes) -> TokenRow | None:
    """The token with this digest, over or not."""
    row = connection.execute(_TOKEN, (digest,)).fetchone()
    return None if row is None else TokenRow._make((*row[:8], PersonRow._make(row[8:])))


def person_of_login(connection: Database, login: str) -> PersonRow | None:
    """The person with this login as it is compared, disabled or not."""
    row = connection.execute(_LOGIN, (login,)).fetchone()
    return None if row is None else PersonRow(*row)


def person_of_id(connection: Database, person_id: int) -> PersonRow | None:
    """The person with this id, disabled or not."""
    row = connection.execute(_ID, (person_id,)).fetchone()
    return None if row is None else PersonRow(*row)
