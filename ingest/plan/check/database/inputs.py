"""What the check asks the tables: who uses a project, what is behind its figures, and whether something came late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import class_row

from ingest.store.rollup.rollup import LOCK


@dataclass(frozen=True, slots=True)
class Place:
    """Where a project belongs: its code and name, and the code of its organisation."""

    project_id: int
    code: str
    name: str
    organisation: str | None


def place_of(connection: Connection[Any], project_id: int) -> Place | None:
    """The project of this number; None if this connection does not see it."""
    query = "select project_id, code, name, organisation_code as organisation from project where project_id = %s"
    with connection.cursor(row_factory=class_row(Place)) as cursor:
        return cursor.execute(query, (project_id,)).fetchone()


def places_with_plan(connection: Connection[Any]) -> list[Place]:
    """Every project that has a plan, by code."""
    query = """
        select project_id, code, name, organisation_code as organisation from project p
        where exists (select from plan_version v where v.project_id = p.project_id) order by code
    """
    with connection.cursor(row_factory=class_row(Place)) as cursor:
        return cursor.execute(query).fetchall()


def devices_unseen(connection: Connection[Any], project_id: int, first_day: date, until_day: date) -> int:
    """Devices that were in the project in [first_day, until_day), and are of somebody whom one does not see now."""
    query = """
        select count(distinct p.device_id) from device_placement p
        where p.project_id = %(project)s
          and p.valid_from < %(until)s::timestamp at time zone 'Asia/Tokyo'
          and (p.valid_to is null or p.valid_to > %(first)s::timestamp at time zone 'Asia/Tokyo')
          and not exists (select from device d where d.device_id = p.device_id)
    """
    row = connection.execute(query, {"project": project_id, "first": first_day, "until": until_day}).fetchone()
    return 0 if row is None else int(row[0])


def sums_begun(connection: Connection[Any]) -> bool:
    """Whether anything was ever summed up; before that nothing can be known of outages."""
    query = "select coalesce(bool_or(materialised_until > '-infinity'), false) from rollup_state"
    return connection.execute(query).fetchone() == (True,)


def keep_month(connection: Connection[Any], project_code: str, first_day: date) -> int:
    """Keep the sums of a closed month of a project (`figure_plan_keep`); returns the rows that are new."""
    return _with_sums(connection, "select figure_plan_keep(%s, %s)", (project_code, first_day))


def tidy_month(connection: Connection[Any], project_code: str, first_day: date) -> int:
    """Remove what is kept of a month and read no more (`figure_plan_tidy`); returns the rows removed."""
    return _with_sums(connection, "select figure_plan_tidy(%s, %s)", (project_code, first_day))


def _with_sums(connection: Connection[Any], query: LiteralString, values: tuple[object, ...]) -> int:
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s)", (LOCK,))
        (rows,) = connection.execute(query, values).fetchone() or (0,)
    return int(rows)


def kept_inputs(connection: Connection[Any], project_code: str, first_day: date, until_day: date) -> dict[date, str]:
    """What decides what is kept of each whole month of [first_day, until_day), by its first day."""
    query = "select month, inputs from figure_plan_inputs(%s, %s, %s)"
    return dict(connection.execute(query, (project_code, first_day, until_day)).fetchall())


def first_kept_day(connection: Connection[Any], project_code: str) -> date | None:
    """The first day of which something is kept of the devices that a project ever had; None if nothing is."""
    query = """
        select rollup_day_of(min(k.starts)) from rollup_stretch k
        where k.device_id in (
            select p.device_id from device_placement p join project j using (project_id) where j.code = %s
        )
    """
    (day,) = connection.execute(query, (project_code,)).fetchone() or (None,)
    return day if isinstance(day, date) else None


def drop_homeless(connection: Connection[Any], limit: int) -> int:
    """Remove up to `limit` kept stretches that lie in no place of a project with a plan; returns how many."""
    query = """
        delete from rollup_stretch where ctid = any(array(
            select k.ctid from rollup_stretch k
            where not exists (
                select from device_placement p
                where p.device_id = k.device_id and p.valid_from < k.ends
                  and coalesce(p.valid_to, 'infinity') > k.starts
                  and exists (select from plan_version v where v.project_id = p.project_id)
            )
            limit %s
        ))
    """
    return connection.execute(query, (limit,)).rowcount


_INPUTS = """
    with own as (
        select distinct device_id from device_placement where project_id = %(project)s
    ), span as (
        select %(first)s::timestamp at time zone 'Asia/Tokyo' as starts,
            %(until)s::timestamp at time zone 'Asia/Tokyo' as ends
    )
    select 'data', (
        select concat_ws(' ', count(*), sum(readings), sum(flagged), sum(uplinks), sum(slots), sum(halves))
        from rollup_usage_day u join own using (device_id) where u.day >= %(first)s and u.day < %(until)s
    )
    union all select 'links', (
        select concat_ws(' ', count(*), sum(received), sum(lost))
        from uplink_day u join own using (device_id) where u.day >= %(first)s and u.day < %(until)s
    )
    union all select 'work', (
        select concat_ws(' ', count(*), count(voided_at), max(work_entry_id)) from work_entry, span
        where project_id = %(project)s and work_entry.starts >= span.starts and work_entry.starts < span.ends
    )
    union all select 'stops', (
        select concat_ws(' ', count(*), count(voided_at), count(signed_at)) from planned_stop s, span
        where project_id = %(project)s and s.starts < span.ends and s.ends > span.starts
    )
    union all select 'observations', (
        select concat_ws(' ', count(*), count(voided_at), max(observation_id)) from observation
        where project_id = %(project)s and first_day >= %(first)s and last_day < %(until)s
    )
    union all select 'outages', (
        select concat_ws(' ', count(*), count(o.withdrawn_at), count(o.ends),
            round(sum(extract(epoch from least(o.ends, span.ends)))),
            md5(string_agg(o.cause, ',' order by outage_id)))
        from outage o, span
        where project_id = %(project)s and o.starts < span.ends and (o.ends is null or o.ends > span.starts)
    )
    union all select 'registry', (
        select concat_ws(' ', count(*), md5(string_agg(concat_ws(' ', device_id, valid_from, installed_on), ','
            order by device_id, valid_from)))
        from device_placement, span where project_id = %(project)s and valid_from < span.ends
    )
