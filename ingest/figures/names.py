"""Looks up the names of ids in the tables, and the relations of this database."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg.rows import scalar_row

from ingest.figures.fetch import fetch, fetch_one


@dataclass(frozen=True, slots=True)
class DeviceName:
    """A device by the codes of the registry."""

    device_id: int
    project: str
    device: str
    device_name: str


@dataclass(frozen=True, slots=True)
class ProjectName:
    """A project by its code."""

    project: str
    project_name: str


def project_name(connection: Connection[Any], project: str) -> ProjectName | None:
    """The project of this code, or None."""
    query = "select code as project, name as project_name from project where code = %(project)s"
    return fetch_one(connection, ProjectName, query, {"project": project})


def device_names(connection: Connection[Any], project: str | None, devices: Iterable[str] = ()) -> list[DeviceName]:
    """Devices of a project or of all, in the order of their ids; only those of `devices`, unless it is empty."""
    query = """
        select d.device_id, p.code as project, d.code as device, d.name as device_name
        from device d join project p using (project_id)
        where (%(project)s::text is null or p.code = %(project)s)
          and (%(devices)s::text[] = '{}' or d.code = any(%(devices)s::text[]))
        order by d.device_id
    """
    return fetch(connection, DeviceName, query, {"project": project, "devices": list(devices)})


def device_names_by_id(connection: Connection[Any], numbers: Iterable[int]) -> list[DeviceName]:
    """The devices of these ids."""
    query = """
        select d.device_id, p.code as project, d.code as device, d.name as device_name
        from device d join project p using (project_id) where d.device_id = any(%(numbers)s)
    """
    return fetch(connection, DeviceName, query, {"numbers": list(numbers)})


def gateway_codes(connection: Connection[Any]) -> dict[int, str]:
    """Gateway id -> code."""
    return dict(connection.execute("select gateway_id, code from gateway").fetchall())


def has_relation(connection: Connection[Any], name: str) -> bool:
    """Whether a table or view of this name exists."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute("select to_regclass(%s) is not null", (name,)).fetchone() is True
