"""The rows of outages: read to compare, written as they changed, each change with its reason."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from ingest.figures.fetch import Database
from ingest.plan.outage.compare import Change, Recorded, What
from ingest.plan.outage.group import Duty, Group, Member
from ingest.plan.outage.silence import Spell
from schemas.bilingual import Bilingual

SERVICE = "service"
"""Who changes an outage when nobody of the pages does, as the audit log calls it."""

_RECORDED = """
select outage_id, device_id, project_id, network_id, gateway_id, starts, ends from outage
where level = 'device' and withdrawn_at is null
"""

_RECORDED_IN = """
select o.outage_id, o.device_id, o.project_id, o.network_id, o.gateway_id, o.starts, o.ends
from unnest(%s::int[], %s::timestamptz[], %s::timestamptz[]) w (device_id, since, until)
join outage o using (device_id)
where o.level = 'device' and o.withdrawn_at is null and o.starts < coalesce(w.until, 'infinity')
  and coalesce(o.ends, 'infinity') > coalesce(w.since, '-infinity')
order by o.device_id, o.starts
"""

_INSERT = """
insert into outage (project_id, level, network_id, gateway_id, device_id, starts, ends)
select n.project_id, 'device', n.network_id, n.gateway_id, n.device_id, n.starts, n.ends
from unnest(%s::int[], %s::int[], %s::int[], %s::int[], %s::timestamptz[], %s::timestamptz[])
    n (project_id, network_id, gateway_id, device_id, starts, ends)
returning outage_id
"""

_MOVE = """
update outage o set starts = n.starts, ends = n.ends, network_id = n.network_id,
    gateway_id = n.gateway_id
from unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::int[], %s::int[])
    n (outage_id, starts, ends, network_id, gateway_id)
where o.outage_id = n.outage_id
"""

_NOTE = """
insert into outage_change (outage_id, project_id, by, what, before, after, reason_ja, reason_en)
values (%s, %s, %s, %s, %s, %s, %s, %s)
"""

_PLACES = {"gateway": "gateway_id", "network": "network_id"}


class Note(NamedTuple):
    """A row of the history of an outage."""

    outage_id: int
    project_id: int
    what: What
    before: Mapping[str, object] | None
    after: Mapping[str, object] | None
    reason: Bilingual


class Touched(NamedTuple):
    """A place whose outages changed, and in what time: there the groups are put together anew."""

    project_id: int
    level: str
    place_id: int


def recorded_in(
    connection: Database, windows: Sequence[tuple[int, datetime | None, datetime | None]]
) -> dict[int, list[Recorded]]:
    """The outages of devices that overlap (device, from, until), by time; None: without a beginning, or an end."""
    found: dict[int, list[Recorded]] = {}
    columns = (
        [each[0] for each in windows],
        [each[1] for each in windows],
        [each[2] for each in windows],
    )
    for row in connection.execute(_RECORDED_IN, columns):
        found.setdefault(row[1], []).append(Recorded(*row))
    return found


def recorded_of(connection: Database, devices: Sequence[int]) -> dict[int, list[Recorded]]:
    """Every outage of these devices, by time."""
    query = _RECORDED + " and device_id = any(%s) order by device_id, starts"
    found: dict[int, list[Recorded]] = {}
    for row in connection.execute(query.encode(), (list(devices),)):
        found.setdefault(row[1], []).append(Recorded(*row))
    return found


def insert(connection: Database, spells: Sequence[Spell]) -> list[int]:
    """New outages; returns their numbers."""
    if not spells:
        return []
    columns = (
        [each.project_id for each in spells], [each.network_id for each in spells],
        [each.gateway_id for each in spells], [each.device_id for each in spells],
        [each.starts for each in spells], [each.ends for each in spells],
    )  # fmt: skip
    return [number for (number,) in connection.execute(_INSERT, columns)]


def apply_changes(connection: Database, changes: Sequence[Change]) -> None:
    """Move, end or withdraw outages, and note why."""
    moved = [(each.recorded.outage_id, each.now) for each in changes if each.now is not None]
    if moved:
        columns = (
            [number for number, _ in moved], [now.starts for _, now in moved],
            [now.ends for _, now in moved], [now.network_id for _, now in moved],
            [now.gateway_id for _, now in moved],
        )  # fmt: skip
        connection.execute(_MOVE, columns)
    withdraw(connection, [each.recorded.outage_id for each in changes if each.now is None])
    note(connection, (_noted(each) for each in changes))


def withdraw(connection: Database, numbers: Sequence[int]) -> None:
    """Say of these outages that there was none."""
    if numbers:
        connection.execute(
            "update outage set withdrawn_at = now(), part_of = null where outage_id = any(%s)", (list(numbers),)
        )


def note(
    connection: Database,
    notes: Iterable[Note],
    by: str = SERVICE,
) -> None:
    """Add to the history of outages."""
    rows = [
        (number, project, by, what.value, _json(before), _json(after), reason.ja, reason.en)
        for number, project, what, before, after, reason in notes
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(_NOTE, rows)


def _noted(change: Change) -> Note:
    was, now = change.recorded, change.now
    after = None if now is None else _span(now.starts, now.ends)
    return Note(was.outage_id, was.project_id, change.what, _span(was.starts, was.ends), after, change.reason)


def _span(starts: datetime, ends: datetime | None) -> dict[str, object]:
    return {"starts": starts.isoformat(), "ends": None if ends is None else ends.isoformat()}


def _json(value: Mapping[str, object] | None) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)


# Groups ----------------------------------------------------------------------------------------------------------

_MEMBERS = """
select o.outage_id, o.device_id, o.starts, o.ends,
    figure_least_patience_s(p.interval_s, p.calm_interval_s) * interval '1 second',
    figure_longest_patience_s(p.interval_s, p.calm_interval_s) * interval '1 second',
    p.interval_s * interval '1 second'
