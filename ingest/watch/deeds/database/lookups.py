"""What the codes of a project stand for."""

from collections.abc import Mapping
from typing import LiteralString

from ingest.store.database import Database

_THINGS: Mapping[str, LiteralString] = {
    "device": "select device_id from device where project_id = %s and code = %s",
    "gateway": """
        select g.gateway_id from gateway g join network n using (network_id) where n.project_id = %s and g.code = %s
    """,
    "network": "select network_id from network where project_id = %s and code = %s",
}


def codes_of_project(connection: Database, project_id: int) -> tuple[str, str | None]:
    """Code of a project, and of its organisation."""
    row = connection.execute(
        "select code, organisation_code from project where project_id = %s", (project_id,)
    ).fetchone()
    return ("", None) if row is None else (row[0], row[1])


def project_of_code(connection: Database, code: str) -> int | None:
    """Number of a project; None if there is none of this code."""
    row = connection.execute("select project_id from project where code = %s", (code,)).fetchone()
    return None if row is None else int(row[0])


def number_of(connection: Database, project_id: int, what: str, code: str) -> int | None:
    """The number of a device, gateway or network of the project; None if it has none of this code."""
    row = connection.execute(_THINGS[what], (project_id, code)).fetchone()
    return None if row is None else int(row[0])


def people_of(connection: Database, project_id: int) -> tuple[str, ...]:
    """The codes of the people in the newest document of the project."""
    query = """
        select person ->> 'code'
        from (
            select body -> 'people' as people from watch_document where project_id = %s order by number desc limit 1
        ) w
        cross join lateral jsonb_array_elements(
            case when jsonb_typeof(w.people) = 'array' then w.people else '[]' end
        ) person
        order by 1
    """
    return tuple(code for (code,) in connection.execute(query, (project_id,)) if code)
