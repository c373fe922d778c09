"""What the replay asks the database beside readings: what was recorded, and what stations are called."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from ingest.store.database import Database

_RECORDED = """
select e.subject, e.rule, e.device_id, (extract(epoch from e.at) * 1000000)::bigint, e.rank, e.name, e.value, e.origin
from watch_event e join project p using (project_id)
where e.kind = 'stage' and e.at >= %(start)s and e.at < %(end)s and e.rank > e.before_rank and e.withdrawn_at is null
  and e.origin <> 'drill' and e.device_id is not null
  and (%(project)s::text is null or p.code = %(project)s)
order by e.at, e.event_id
"""


class Recorded(NamedTuple):
    """A rise to a stage that the watch recorded. `origin`: live or late."""

    subject: str
    rule: str
    device_id: int
    at_us: int
    rank: int
    name: str
    value: float | None
    origin: str


class Station(NamedTuple):
    """What a device is called, and in which project it is."""

    device_id: int
    project: str
    code: str
    name: str


def recorded_rises(connection: Database, project: str | None, start: datetime, end: datetime) -> list[Recorded]:
    """The rises of [start, end), of a project or of all; without drills and what was withdrawn."""
    values = {"project": project, "start": start, "end": end}
    return [Recorded(*row) for row in connection.execute(_RECORDED, values).fetchall()]


def stations(connection: Database, device_ids: Collection[int]) -> dict[int, Station]:
    """These devices by number."""
    query = """
        select d.device_id, p.code, d.code, d.name from device d join project p using (project_id)
        where d.device_id = any(%s)
    """
    rows: Sequence[tuple[int, str, str, str]] = connection.execute(query, (sorted(device_ids),)).fetchall()
    return {row[0]: Station(*row) for row in rows}


def project_number(connection: Database, code: str) -> int | None:
    """The number of a project; None if there is none of this code."""
    row = connection.execute("select project_id from project where code = %s", (code,)).fetchone()
    return None if row is None else int(row[0])
