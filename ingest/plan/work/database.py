"""The SQL of the work log, planned stops and observations. Rows are added; later they are voided or signed."""

from collections.abc import Mapping
from typing import Any, LiteralString

from ingest.plan.work.fields import New, What
from ingest.plan.work.model import (
    NewObservation,
    NewStop,
    NewWork,
    Observation,
    Signed,
    Stop,
    Things,
    Voided,
    Wanted,
    Work,
)
from ingest.store.database import Database
from schemas.work import Basis, WorkKind


def things_of(connection: Database, project_id: int) -> Things:
    """The things of a project that an entry can name."""

    def numbers(query: LiteralString) -> dict[Any, int]:
        return dict(connection.execute(query, (project_id,)).fetchall())

    areas = connection.execute(
        "select distinct area from device where project_id = %s and area is not null order by area", (project_id,)
    ).fetchall()
    return Things(
        numbers("select code, network_id from network where project_id = %s"),
        numbers("select g.code, g.gateway_id from gateway g join network n using (network_id) where n.project_id = %s"),
        numbers("select code, device_id from device where project_id = %s"),
        numbers("select number, measure_id from measure where project_id = %s"),
        tuple(area for (area,) in areas),
    )


_ADD_WORK = """
insert into work_entry (project_id, kind, starts, minutes, people, device_id, place, note, photo, km_before, km_after,
    measure_id, entered_by, client_key)
values (%(project)s, %(kind)s, %(starts)s, %(minutes)s, %(people)s, %(device)s, %(place)s, %(note)s, %(photo)s,
    %(km_before)s, %(km_after)s, %(measure)s, %(by)s, %(key)s)
on conflict (project_id, client_key) do nothing
returning work_entry_id
"""
_ADD_STOP = """
insert into planned_stop (project_id, network_id, gateway_id, device_id, starts, ends, reason, entered_by, client_key)
values (%(project)s, %(network)s, %(gateway)s, %(device)s, %(starts)s, %(ends)s, %(reason)s, %(by)s, %(key)s)
on conflict (project_id, client_key) do nothing
returning planned_stop_id
"""
_ADD_OBSERVATION = """
insert into observation (project_id, code, first_day, last_day, value, unit, area, source, basis, note, entered_by,
    client_key)
values (%(project)s, %(code)s, %(first)s, %(last)s, %(value)s, %(unit)s, %(area)s, %(source)s, %(basis)s, %(note)s,
    %(by)s, %(key)s)
on conflict (project_id, client_key) do nothing
returning observation_id
"""


def add_row(connection: Database, project_id: int, by: str, new: New, things: Things) -> int | None:
    """The number of the new row; None if the project has one with its client key already."""
    match new:
        case NewWork():
            return _add_work(connection, project_id, by, new, things)
        case NewStop():
            return _add_stop(connection, project_id, by, new, things)
        case NewObservation():
            return _add_observation(connection, project_id, by, new)


def find_row(connection: Database, project_id: int, new: New) -> Work | Stop | Observation | None:
    """The row that the project has under the client key of an entry."""
    every, key = Wanted(limit=1), new.client_key
    match new:
        case NewWork():
            return next(iter(list_work_rows(connection, project_id, every, key=key)), None)
        case NewStop():
            return next(iter(list_stop_rows(connection, project_id, every, key=key)), None)
        case NewObservation():
            return next(iter(list_observation_rows(connection, project_id, every, key=key)), None)


def _add_work(connection: Database, project_id: int, by: str, new: NewWork, things: Things) -> int | None:
    values = {
        "project": project_id,
        "kind": new.kind.value,
        "starts": new.starts,
        "minutes": new.minutes,
        "people": new.people,
        "device": None if new.device is None else things.devices[new.device],
        "place": new.place,
        "note": new.note,
        "photo": new.photo,
        "km_before": new.km_before,
        "km_after": new.km_after,
        "measure": None if new.measure is None else things.measures[new.measure],
        "by": by,
        "key": new.client_key,
    }
    return _number(connection, _ADD_WORK, values)


def _add_stop(connection: Database, project_id: int, by: str, new: NewStop, things: Things) -> int | None:
    values = {
        "project": project_id,
        "network": None if new.network is None else things.networks[new.network],
        "gateway": None if new.gateway is None else things.gateways[new.gateway],
        "device": None if new.device is None else things.devices[new.device],
        "starts": new.starts,
        "ends": new.ends,
        "reason": new.reason,
        "by": by,
        "key": new.client_key,
    }
    return _number(connection, _ADD_STOP, values)


