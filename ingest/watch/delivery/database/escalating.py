"""Incidents whose next step of the escalation is due."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from ingest.store.database import Database
from ingest.store.many import arrays


class DueIncident(NamedTuple):
    """An incident that nobody took in time. `event_id`: the one that raised it last; None if it is withdrawn.

    `held_back`: of that event nobody was told, because somebody worked on the thing.
    """

    incident_id: int
    project_id: int
    rank: int
    acknowledged_rank: int
    escalated: int
    escalate_at: datetime
    event_id: int | None
    held_back: bool


class StepTaken(NamedTuple):
    """So many steps of an incident were taken, and the next one is due then; None: there is no further one."""

    incident_id: int
    escalated: int
    at: datetime | None


_DUE = """
select i.incident_id, i.project_id, i.rank, coalesce(i.acknowledged_rank, 0), i.escalated, i.escalate_at,
    raised.event_id,
    exists (select from watch_delivery m where m.incident_id = i.incident_id and m.event_id = raised.event_id
        and m.withheld = 'maintenance')
    and not exists (select from watch_delivery m where m.incident_id = i.incident_id and m.event_id = raised.event_id
        and m.withheld <> 'maintenance')
from watch_incident i
left join lateral (
    select e.event_id from watch_event e
    where e.incident_id = i.incident_id and e.withdrawn_at is null and e.rank > e.before_rank
    order by e.at desc, e.event_id desc limit 1
) raised on true
where i.escalate_at <= %s and i.closed_at is null
order by i.escalate_at limit %s
for update of i skip locked
"""

_SET = """
update watch_incident i set escalated = taken.escalated, escalate_at = taken.at
from unnest(%s::bigint[], %s::int[], %s::timestamptz[]) taken (incident_id, escalated, at)
where i.incident_id = taken.incident_id
"""


def due_incidents(connection: Database, now: datetime, limit: int) -> list[DueIncident]:
    """Open incidents whose next step is due, locked until the end of the transaction."""
    return [DueIncident(*row) for row in connection.execute(_DUE, (now, limit))]


def set_steps(connection: Database, steps: Collection[StepTaken]) -> None:
    """Note which steps were taken."""
    if steps:
        connection.execute(_SET, arrays(steps))
