"""The SQL of drills: their rows, the stages of a station, and what stands open in a drill."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString, NamedTuple

from ingest.store.database import Database
from ingest.watch.deeds.model import Drill


class StationStage(NamedTuple):
    """A stage of a station: of the registry (`rule` empty), or of a rule of the document."""

    device_id: int
    quantity_id: int | None
    channel: int | None
    rule: str
    hazard: str
    measure: str
    rank: int
    name: str
    name_en: str
    threshold: float | None
    unit: str
    official: bool
    ref_level: int | None


class OpenIncident(NamedTuple):
    """An incident of a drill that has ended, with the rank it stands at."""

    incident_id: int
    project_id: int
    drill_id: int
    kind: str
    hazard: str | None
    subject: str
    device_id: int | None
    gateway_id: int | None
    network_id: int | None
    rank: int
    rule: str
    quantity_id: int | None
    channel: int | None


_COLUMNS: LiteralString = "drill_id, project_id, title, starts, ends, begun_by, ended_at, ended_by"

_REGISTRY_STAGES = """
select s.device_id, s.quantity_id, s.channel, '', 'river', 'value', s.rank, s.name, s.name_en, s.level_m, 'm',
    s.official, s.ref_level
from device_stage s join device d using (device_id)
where d.project_id = %(project)s and d.code = %(device)s and coalesce(s.valid_from, '-infinity') <= %(now)s
  and coalesce(s.valid_to, 'infinity') > %(now)s
order by s.quantity_id, s.channel, s.rank
"""

_RULE_STAGES = """
select d.device_id, q.quantity_id, (r ->> 'channel')::smallint, r ->> 'code', coalesce(r ->> 'hazard', 'other'),
    coalesce(r #>> '{measure,kind}', 'value'), (s ->> 'rank')::integer, coalesce(s ->> 'name', ''),
    coalesce(s ->> 'name_en', ''), (s ->> 'value')::double precision, coalesce(q.unit, ''),
    coalesce((s ->> 'official')::boolean, false), (s ->> 'ref_level')::smallint
from (select body from watch_document where project_id = %(project)s order by number desc limit 1) w
cross join lateral jsonb_path_query(w.body, '$.rules[*]') r
cross join lateral jsonb_path_query(r, '$.stages[*]') s
join device d on d.project_id = %(project)s and d.code = %(device)s and jsonb_exists(r -> 'devices', d.code)
left join quantity q on q.code = r ->> 'quantity' and coalesce(q.of_project_id, d.project_id) = d.project_id
    and r #>> '{measure,kind}' = 'value'
order by r ->> 'code', (s ->> 'rank')::integer
"""

_OPEN = """
select i.incident_id, i.project_id, i.drill_id, i.kind, i.hazard, i.subject, i.device_id, i.gateway_id, i.network_id,
    i.rank, coalesce(e.rule, ''), e.quantity_id, e.channel
from watch_incident i join watch_drill d using (drill_id)
left join lateral (
    select e.rule, e.quantity_id, e.channel from watch_event e where e.incident_id = i.incident_id
    order by e.event_id desc limit 1
) e on true
where i.closed_at is null and d.ended_at is not null
order by i.incident_id
"""


def add_drill(
    connection: Database, project_id: int, title: str, starts: datetime, ends: datetime, by: str
) -> int | None:
    """The number of the new drill; None if the project has one that lasts."""
    row = connection.execute(
        "insert into watch_drill (project_id, title, starts, ends, begun_by) values (%s, %s, %s, %s, %s)"
        " on conflict do nothing returning drill_id",
        (project_id, title, starts, ends, by),
    ).fetchone()
    return None if row is None else int(row[0])


def open_drill(connection: Database, project_id: int) -> Drill | None:
    """The drill of a project that lasts, locked until the end of this transaction."""
    row = connection.execute(
        f"select {_COLUMNS} from watch_drill where project_id = %s and ended_at is null for update",  # noqa: S608
        (project_id,),
    ).fetchone()
    return None if row is None else Drill(*row)


def end_drill(connection: Database, drill_id: int, at: datetime, by: str) -> None:
    """Let a drill end."""
    connection.execute(
        "update watch_drill set ended_at = %s, ended_by = %s where drill_id = %s and ended_at is null",
        (at, by, drill_id),
    )


def end_due_drills(connection: Database, now: datetime) -> list[Drill]:
    """Let every drill end whose time has run out, and return them."""
    rows: Sequence[Any] = connection.execute(
        f"update watch_drill set ended_at = %(now)s, ended_by = ''"  # noqa: S608
        f" where ended_at is null and ends <= %(now)s returning {_COLUMNS}",
        {"now": now},
    ).fetchall()
    return [Drill(*row) for row in rows]


def drills_since(connection: Database, projects: Sequence[int], since: datetime) -> list[Drill]:
    """The drills of these projects that lasted at or after a time, the newest first."""
    rows: Sequence[Any] = connection.execute(
        f"select {_COLUMNS} from watch_drill"  # noqa: S608
        " where project_id = any(%s) and coalesce(ended_at, 'infinity') >= %s"
        " order by drill_id desc",
        (list(projects), since),
    ).fetchall()
    return [Drill(*row) for row in rows]


def open_incidents_of_ended_drills(connection: Database) -> list[OpenIncident]:
    """What still stands open in drills that have ended."""
    rows: Sequence[Any] = connection.execute(_OPEN).fetchall()
    return [OpenIncident(*row) for row in rows]


def registry_stages(connection: Database, project_id: int, device: str, now: datetime) -> list[StationStage]:
    """The stages of a station in the registry that hold now."""
    values = {"project": project_id, "device": device, "now": now}
    return [StationStage(*row) for row in connection.execute(_REGISTRY_STAGES, values)]


def rule_stages(connection: Database, project_id: int, device: str) -> list[StationStage]:
    """The stages of a station in the rules of the newest document."""
    return [StationStage(*row) for row in connection.execute(_RULE_STAGES, {"project": project_id, "device": device})]


def drill_rank(connection: Database, drill_id: int, subject: str) -> int:
    """The rank that a subject stands at within a drill; 0 if nothing was injected for it."""
    row = connection.execute(
        "select rank from watch_event where subject = %s and (details ->> 'drill')::bigint = %s"
        " and withdrawn_at is null order by at desc, event_id desc limit 1",
        (subject, drill_id),
    ).fetchone()
    return 0 if row is None else int(row[0])