from outage o
join device_placement p on p.device_id = o.device_id and p.valid_from <= o.starts
    and (p.valid_to is null or p.valid_to > o.starts)
where o.level = 'device' and o.withdrawn_at is null and o.project_id = %(project)s and o.{place} = %(place)s
  and (o.ends is null or o.ends > %(since)s) and o.starts < %(until)s
order by o.starts
"""

_DUTIES = """
select p.device_id, a.starts, a.ends
from device_placement p
cross join lateral (
    select least(
        (select h.first_at from uplink_hour h where h.device_id = p.device_id order by h.hour limit 1),
        (select k.starts from outage k where k.device_id = p.device_id and k.withdrawn_at is null
         order by k.starts limit 1)
    ) as heard
) first
cross join lateral figure_active(
    p.season_from, p.season_to, p.installed_on, greatest(%(since)s, p.valid_from, first.heard),
    least(%(until)s, coalesce(p.valid_to, 'infinity'))
) a
where p.enabled and p.project_id = %(project)s and p.{place} = %(place)s and first.heard is not null
  and p.valid_from < %(until)s and coalesce(p.valid_to, 'infinity') > %(since)s
"""

_GROUPS = """
select outage_id, starts, ends from outage
where level = %(level)s and withdrawn_at is null and project_id = %(project)s and {place} = %(place)s
  and (ends is null or ends > %(since)s) and starts < %(until)s
"""

_GROUPS_HEARD = """
select distinct o.project_id, o.level, case o.level when 'gateway' then o.gateway_id else o.network_id end,
    o.starts, o.ends
from (
    select s.device_id, coalesce(s.since, '-infinity') as since, coalesce(s.until, 'infinity') as until
    from unnest(%s::int[], %s::timestamptz[], %s::timestamptz[]) s (device_id, since, until)
) s
join device_placement p on p.device_id = s.device_id and p.valid_from < s.until
    and coalesce(p.valid_to, 'infinity') > s.since
join outage o on o.project_id = p.project_id and o.withdrawn_at is null and o.starts < s.until
    and coalesce(o.ends, 'infinity') > s.since
    and (o.level = 'gateway' and o.gateway_id = p.gateway_id or o.level = 'network' and o.network_id = p.network_id)
