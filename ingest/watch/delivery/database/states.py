"""What is open of things, as the broker shows it."""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg.rows import dict_row

from ingest.store.database import Database
from schemas.watch_message import OpenIncident, Text, WatchState

_OPEN = """
select p.code as project, coalesce(d.code, 'gateway:' || g.code, 'network:' || n.code, 'project') as thing,
    case when i.kind = 'stage' then coalesce(i.hazard, i.kind) else i.kind end as what,
    i.incident_id, i.kind, i.hazard, i.subject, i.rank, i.top_rank, i.opened_at, i.acknowledged_rank,
    e.name, e.name_en, e.value, coalesce(e.unit, '') as unit, e.at
from watch_incident i
join project p using (project_id)
left join device d on d.device_id = i.device_id
left join gateway g on g.gateway_id = i.gateway_id
left join network n on n.network_id = i.network_id
left join lateral (
    select w.name, w.name_en, w.value, w.unit, w.at from watch_event w
    where w.incident_id = i.incident_id and w.withdrawn_at is null and w.rank > 0
    order by w.at desc, w.event_id desc limit 1
) e on true
where i.closed_at is null and i.live and i.drill_id is null
    and exists (select from watch_delivery m
        where m.incident_id = i.incident_id and m.kind = 'mqtt' and m.withheld = '')
"""
_BESIDE = """
    and (
        i.incident_id = any(%(incidents)s)
        or i.device_id in (select device_id from watch_incident where incident_id = any(%(incidents)s))
        or i.gateway_id in (select gateway_id from watch_incident where incident_id = any(%(incidents)s))
        or i.network_id in (select network_id from watch_incident where incident_id = any(%(incidents)s))
    )
"""
_ACKNOWLEDGED = """
select incident_id, acknowledged_rank from watch_incident
where closed_at is null and live and drill_id is null and acknowledged_rank is not null
"""
_ORDER = " order by i.incident_id"


def read_states(connection: Database) -> dict[str, WatchState]:
    """Topic -> state of everything that is open; without drills and what is held back."""
    return _states(connection, _OPEN + _ORDER, {})


def read_states_beside(connection: Database, incidents: Sequence[int]) -> dict[str, WatchState]:
    """The states of the things of these incidents, as far as something is open."""
    return _states(connection, _OPEN + _BESIDE + _ORDER, {"incidents": list(incidents)})


def read_acknowledged(connection: Database) -> dict[int, int]:
    """Up to which rank what is open was taken, by incident; nothing of what nobody took."""
    return dict(connection.execute(_ACKNOWLEDGED).fetchall())


def _states(connection: Database, query: str, values: Mapping[str, object]) -> dict[str, WatchState]:
    with connection.cursor(row_factory=dict_row) as cursor:
        found: dict[str, list[dict[str, Any]]] = {}
        for row in cursor.execute(query, values):
            found.setdefault(state_topic(row["project"], row["thing"], row["what"]), []).append(row)
    return {topic: _state(rows) for topic, rows in found.items()}


def state_topic(project: str, thing: str, what: str) -> str:
    """The topic of a state."""
    return f"noroshi/v1/{project}/watch/{thing}/{what}"


def _state(rows: list[dict[str, Any]]) -> WatchState:
    incidents = tuple(
        OpenIncident(
            incident=row["incident_id"], kind=row["kind"], hazard=row["hazard"], subject=row["subject"],
            rank=row["rank"], top_rank=row["top_rank"],
            name=Text(ja=row["name"] or "", en=row["name_en"] or row["name"] or ""),
            opened_at=row["opened_at"], acknowledged_rank=row["acknowledged_rank"], value=row["value"],
            unit=row["unit"], at=row["at"],
        )
        for row in rows
    )  # fmt: skip
    highest = max(each.rank for each in incidents)
    return WatchState(project=rows[0]["project"], thing=rows[0]["thing"], rank=highest, incidents=incidents)
