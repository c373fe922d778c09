"""The SQL of organisations (団体), and of what they share."""

from typing import NamedTuple

from ingest.store.database import Database


class OrganisationRow(NamedTuple):
    """An organisation. `people`: with a role in it; `projects`: its own; `shared`: others' that it has a part in."""

    organisation_id: int
    code: str
    name: str
    people: int
    projects: int
    shared: int


class ProjectRow(NamedTuple):
    """A project, and the organisation that owns it; None if nobody entered one with its code."""

    project_id: int
    code: str
    owner: int | None
    owner_code: str | None


class NetworkRow(NamedTuple):
    """A network, its project, and the organisation that owns that."""

    network: str
    code: str
    owner: int | None
    owner_code: str | None


class ShareRow(NamedTuple):
    """A part of an organisation in another's project."""

    project_id: int
    project: str
    owner: int | None
    owner_code: str | None
    organisation_id: int
    organisation: str
    role: str


_ORGANISATIONS = """
select o.organisation_id, o.code, o.name,
       (select count(distinct m.person_id) from membership m where m.organisation_id = o.organisation_id),
       (select count(*) from project r where r.organisation_code = o.code),
       (select count(*) from project_share s where s.organisation_id = o.organisation_id)
from organisation o order by o.code
"""

_PROJECT = """
select r.project_id, r.code, o.organisation_id, o.code
from project r left join organisation o on o.code = r.organisation_code
"""

_NETWORK = """
select n.code, r.code, o.organisation_id, o.code
from network n join project r using (project_id) left join organisation o on o.code = r.organisation_code
where n.network_id = %s
"""

_SHARES = """
select r.project_id, r.code, w.organisation_id, w.code, o.organisation_id, o.code, s.role
from project_share s join project r using (project_id) join organisation o using (organisation_id)
left join organisation w on w.code = r.organisation_code
order by r.code, o.code
"""


def insert_organisation(connection: Database, code: str, name: str) -> int | None:
    """Add an organisation and give its id; None if the code is taken."""
    row = connection.execute(
        "insert into organisation (code, name) values (%s, %s) on conflict (code) do nothing returning organisation_id",
        (code, name),
    ).fetchone()
    return None if row is None else int(row[0])


def rename_organisation(connection: Database, organisation_id: int, name: str) -> None:
    """Change the name."""
    connection.execute("update organisation set name = %s where organisation_id = %s", (name, organisation_id))


def list_organisations(connection: Database) -> list[OrganisationRow]:
    """All organisations, by code."""
    return [OrganisationRow._make(row) for row in connection.execute(_ORGANISATIONS)]


def organisation_of_code(connection: Database, code: str) -> int | None:
    """The id of an organisation."""
    row = connection.execute("select organisation_id from organisation where code = %s", (code,)).fetchone()
    return None if row is None else int(row[0])


def organisation_names(connection: Database, organisation_id: int) -> tuple[str, str] | None:
    """(code, name) of an organisation."""
    row = connection.execute(
        "select code, name from organisation where organisation_id = %s", (organisation_id,)
    ).fetchone()
    return None if row is None else (str(row[0]), str(row[1]))


def project_of_id(connection: Database, project_id: int) -> ProjectRow | None:
    """A project."""
    row = connection.execute(f"{_PROJECT} where r.project_id = %s", (project_id,)).fetchone()
    return None if row is None else ProjectRow._make(row)


def project_of_code(connection: Database, code: str) -> ProjectRow | None:
    """A project."""
    row = connection.execute(f"{_PROJECT} where r.code = %s", (code,)).fetchone()
    return None if row is None else ProjectRow._make(row)


def network_of_code(connection: Database, code: str) -> int | None:
    """The id of a network."""
    row = connection.execute("select network_id from network where code = %s", (code,)).fetchone()
    return None if row is None else int(row[0])


def network_of_id(connection: Database, network_id: int) -> NetworkRow | None:
    """A network, and the project it belongs to."""
    row = connection.execute(_NETWORK, (network_id,)).fetchone()
    return None if row is None else NetworkRow._make(row)


def role_of_share(connection: Database, project_id: int, organisation_id: int) -> str | None:
    """The part an organisation has in a project."""
    row = connection.execute(
        "select role from project_share where project_id = %s and organisation_id = %s", (project_id, organisation_id)
    ).fetchone()
    return None if row is None else str(row[0])


def set_share(connection: Database, project_id: int, organisation_id: int, role: str | None) -> None:
    """Give an organisation a part in a project, or (None) take it."""
    if role is None:
        connection.execute(
            "delete from project_share where project_id = %s and organisation_id = %s", (project_id, organisation_id)
        )
        return
    connection.execute(
        "insert into project_share (project_id, organisation_id, role) values (%s, %s, %s)"
        " on conflict (project_id, organisation_id) do update set role = excluded.role",
        (project_id, organisation_id, role),
    )


def list_shares(connection: Database) -> list[ShareRow]:
    """All shares, by project."""
    return [ShareRow._make(row) for row in connection.execute(_SHARES)]
