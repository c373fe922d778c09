"""The SQL of documents: what the database has, and what is changed in it."""

from collections.abc import Iterable, Mapping, Sequence

from ingest.access.document.model import Grant, Known, KnownPerson, Where
from ingest.access.roles import Role
from ingest.store.database import Database

_PEOPLE = """
select p.login, p.name, p.department, p.email, p.disabled_at is null,
       coalesce((
           select jsonb_agg(jsonb_build_array(m.source, m.role, o.code, r.code, n.code))
           from membership m left join organisation o using (organisation_id) left join project r using (project_id)
           left join network n on n.network_id = m.network_id
           where m.person_id = p.person_id
       ), '[]')
from person p
"""

_SHARES = """
select r.code, o.code, s.role
from project_share s join project r using (project_id) join organisation o using (organisation_id)
"""

_READERS = "select a.role_name::text, o.code from access_reader a join organisation o using (organisation_id)"

_OF = {
    Where.ORGANISATION: "(select organisation_id from organisation where code = %(code)s), null, null",
    Where.PROJECT: "null, (select project_id from project where code = %(code)s), null",
    Where.NETWORK: "null, null, (select network_id from network where code = %(code)s)",
    Where.EVERYWHERE: "null, null, null",
}

_GIVE = """
insert into membership (person_id, role, organisation_id, project_id, network_id)
select p.person_id, %(role)s, {of} from person p where p.login = %(login)s
"""

_TAKE = """
delete from membership m using (select {of}) as t (organisation_id, project_id, network_id), person p
where m.person_id = p.person_id and p.login = %(login)s and m.source = 'local' and m.role = %(role)s
  and m.organisation_id is not distinct from t.organisation_id::integer
  and m.project_id is not distinct from t.project_id::integer
  and m.network_id is not distinct from t.network_id::integer
"""

_PERSON = """
insert into person (login, name, department, email, disabled_at)
values (%(login)s, %(name)s, %(department)s, %(email)s, case when %(enabled)s then null else now() end)
on conflict (login) do update set name = excluded.name, department = excluded.department,
    email = excluded.email,
    disabled_at = case when %(enabled)s then null else coalesce(person.disabled_at, now()) end
"""

_SHARE = """
insert into project_share (project_id, organisation_id, role)
select r.project_id, o.organisation_id, %(role)s from project r, organisation o
where r.code = %(project)s and o.code = %(organisation)s
on conflict (project_id, organisation_id) do update set role = excluded.role
"""

_NO_SHARE = """
delete from project_share s using project r, organisation o
where s.project_id = r.project_id and s.organisation_id = o.organisation_id
  and r.code = %(project)s and o.code = %(organisation)s
"""


def lock(connection: Database) -> None:
    """Let nobody else change people and roles until the end of the transaction: what was compared stays true."""
    connection.execute("lock table person, membership in share row exclusive mode")


def read_known(connection: Database) -> Known:
    """All that a document can name."""
    return Known(
        organisations=dict(connection.execute("select code, name from organisation").fetchall()),
        people={row[0]: _person(*row) for row in connection.execute(_PEOPLE)},
        shares={(project, code): Role(role) for project, code, role in connection.execute(_SHARES)},
        readers=dict(connection.execute(_READERS).fetchall()),
        projects=dict(connection.execute("select code, organisation_code from project").fetchall()),
        networks=frozenset(row[0] for row in connection.execute("select code from network")),
    )


def _person(
    login: str, name: str, department: str, email: str, enabled: object, rows: Iterable[Sequence[str | None]]
) -> KnownPerson:
    grants: dict[str, set[Grant]] = {"local": set(), "oidc": set()}
    for source, role, *codes in rows:
        places = zip((Where.ORGANISATION, Where.PROJECT, Where.NETWORK), codes, strict=True)
        where, code = next(((where, code) for where, code in places if code), (Where.EVERYWHERE, ""))
        grants[str(source)].add(Grant(Role(str(role)), where, code))
    local, provided = frozenset(grants["local"]), frozenset(grants["oidc"])
    return KnownPerson(login, name, department, email, bool(enabled), local, provided)


def store_organisation(connection: Database, code: str, name: str) -> None:
    """Add an organisation, or rename it."""
    connection.execute(
        "insert into organisation (code, name) values (%s, %s) on conflict (code) do update set name = excluded.name",
        (code, name),
    )


def store_person(connection: Database, person: KnownPerson) -> None:
    """Add a person, or change what they are called and whether they are enabled."""
    values: Mapping[str, object] = {
        "login": person.login, "name": person.name, "department": person.department, "email": person.email,
        "enabled": person.enabled,
    }  # fmt: skip
    connection.execute(_PERSON, values)


def end_sessions(connection: Database, login: str) -> None:
    """End the sessions of a person, and let their links work no more."""
    for table in ("web_session", "sign_in_link"):
        connection.execute(
            f"delete from {table} t using person p where t.person_id = p.person_id and p.login = %s",  # noqa: S608
            (login,),
        )


def give(connection: Database, login: str, grant: Grant) -> None:
    """Give a person a role."""
    connection.execute(
        _GIVE.format(of=_OF[grant.where]), {"login": login, "role": grant.role.value, "code": grant.code}
    )


def take(connection: Database, login: str, grant: Grant) -> None:
    """Take a role away from a person."""
    connection.execute(
        _TAKE.format(of=_OF[grant.where]), {"login": login, "role": grant.role.value, "code": grant.code}
    )


def store_share(connection: Database, project: str, organisation: str, role: Role | None) -> None:
    """Give an organisation a part in a project, or end it."""
    values = {"project": project, "organisation": organisation, "role": None if role is None else role.value}
    connection.execute(_NO_SHARE if role is None else _SHARE, values)


def store_reader(connection: Database, role_name: str, organisation: str | None) -> None:
    """Note whose projects a role of the database sees; None: of none any more."""
    connection.execute("delete from access_reader where role_name = %s", (role_name,))
    connection.execute(
        "insert into access_reader (role_name, organisation_id)"
        " select %s, organisation_id from organisation where code = %s",
        (role_name, organisation),
    )


def person_id_of(connection: Database, login: str) -> int | None:
    """The id of a person; None if there is none with this login."""
    row = connection.execute("select person_id from person where login = %s", (login,)).fetchone()
    return None if row is None else int(row[0])


def read_project_codes(connection: Database) -> dict[int, str]:
    """The codes of all projects by their ids."""
    return dict(connection.execute("select project_id, code from project").fetchall())


def without_password(connection: Database) -> list[str]:
    """Logins of enabled people who have neither a password, nor an account at an OpenID provider."""
    rows = connection.execute(
        "select login from person where password_hash is null and issuer is null and disabled_at is null order by login"
    )
    return [str(row[0]) for row in rows]


def role_exists(connection: Database, role_name: str) -> bool:
    """Whether the database server has a role of this name."""
    row = connection.execute("select to_regrole(%s) is not null", (role_name,)).fetchone()
    return row is not None and bool(row[0])
