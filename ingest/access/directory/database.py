"""The SQL of lists about people, tokens and organisations. Reads only; who may see a list is decided by its caller."""

from collections import defaultdict
from typing import Any

from ingest.access.directory.model import (
    Held,
    Listed,
    ListedNetwork,
    ListedOrganisation,
    ListedProject,
    ListedShare,
    ListedToken,
)
from ingest.access.roles import Role, Scope
from ingest.store.database import Database

_HELD = """
select m.person_id, m.role, m.source, m.organisation_id, o.name,
       m.project_id, case when m.project_id is not null then p.name end, m.network_id, n.name,
       coalesce(m.organisation_id, owner.organisation_id)
from membership m
left join organisation o on o.organisation_id = m.organisation_id
left join network n on n.network_id = m.network_id
left join project p on p.project_id = coalesce(m.project_id, n.project_id)
left join organisation owner on owner.code = p.organisation_code
where %(person)s::integer is null or m.person_id = %(person)s
order by num_nonnulls(m.organisation_id, m.project_id, m.network_id), o.name, p.name, n.name
"""

_PEOPLE = """
select p.person_id, p.login, p.name, p.department, p.email, p.issuer,
       p.password_hash is not null or p.issuer is not null, p.totp_key is not null, p.disabled_at,
       greatest(
           (select max(s.seen_at) from web_session s where s.person_id = p.person_id),
           (select max(e.at) from audit_entry e where e.actor = p.login and e.action = 'signed_in')
       )
from person p
where %(person)s::integer is null or p.person_id = %(person)s
order by p.disabled_at is not null, p.name, p.login
"""

_TOKENS = """
select t.token_id, t.name, p.person_id, coalesce(nullif(p.name, ''), p.login), t.scopes,
       case when t.projects is not null then
           array(select pr.name from project pr where pr.project_id = any(t.projects) order by pr.name)
       end,
       t.created_at, t.expires_at, t.last_used_at, t.revoked_at
from api_token t join person p using (person_id)
where %(token)s::integer is null or t.token_id = %(token)s
order by t.revoked_at is not null, t.expires_at < now(), t.name, t.token_id
"""

_ORGANISATIONS = """
select o.organisation_id, o.code, o.name,
       array(select p.name from project p where p.organisation_code = o.code order by p.name),
       (select count(distinct m.person_id)
        from membership m
        left join network n on n.network_id = m.network_id
        left join project p on p.project_id = coalesce(m.project_id, n.project_id)
        where m.organisation_id = o.organisation_id or p.organisation_code = o.code)
from organisation o order by o.code
"""


def list_people(connection: Database, person_id: int | None = None) -> list[Listed]:
    """Everybody with their roles, by name, those who are disabled last; or one of them."""
    of: dict[int, list[Held]] = defaultdict(list)
    for person, role, *place in connection.execute(_HELD, {"person": person_id}):
        of[person].append(Held(Role(role), *place))
    rows = connection.execute(_PEOPLE, {"person": person_id})
    every: list[tuple[Any, ...]] = [(*row, tuple(of[row[0]])) for row in rows]
    return [Listed(*values) for values in every]


def find_person(connection: Database, person_id: int) -> Listed | None:
    """One person with their roles; None if there is no such person."""
    return next(iter(list_people(connection, person_id)), None)


def list_tokens(connection: Database, token_id: int | None = None) -> list[ListedToken]:
    """All tokens, those that still work first; or one of them."""
    found = []
    for token, name, maker_id, maker, scopes, projects, *times in connection.execute(_TOKENS, {"token": token_id}):
        told = tuple(Scope(scope) for scope in scopes)
        found.append(
            ListedToken(token, name, maker_id, maker, told, None if projects is None else tuple(projects), *times)
        )
    return found


def list_organisations(connection: Database) -> list[ListedOrganisation]:
    """All organisations by code."""
    rows = connection.execute(_ORGANISATIONS)
    return [
        ListedOrganisation(number, code, name, tuple(projects), people) for number, code, name, projects, people in rows
    ]


def list_projects(connection: Database) -> list[ListedProject]:
    """All projects by name, each with the organisation it belongs to."""
    rows = connection.execute(
        "select p.project_id, p.code, p.name, o.organisation_id"
        " from project p left join organisation o on o.code = p.organisation_code order by p.name, p.project_id"
    )
    return [ListedProject(*row) for row in rows]


def list_networks(connection: Database) -> list[ListedNetwork]:
    """All networks by name, each with its project and the organisation that belongs to."""
    rows = connection.execute(
        "select n.network_id, n.name, p.project_id, p.name, o.organisation_id"
        " from network n join project p using (project_id)"
        " left join organisation o on o.code = p.organisation_code order by n.name, n.network_id"
    )
    return [ListedNetwork(*row) for row in rows]


def list_shares(connection: Database) -> list[ListedShare]:
    """All parts that organisations have in projects of others."""
    rows = connection.execute(
        "select p.code, p.name, o.code, o.name, s.role"
        " from project_share s join project p using (project_id) join organisation o using (organisation_id)"
        " order by p.name, o.name"
    )
    return [ListedShare(code, name, other, called, Role(role)) for code, name, other, called, role in rows]