"""


def inputs_of(connection: Connection[Any], project_id: int, first_day: date, until_day: date) -> dict[str, str]:
    """A short text for each kind of input of a period: as long as it is the same, so are the figures.

    Kinds: data, links, work, stops, observations, outages, registry. Cheap: daily sums and small tables alone.
    """
    values = {"project": project_id, "first": first_day, "until": until_day}
    return {kind: text or "" for kind, text in connection.execute(_INPUTS, values)}


def causes(
    connection: Connection[Any], project_code: str, devices: Sequence[str], start: datetime, end: datetime
) -> list[tuple[str, str]]:
    """Code of a device and a cause of its outages within [start, end), by how long it was silent for that cause.

    What a human decided goes before what was proposed, and the outage of a gateway or network speaks for its devices.
    """
    query = """
        select d.code, coalesce(w.cause, o.cause, w.proposed_cause, o.proposed_cause) as why
        from outage o join device d using (device_id) join project p on p.project_id = o.project_id
        left join outage w on w.outage_id = o.part_of
        where p.code = %(project)s and d.code = any(%(devices)s) and o.withdrawn_at is null
          and o.starts < %(end)s and (o.ends is null or o.ends > %(start)s)
          and coalesce(w.cause, o.cause, w.proposed_cause, o.proposed_cause) is not null
        group by 1, 2
        order by 1, sum(least(coalesce(o.ends, %(end)s), %(end)s) - greatest(o.starts, %(start)s)) desc
    """
    values = {"project": project_code, "devices": [*devices], "start": start, "end": end}
    return connection.execute(query, values).fetchall()