def _add_observation(connection: Database, project_id: int, by: str, new: NewObservation) -> int | None:
    values = {
        "project": project_id,
        "code": new.code,
        "first": new.first_day,
        "last": new.last_day,
        "value": new.value,
        "unit": new.unit,
        "area": new.area,
        "source": new.source,
        "basis": new.basis.value,
        "note": new.note,
        "by": by,
        "key": new.client_key,
    }
    return _number(connection, _ADD_OBSERVATION, values)


def _number(connection: Database, query: LiteralString, values: Mapping[str, object]) -> int | None:
    row = connection.execute(query, values).fetchone()
    return None if row is None else int(row[0])


_WORK = """
select e.work_entry_id, e.kind, e.starts, e.minutes, e.people, d.code, d.name, e.place, e.note, e.photo, e.km_before,
    e.km_after, m.number, e.entered_at, e.entered_by, e.client_key, e.voided_at, e.voided_by, e.void_reason,
    e.device_id is not null and d.device_id is null as elsewhere
from work_entry e left join device d on d.device_id = e.device_id and d.project_id = e.project_id
    left join measure m using (measure_id)
where e.project_id = %(project)s
  and (%(since)s::timestamptz is null or e.starts >= %(since)s)
  and (%(until)s::timestamptz is null or e.starts < %(until)s)
  and (%(kind)s::text is null or e.kind = %(kind)s)
  and (%(device)s::text is null or d.code = %(device)s)
  and (%(text)s::text is null or strpos(lower(concat_ws(' ', e.place, e.note, d.code, d.name, e.entered_by)),
      lower(%(text)s)) > 0)
  and (%(voided)s or e.voided_at is null)
  and (%(key)s::uuid is null or e.client_key = %(key)s)
  and (%(number)s::bigint is null or e.work_entry_id = %(number)s)
  and (%(below)s::bigint is null or (e.starts, e.work_entry_id) < (
      select b.starts, b.work_entry_id from work_entry b
      where b.work_entry_id = %(below)s and b.project_id = e.project_id
  ))
order by e.starts desc, e.work_entry_id desc limit %(limit)s
"""
_STOPS = """
select s.planned_stop_id, s.starts, s.ends, s.reason, n.code, g.code, d.code, s.entered_at, s.entered_by, s.client_key,
    s.signed_at, s.signed_by, s.sign_reason, s.voided_at, s.voided_by, s.void_reason,
    num_nonnulls(s.network_id, s.gateway_id, s.device_id) > num_nonnulls(n.code, g.code, d.code) as elsewhere
from planned_stop s left join network n on n.network_id = s.network_id and n.project_id = s.project_id
    left join (gateway g join network w on w.network_id = g.network_id)
        on g.gateway_id = s.gateway_id and w.project_id = s.project_id
    left join device d on d.device_id = s.device_id and d.project_id = s.project_id
where s.project_id = %(project)s
  and (%(since)s::timestamptz is null or s.ends > %(since)s)
  and (%(until)s::timestamptz is null or s.starts < %(until)s)
  and (%(device)s::text is null or d.code = %(device)s)
  and (%(text)s::text is null or strpos(lower(s.reason), lower(%(text)s)) > 0)
  and (%(voided)s or s.voided_at is null)
  and (%(key)s::uuid is null or s.client_key = %(key)s)
  and (%(number)s::bigint is null or s.planned_stop_id = %(number)s)
  and (%(below)s::bigint is null or (s.starts, s.planned_stop_id) < (
      select b.starts, b.planned_stop_id from planned_stop b
      where b.planned_stop_id = %(below)s and b.project_id = s.project_id
  ))
order by s.starts desc, s.planned_stop_id desc limit %(limit)s
"""
_OBSERVATIONS = """
select o.observation_id, o.code, o.first_day, o.last_day, o.value, o.unit, o.area, o.source, o.basis, o.note,
    o.entered_at, o.entered_by, o.client_key, o.voided_at, o.voided_by, o.void_reason
from observation o
where o.project_id = %(project)s
  and (%(since)s::timestamptz is null or o.last_day >= (%(since)s::timestamptz at time zone 'Asia/Tokyo')::date)
  and (%(until)s::timestamptz is null or o.first_day::timestamp at time zone 'Asia/Tokyo' < %(until)s)
  and (%(kind)s::text is null or o.code = %(kind)s)
  and (%(text)s::text is null or strpos(lower(concat_ws(' ', o.code, o.area, o.source, o.note)), lower(%(text)s)) > 0)
  and (%(voided)s or o.voided_at is null)
  and (%(key)s::uuid is null or o.client_key = %(key)s)
  and (%(number)s::bigint is null or o.observation_id = %(number)s)
  and (%(below)s::bigint is null or (o.first_day, o.observation_id) < (
      select b.first_day, b.observation_id from observation b
      where b.observation_id = %(below)s and b.project_id = o.project_id
  ))
order by o.first_day desc, o.observation_id desc limit %(limit)s
"""


