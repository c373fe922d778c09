"""What the registry lacks, by project, as the pages, the reports and the doctor see it."""

from typing import Any, LiteralString

from psycopg import Connection

from schemas.lacking import Lacking

_LACKING: LiteralString = """
select p.code, coalesce(p.organisation_name, '') = '', coalesce(p.grant_number, '') = '',
    coalesce(array_agg(d.code order by d.code) filter (where not d.enabled), '{}'),
    coalesce(array_agg(d.code order by d.code) filter (where d.enabled and d.installed_on is null), '{}')
from project p left join device d using (project_id)
where (%(project)s::text is null or p.code = %(project)s) and (%(device)s::text is null or d.code = %(device)s)
group by p.project_id, p.code, p.organisation_name, p.grant_number order by p.code
"""


def lacking(connection: Connection[Any], project: str | None = None, device: str | None = None) -> list[Lacking]:
    """What is lacking of every project, of one, or of one of its devices."""
    rows = connection.execute(_LACKING, {"project": project, "device": device}).fetchall()
    return [Lacking(*row) for row in rows]