"""

_INSERT_GROUP = """
insert into outage (project_id, level, network_id, gateway_id, starts, ends, devices)
values (
    %(project)s, %(level)s,
    case when %(level)s = 'network' then %(place)s
        else (select network_id from gateway where gateway_id = %(place)s) end,
    case when %(level)s = 'gateway' then %(place)s end, %(starts)s, %(ends)s, %(devices)s
)
returning outage_id
"""


def members_of(connection: Database, place: Touched, since: datetime, until: datetime) -> list[Member]:
    """The outages of devices of a gateway or network that overlap [since, until), by time."""
    rows = connection.execute(_of(_MEMBERS, place), _values(place, since, until))
    return [
        Member(number, device, starts, ends, most, interval) for number, device, starts, ends, _, most, interval in rows
    ]


def duties_of(connection: Database, place: Touched, since: datetime, until: datetime) -> list[Duty]:
    """When the devices of a gateway or network were to work, from their first sign of life on."""
    return [Duty(*row) for row in connection.execute(_of(_DUTIES, place), _values(place, since, until))]


def groups_heard(
    connection: Database, spans: Sequence[tuple[int, datetime | None, datetime | None]]
) -> list[tuple[Touched, datetime, datetime | None]]:
    """The recorded outages of gateways and networks, from whose devices something came late: (device, from, until)."""
    columns = ([each[0] for each in spans], [each[1] for each in spans], [each[2] for each in spans])
    return [(Touched(*row[:3]), row[3], row[4]) for row in connection.execute(_GROUPS_HEARD, columns)]


def groups_since(connection: Database, since: datetime) -> list[tuple[Touched, datetime, datetime | None]]:
    """The recorded outages of gateways and networks that last, or ended after this moment."""
    query = """
        select project_id, level, case level when 'gateway' then gateway_id else network_id end, starts, ends
        from outage where level <> 'device' and withdrawn_at is null and (ends is null or ends > %s)
    """
    return [(Touched(*row[:3]), row[3], row[4]) for row in connection.execute(query, (since,))]


def groups_of(
    connection: Database, place: Touched, since: datetime, until: datetime
) -> dict[int, tuple[datetime, datetime | None]]:
    """The recorded outages of a gateway or network itself that overlap [since, until): beginning and end by number."""
    rows = connection.execute(_of(_GROUPS, place), _values(place, since, until))
    return {number: (starts, ends) for number, starts, ends in rows}


def signs_of_gateway(connection: Database, gateway_id: int, since: datetime, until: datetime) -> list[datetime]:
    """When a gateway said of itself that it is there."""
    query = """
        select time from gateway_event
        where gateway_id = %s and time > %s and time < %s and (kind = 0 or (kind = 1 and online))
    """
    return [time for (time,) in connection.execute(query, (gateway_id, since, until))]


def add_group(connection: Database, place: Touched, group: Group) -> int:
    """A new outage of a gateway or network; returns its number."""
    values = {
        "project": place.project_id, "level": place.level, "place": place.place_id, "starts": group.starts,
        "ends": group.ends, "devices": group.devices,
    }  # fmt: skip
    row = connection.execute(_INSERT_GROUP, values).fetchone()
    assert row is not None  # INSERT ... RETURNING of one row
    return int(row[0])


def move_group(connection: Database, number: int, group: Group) -> bool:
    """Bring a recorded outage of a gateway or network up to date; True if its beginning or end changed."""
    query = """
        update outage o set starts = %(starts)s, ends = %(ends)s, devices = %(devices)s
        from outage was
        where was.outage_id = o.outage_id and o.outage_id = %(number)s
          and (o.starts, o.ends, o.devices) is distinct from (%(starts)s, %(ends)s::timestamptz, %(devices)s)
        returning (was.starts, was.ends) is distinct from (o.starts, o.ends)
    """
    values = {"number": number, "starts": group.starts, "ends": group.ends, "devices": group.devices}
    return connection.execute(query, values).fetchone() == (True,)


def set_parts(connection: Database, number: int, members: Sequence[int]) -> int:
    """Say which outages are part of this one; returns how many changed."""
    query = """
        update outage set part_of = case when outage_id = any(%(members)s::bigint[]) then %(number)s::bigint end
        where (part_of = %(number)s or outage_id = any(%(members)s::bigint[]))
          and part_of is distinct from case when outage_id = any(%(members)s::bigint[]) then %(number)s::bigint end
    """
    return connection.execute(query, {"number": number, "members": list(members)}).rowcount


def spread_out(connection: Database, network_id: int) -> bool:
    """Whether a network is more than one gateway, so that it can be out as a whole."""
    query = "select count(*) > 1 from gateway where network_id = %s"
    gateways = connection.execute(query, (network_id,)).fetchone() == (True,)
    query_alone = "select exists (select from device_placement where network_id = %s and gateway_id is null)"
    return gateways or connection.execute(query_alone, (network_id,)).fetchone() == (True,)


def parts_within(connection: Database, place: Touched, group: Group) -> list[int]:
    """The outages of gateways of a network that overlap an outage of the network, and last as it does."""
    query = """
        select outage_id from outage
        where level = 'gateway' and withdrawn_at is null and project_id = %s and network_id = %s
          and starts < coalesce(%s::timestamptz, 'infinity') and coalesce(ends, 'infinity') > %s
          and (ends is null) = (%s::timestamptz is null)
    """
    values = (place.project_id, place.place_id, group.ends, group.starts, group.ends)
    return [number for (number,) in connection.execute(query, values)]


def without_gateway(connection: Database, members: Sequence[int], number: int) -> list[int]:
    """Of these outages of devices the ones that are part of nothing else than this outage of the network."""
    query = "select outage_id from outage where outage_id = any(%s) and coalesce(part_of, %s) = %s"
    return [each for (each,) in connection.execute(query, (list(members), number, number))]


def _of(query: str, place: Touched) -> bytes:
    return query.format(place=_PLACES[place.level]).encode()


def _values(place: Touched, since: datetime, until: datetime) -> dict[str, object]:
    return {
        "project": place.project_id, "level": place.level, "place": place.place_id, "since": since, "until": until,
    }  # fmt: skip
