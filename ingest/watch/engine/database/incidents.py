"""Incidents as rows. Every function works inside the transaction of its caller, for any number by one statement."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from psycopg.rows import class_row

from ingest.store.database import Database
from ingest.store.many import arrays, insert_of
from ingest.watch.model import Event

_OPEN = """
select incident_id, subject, coalesce(drill_id, 0) as drill_id, opened_at, rank, top_rank,
    coalesce(acknowledged_rank, 0) as acknowledged_rank, project_id
from watch_incident where closed_at is null and subject = any(%s)
for update
"""
_COVERING = """
select distinct on (late.place) late.place, i.incident_id, i.opened_at
from unnest(%s::text[], %s::timestamptz[], %s::int[]) with ordinality late (subject, at, project_id, place)
join watch_incident i on i.subject = late.subject and i.project_id = late.project_id
    and i.opened_at <= late.at and i.closed_at >= late.at
where i.drill_id is null
order by late.place, i.opened_at desc, i.incident_id desc
"""
_INSERT = (
    insert_of(
        "watch_incident",
        {
            "project_id": "int", "kind": "text", "hazard": "text", "subject": "text", "device_id": "int",
            "gateway_id": "int", "network_id": "int", "opened_at": "timestamptz", "closed_at": "timestamptz",
            "rank": "int", "top_rank": "int", "live": "boolean", "drill_id": "bigint", "escalate_at": "timestamptz",
        },
    )
    + " returning incident_id"
)  # fmt: skip
_UPDATE = """
update watch_incident i set rank = became.rank, top_rank = greatest(i.top_rank, became.top_rank),
    closed_at = became.closed_at,
    escalated = case when became.anew_at is null then i.escalated else 0 end,
    escalate_at = case when became.closed_at is null then coalesce(became.anew_at, i.escalate_at) end
from unnest(%s::bigint[], %s::int[], %s::int[], %s::timestamptz[], %s::timestamptz[])
    became (incident_id, rank, top_rank, closed_at, anew_at)
where i.incident_id = became.incident_id
"""


class Incident(NamedTuple):
    """An open incident. `drill_id`, `acknowledged_rank`: 0 for none."""

    incident_id: int
    subject: str
    drill_id: int
    opened_at: datetime
    rank: int
    top_rank: int
    acknowledged_rank: int
    project_id: int


class Changed(NamedTuple):
    """What became of an incident. `anew_at`: its escalation begins from its first step, and is looked at then."""

    incident_id: int
    rank: int
    top_rank: int
    closed_at: datetime | None
    anew_at: datetime | None


class Opened(NamedTuple):
    """An incident that an event opened, as it is now. `drill_id`: 0 for none.

    Whether and when its escalation is due is looked at from `escalate_at` on; None: it is over already.
    """

    event: Event
    drill_id: int
    rank: int
    top_rank: int
    closed_at: datetime | None
    escalate_at: datetime | None


class Covering(NamedTuple):
    """An incident that is over and in whose time an event lies."""

    incident_id: int
    opened_at: datetime


def open_incidents(connection: Database, subjects: Collection[str]) -> list[Incident]:
    """The open incidents of these subjects, locked; those of drills beside those that are real."""
    if not subjects:
        return []
    with connection.cursor(row_factory=class_row(Incident)) as cursor:
        return cursor.execute(_OPEN, (list(subjects),)).fetchall()


def covering_incidents(connection: Database, events: Sequence[Event]) -> dict[int, Covering]:
    """The incidents that are over and in whose time these events lie, by place of the event; of several the newest."""
    if not events:
        return {}
    values = arrays([(each.subject, each.at, each.thing.project_id) for each in events])
    rows: list[Any] = connection.execute(_COVERING, values).fetchall()
    return {int(place) - 1: Covering(number, opened_at) for place, number, opened_at in rows}


def insert_incidents(connection: Database, opened: Iterable[Opened]) -> list[int]:
    """Add incidents; their numbers in this order."""
    rows = [
        (
            each.event.thing.project_id, each.event.kind.value, each.event.hazard and str(each.event.hazard),
            each.event.subject, each.event.thing.device_id, each.event.thing.gateway_id, each.event.thing.network_id,
            each.event.at, each.closed_at, each.rank, each.top_rank, True, each.drill_id or None, each.escalate_at,
        )
        for each in opened
    ]  # fmt: skip
    return sorted(row[0] for row in connection.execute(_INSERT, arrays(rows))) if rows else []


def change_incidents(connection: Database, changed: Collection[Changed]) -> None:
    """Write what became of incidents, each of them once."""
    if changed:
        connection.execute(_UPDATE, arrays(changed))
