"""What people wrote about outages."""

from collections.abc import Sequence
from typing import NamedTuple

from ingest.figures.fetch import Database


class Said(NamedTuple):
    """An outage with the cause that a human gave, before and after."""

    outage_id: int
    project_id: int
    was: str | None
    cause: str | None


_EXPLAIN = """
with recursive whole (outage_id, top) as (
    select o.outage_id, o.outage_id from outage o
    where o.outage_id = any(%(numbers)s::bigint[]) and o.project_id = %(project)s and o.withdrawn_at is null
    union
    select o.outage_id, w.top from outage o join whole w on o.part_of = w.outage_id where o.withdrawn_at is null
),
chosen as (
    -- A part that somebody explained by itself keeps its own cause.
    select distinct w.outage_id
    from whole w join outage o using (outage_id) join outage t on t.outage_id = w.top
    where w.outage_id = w.top or o.cause_at is null or o.cause_at = t.cause_at
),
was as (
    select o.outage_id, o.project_id, o.cause, o.cause_note from outage o join chosen using (outage_id)
    order by o.outage_id for update of o
)
update outage o set cause = %(cause)s, cause_note = %(note)s,
    cause_at = case when %(cause)s::text is not null then now() end,
    cause_by = case when %(cause)s::text is not null then %(by)s end
from was
where o.outage_id = was.outage_id and (was.cause, was.cause_note) is distinct from (%(cause)s, %(note)s)
returning o.outage_id, o.project_id, was.cause, o.cause
"""


def explain(
    connection: Database, project_id: int, numbers: Sequence[int], cause: str | None, note: str | None, by: str
) -> list[Said]:
    """Write the cause of these outages and of what is part of them; returns those that changed."""
    values = {"numbers": list(numbers), "project": project_id, "cause": cause, "note": note, "by": by}
    return [Said(*row) for row in connection.execute(_EXPLAIN, values)]


def are_there(connection: Database, project_id: int, numbers: Sequence[int]) -> bool:
    """Whether all of these are outages of this project that are not withdrawn."""
    query = """
        select count(*) from outage where project_id = %s and outage_id = any(%s) and withdrawn_at is null
    """
    row = connection.execute(query, (project_id, list(numbers))).fetchone()
    return row is not None and row[0] == len(set(numbers))


def codes_of_project(connection: Database, project_id: int) -> tuple[str, str | None]:
    """Code of a project, and of its organisation."""
    query = "select code, organisation_code from project where project_id = %s"
    row = connection.execute(query, (project_id,)).fetchone()
    return ("", None) if row is None else (row[0], row[1])


def project_of_code(connection: Database, code: str) -> int | None:
    """Number of a project; None if there is none of this code."""
    row = connection.execute("select project_id from project where code = %s", (code,)).fetchone()
    return None if row is None else int(row[0])
