"""What is read to decide who is told: events with their incidents, and the situation of a project."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg.rows import dict_row

from ingest.store.database import Database
from ingest.watch.delivery.model import Effect, Happening, Receiver, Situation, Way, Work
from ingest.watch.document.stored import ReadNotice, read_stored_notice
from ingest.watch.model import Kind, Origin
from schemas.watch_notice import WatchNotice

_HAPPENINGS = """
select e.event_id, e.incident_id, e.project_id, p.code as project, e.kind, e.hazard,
    coalesce(d.code, 'gateway:' || g.code, 'network:' || n.code, 'project') as thing, d.area, e.device_id,
    coalesce(e.gateway_id, d.gateway_id) as gateway_id,
    coalesce(e.network_id, g.network_id, d.network_id) as network_id,
    e.before_rank, e.rank, coalesce(i.rank, e.rank) as now_rank, coalesce(i.top_rank, e.rank) as top_rank, e.origin,
    coalesce(i.acknowledged_rank, 0) as acknowledged_rank, jsonb_exists(e.details, 'group') as explained,
    exists (select from watch_delivery m where m.incident_id = e.incident_id and m.kind <> 'mqtt'
        and m.withheld in ('', 'quiet_hours')) as told,
    case when e.withdrawn_at is not null then (
        select jsonb_agg(distinct jsonb_build_array(m.channel, m.kind, m.target, m.recipient)) from watch_delivery m
        where m.incident_id = e.incident_id and m.event_id = e.event_id and m.kind <> 'mqtt'
            and m.withheld in ('', 'quiet_hours')
    ) end as knew
from watch_event e
join project p using (project_id)
left join watch_incident i on i.incident_id = e.incident_id
left join device d on d.device_id = e.device_id
left join gateway g on g.gateway_id = e.gateway_id
left join network n on n.network_id = e.network_id
where e.event_id = any(%s)
"""

_DUTY = """
select distinct on (project_id) project_id, person from watch_duty
where project_id = any(%s) and voided_by is null and starts <= %s and ends > %s
order by project_id, watch_duty_id desc
"""

_WORK = """
select project_id, device_id, gateway_id, network_id from watch_maintenance
where project_id = any(%s) and starts <= %s and ends > %s
"""

# Rules of a great fleet are megabytes: they stay in the database.
_NOTICES = """
select asked.project_id, case when jsonb_typeof(newest.body) <> 'object' then newest.body else (
    select coalesce(jsonb_object_agg(part.key, part.value), '{}') from jsonb_each(newest.body) part
    where part.key = any(%s)
) end
from unnest(%s::int[]) asked (project_id)
cross join lateral (
    select d.body from watch_document d where d.project_id = asked.project_id order by d.number desc limit 1
) newest
"""

_ADDRESSES = "select login, email from person where login = any(%s) and email <> '' and disabled_at is null"

_PHONES = """
select w.project_id, p.login, array_agg(w.endpoint order by w.watch_push_id)
from watch_push w join person p using (person_id)
where w.project_id = any(%s) and p.login = any(%s) and w.ended_at is null and p.disabled_at is null
group by w.project_id, p.login
"""


def read_happenings(connection: Database, effects: Mapping[int, Effect]) -> list[Happening]:
    """The events of these numbers, in this order."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows: list[dict[str, Any]] = cursor.execute(_HAPPENINGS, (list(effects),)).fetchall()
    found = {row["event_id"]: row for row in rows}
    return [_happening(found[number], effect) for number, effect in effects.items() if number in found]


def _happening(row: Mapping[str, Any], effect: Effect) -> Happening:
    known = {"kind": Kind(row["kind"]), "origin": Origin(row["origin"]), "effect": effect}
    knew = [Receiver(channel, Way(kind), *whom) for channel, kind, *whom in row["knew"] or ()]
    return Happening(**{**row, **known, "knew": knew})


def read_notice(connection: Database, project_id: int) -> WatchNotice:
    """Who is told by the newest document of a project, as far as it can be read; nobody where there is none."""
    return read_notice_parts(connection, project_id).notice


def read_notice_parts(connection: Database, project_id: int) -> ReadNotice:
    """The same, with the places that cannot be read."""
    return _read_notices(connection, [project_id])[project_id]


def _read_notices(connection: Database, projects: Sequence[int]) -> dict[int, ReadNotice]:
    values = (list(WatchNotice.model_fields), projects)
    bodies: dict[int, Any] = dict(connection.execute(_NOTICES, values).fetchall())
    nobody = ReadNotice(WatchNotice())
    return {number: read_stored_notice(bodies[number]) if number in bodies else nobody for number in projects}


def read_situation(connection: Database, project_id: int, now: datetime) -> Situation:
    """What holds in a project at the moment."""
    return read_situations(connection, {project_id}, now)[project_id]


def read_situations(connection: Database, projects: Collection[int], now: datetime) -> dict[int, Situation]:
    """What holds in each of these projects at the moment."""
    if not projects:
        return {}
    numbers = sorted(projects)
    found = _read_notices(connection, numbers)
    held = (numbers, now, now)
    duty: dict[int, str] = dict(connection.execute(_DUTY, held).fetchall())
    work: dict[int, list[Work]] = {number: [] for number in numbers}
    for project_id, *thing in connection.execute(_WORK, held):
        work[project_id].append(Work(*thing))
    logins = sorted({person.login for each in found.values() for person in each.notice.people if person.login})
    addresses: dict[str, str] = dict(connection.execute(_ADDRESSES, (logins,)).fetchall()) if logins else {}
    phones: dict[int, dict[str, list[str]]] = {number: {} for number in numbers}
    if logins:
        for project_id, login, endpoints in connection.execute(_PHONES, (numbers, logins)):
            phones[project_id][login] = endpoints
    return {
        number: Situation(now, notice, duty.get(number), work[number], addresses, phones[number], unread)
        for number, (notice, unread) in found.items()
    }
