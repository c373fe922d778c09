"""Lists the projects (事業), and reads the facts about one for the head of a report."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import Connection

from ingest.figures.fetch import fetch, fetch_one


@dataclass(frozen=True, slots=True)
class ProjectEntry:
    """A project as the registry (台帳) holds it."""

    code: str
    name: str
    organisation_code: str | None
    organisation_name: str | None
    grant_number: str | None
    granted_on: date | None
    completed_on: date | None


@dataclass(frozen=True, slots=True)
class ProjectRef:
    """A project as a choice: its number, code and name."""

    project_id: int
    code: str
    name: str


def project_refs(connection: Connection[Any]) -> list[ProjectRef]:
    """The projects that this connection sees, by code."""
    return fetch(connection, ProjectRef, "select project_id, code, name from project order by code")


def project_entry(connection: Connection[Any], code: str) -> ProjectEntry | None:
    """The project of this code, or None if the registry has none."""
    query = """
        select code, name, organisation_code, organisation_name, grant_number, granted_on, completed_on
        from project where code = %(code)s
    """
    return fetch_one(connection, ProjectEntry, query, {"code": code})


def project_of_id(connection: Connection[Any], project_id: int) -> ProjectEntry | None:
    """The project of this number, or None if this connection sees none."""
    query = """
        select code, name, organisation_code, organisation_name, grant_number, granted_on, completed_on
        from project where project_id = %(project)s
    """
    return fetch_one(connection, ProjectEntry, query, {"project": project_id})


def project_codes(connection: Connection[Any]) -> list[str]:
    """The codes of all projects, in order."""
    return [code for (code,) in connection.execute("select code from project order by code")]