def list_work_rows(
    connection: Database, project_id: int, wanted: Wanted, *, key: object = None, number: int | None = None
) -> list[Work]:
    """Entries of the work log, newest first. `key`, `number`: only the one with this client key or number."""
    rows = connection.execute(_WORK, _values(project_id, wanted, key, number)).fetchall()
    made = [(row[0], WorkKind(row[1]), *row[2:16], _voided(row[16:19]), row[19]) for row in rows]
    return [Work(*each) for each in made]


def list_stop_rows(
    connection: Database, project_id: int, wanted: Wanted, *, key: object = None, number: int | None = None
) -> list[Stop]:
    """Planned stops that touch the period, newest first."""
    rows = connection.execute(_STOPS, _values(project_id, wanted, key, number)).fetchall()
    made = [
        (*row[:10], Signed(*row[10:13]) if row[10] is not None else None, _voided(row[13:16]), row[16]) for row in rows
    ]
    return [Stop(*each) for each in made]


def list_observation_rows(
    connection: Database, project_id: int, wanted: Wanted, *, key: object = None, number: int | None = None
) -> list[Observation]:
    """Observations whose period touches that of the question, newest first."""
    rows = connection.execute(_OBSERVATIONS, _values(project_id, wanted, key, number)).fetchall()
    made = [(*row[:8], Basis(row[8]), *row[9:13], _voided(row[13:16])) for row in rows]
    return [Observation(*each) for each in made]


def _values(project_id: int, wanted: Wanted, key: object, number: int | None) -> dict[str, object]:
    return {
        "project": project_id,
        "since": wanted.since,
        "until": wanted.until,
        "kind": wanted.kind,
        "device": wanted.device,
        "text": wanted.text,
        "below": wanted.below,
        "limit": wanted.limit,
        "voided": wanted.voided,
        "key": key,
        "number": number,
    }


def _voided(columns: tuple[Any, ...]) -> Voided | None:
    at, by, reason = columns
    return None if at is None else Voided(at, by, reason)


_VOID: Mapping[What, LiteralString] = {
    What.WORK: """update work_entry set voided_at = now(), voided_by = %(by)s, void_reason = %(reason)s
        where project_id = %(project)s and work_entry_id = %(number)s and voided_at is null""",
    What.STOP: """update planned_stop set voided_at = now(), voided_by = %(by)s, void_reason = %(reason)s
        where project_id = %(project)s and planned_stop_id = %(number)s and voided_at is null""",
    What.OBSERVATION: """update observation set voided_at = now(), voided_by = %(by)s, void_reason = %(reason)s
        where project_id = %(project)s and observation_id = %(number)s and voided_at is null""",
}


def void_row(connection: Database, project_id: int, what: What, number: int, by: str, reason: str) -> bool:
    """Whether a row of this project was voided now."""
    values = {"project": project_id, "number": number, "by": by, "reason": reason}
    return connection.execute(_VOID[what], values).rowcount == 1


_THERE: Mapping[What, LiteralString] = {
    What.WORK: "select from work_entry where project_id = %s and work_entry_id = %s",
    What.STOP: "select from planned_stop where project_id = %s and planned_stop_id = %s",
    What.OBSERVATION: "select from observation where project_id = %s and observation_id = %s",
}


def is_there(connection: Database, project_id: int, what: What, number: int) -> bool:
    """Whether the project has this row, voided or not."""
    return connection.execute(_THERE[what], (project_id, number)).fetchone() is not None


def sign_row(connection: Database, project_id: int, number: int, by: str, reason: str) -> bool:
    """Whether a stop of this project was signed now."""
    query = """
        update planned_stop set signed_at = now(), signed_by = %(by)s, sign_reason = %(reason)s
        where project_id = %(project)s and planned_stop_id = %(number)s and signed_at is null and voided_at is null
    """
    values = {"project": project_id, "number": number, "by": by, "reason": reason}
    return connection.execute(query, values).rowcount == 1


def codes_of_project(connection: Database, project_id: int) -> tuple[str, str | None]:
    """The code of a project, and that of its organisation."""
    query = "select code, organisation_code from project where project_id = %s"
    row = connection.execute(query, (project_id,)).fetchone()
    return ("", None) if row is None else (row[0], row[1])


def project_of_code(connection: Database, code: str) -> int | None:
    """The number of a project."""
    row = connection.execute("select project_id from project where code = %s", (code,)).fetchone()
    return None if row is None else int(row[0])
