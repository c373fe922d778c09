"""The SQL of the versions of a plan, and of the things of the registry that a plan may name."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from ingest.store.database import Database

_LOCK = 20_261_130
"""Numbers of versions are given one after the other: the lock of this space and the id of the project."""


class VersionRow(NamedTuple):
    """A row of plan_version."""

    number: int
    entered_at: datetime
    entered_by: str
    reason: str
    document: Any
    digest: bytes


class Place(NamedTuple):
    """Code of a project, and of the organisation it belongs to."""

    code: str
    organisation: str | None


class ThingRow(NamedTuple):
    """Something of the registry of one project: its kind (device, network, gateway, area, use) and its code."""

    kind: str
    code: str


_COLUMNS = "number, entered_at, entered_by, reason, document, digest"

_VERSIONS = f"""
select {_COLUMNS} from plan_version
where project_id = %(project)s and (%(at)s::timestamptz is null or entered_at <= %(at)s)
  and (%(number)s::integer is null or number = %(number)s)
order by number desc limit %(limit)s
"""  # noqa: S608  made of constants

_INSERT = """
insert into plan_version (project_id, number, entered_at, entered_by, reason, document, digest)
select %(project)s, coalesce(max(v.number), 0) + 1, greatest(clock_timestamp(), max(v.entered_at)),
    %(by)s, %(reason)s, %(document)s, %(digest)s
from plan_version v where v.project_id = %(project)s
returning number
"""

_THINGS = """
select 'device', code from device where project_id = %(project)s
union all select 'network', code from network where project_id = %(project)s
union all select 'gateway', g.code from gateway g join network n using (network_id) where n.project_id = %(project)s
union all select distinct 'area', area from device where project_id = %(project)s and area is not null
union all select distinct 'use', use from device where project_id = %(project)s and use is not null
"""


def version_rows(
    connection: Database, project_id: int, *, at: datetime | None = None, number: int | None = None,
    limit: int | None = None,
) -> list[VersionRow]:  # fmt: skip
    """Versions of a project, newest first: those entered at or before `at`, the one of this number, or all."""
    values = {"project": project_id, "at": at, "number": number, "limit": limit}
    with connection.cursor(row_factory=class_row(VersionRow)) as cursor:
        return cursor.execute(_VERSIONS, values).fetchall()


def insert_version(
    connection: Database, project_id: int, *, by: str, reason: str, document: Mapping[str, Any], digest: bytes
) -> int:
    """Add the next version, and return its number."""
    row = connection.execute(
        _INSERT,
        {"project": project_id, "by": by, "reason": reason, "document": Jsonb(document), "digest": digest},
    ).fetchone()
    assert row is not None  # `returning` of one row
    return int(row[0])


def lock_versions(connection: Database, project_id: int) -> None:
    """Let nobody else add a version of this project until the transaction ends."""
    connection.execute("select pg_advisory_xact_lock(%s, %s)", (_LOCK, project_id))


def planned_projects(connection: Database) -> set[int]:
    """The projects that have a plan."""
    return {row[0] for row in connection.execute("select distinct project_id from plan_version").fetchall()}


def place_of(connection: Database, project_id: int) -> Place | None:
    """Codes of the project and its organisation; None for an id that is not there."""
    query = "select code, organisation_code from project where project_id = %s"
    row = connection.execute(query, (project_id,)).fetchone()
    return None if row is None else Place(*row)


def project_id_of(connection: Database, code: str) -> int | None:
    """The id of a project; None for a code that is not there."""
    row = connection.execute("select project_id from project where code = %s", (code,)).fetchone()
    return None if row is None else int(row[0])


def things(connection: Database, project_id: int) -> list[ThingRow]:
    """All that a plan of this project may name."""
    return [ThingRow(*row) for row in connection.execute(_THINGS, {"project": project_id}).fetchall()]
