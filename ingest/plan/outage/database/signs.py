"""The SQL by which outages are found: signs of life, what was expected, and how far was looked.

A sign of life of a device is a message of its own (kind <> 9) or a reading, each at the time of its measurement: what a
logger kept and sent later is a sign of the time when it was measured.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from ingest.figures.fetch import Database
from ingest.plan.outage.silence import Gap, Stretch

LOCK = 0x4F55_5441
"""Advisory lock of whoever changes outages, one transaction long ("OUTA")."""

_PATIENCE = """
patience as materialized (
    select p.device_id,
        min(figure_least_patience_s(p.interval_s, p.calm_interval_s)) * interval '1 second' as least
    from device_placement p group by p.device_id
)
"""

_BEFORE = """
select asked.device_id, greatest(message.time, measured.time) as time
from unnest(%(devices)s::int[], %(moments)s::timestamptz[]) asked (device_id, at)
left join last_uplink k on k.device_id = asked.device_id
left join lateral (
    select case when k.time < asked.at then k.time else (
        select u.time from uplink u
        where u.device_id = asked.device_id and u.time < asked.at and u.kind <> 9 order by u.time desc limit 1
    ) end as time
    where k.device_id is not null
) message on true
left join lateral (
    select max(r.time) as time
    from last_reading s
    cross join lateral (
        select case when s.time < asked.at then s.time else (
            select r.time from reading_counted r
            where r.device_id = s.device_id and r.quantity_id = s.quantity_id and r.channel = s.channel
              and r.time < asked.at and r.time > coalesce(message.time, '-infinity')
            order by r.time desc limit 1
        ) end as time
    ) r
    where s.device_id = asked.device_id
) measured on true
"""

_AFTER = """
select asked.device_id, least(message.time, measured.time) as time
from unnest(%(devices)s::int[], %(moments)s::timestamptz[]) asked (device_id, at)
left join lateral (
    select u.time from uplink u
    where u.device_id = asked.device_id and u.time >= asked.at and u.kind <> 9 order by u.time limit 1
) message on true
left join lateral (
    select r.time from reading_counted r
    where r.device_id = asked.device_id and r.time >= asked.at and r.time < coalesce(message.time, 'infinity')
    order by r.time limit 1
) measured on true
"""

_SCAN = f"""
with {_PATIENCE},
sign as (
    select u.device_id, u.time from uplink u
    where u.time >= %(starts)s and u.time < %(ends)s and u.kind <> 9
      and (%(devices)s::int[] is null or u.device_id = any(%(devices)s::int[]))
    union
    select r.device_id, r.time from reading_counted r
    where r.time >= %(starts)s and r.time < %(ends)s
      and (%(devices)s::int[] is null or r.device_id = any(%(devices)s::int[]))
),
stepped as (
    select s.device_id, s.time, lag(s.time) over (partition by s.device_id order by s.time) as before from sign s
)
select s.device_id, min(s.time) as first, max(s.time) as last,
    coalesce(array_agg(s.before order by s.time) filter (where s.time - s.before > p.least), '{{}}') as befores,
    coalesce(array_agg(s.time order by s.time) filter (where s.time - s.before > p.least), '{{}}') as afters
from stepped s join patience p using (device_id)
group by s.device_id
"""  # noqa: S608

_SIGNS = """
select asked.device_id, sign.time
from (
    select a.device_id, coalesce(a.starts, '-infinity') as starts, coalesce(a.ends, 'infinity') as ends
    from unnest(%(devices)s::int[], %(starts)s::timestamptz[], %(ends)s::timestamptz[]) a (device_id, starts, ends)
) asked
cross join lateral (
    select u.time from uplink u
    where u.device_id = asked.device_id and u.time >= asked.starts and u.time < asked.ends and u.kind <> 9
    union
    select r.time from reading_counted r
    where r.device_id = asked.device_id and r.time >= asked.starts and r.time < asked.ends
) sign
order by 1, 2
"""

_CANDIDATES = f"""
with {_PATIENCE},
spoken as (
    select u.device_id, u.day, u.gap_s, u.measured_first,
        lag(u.measured_last) over (partition by u.device_id order by u.day) as before
    from rollup_usage_day u
    where u.day >= %(first)s::date - 1 and u.day < %(until)s::date
)
select distinct s.device_id
from spoken s join patience p using (device_id)
where s.day >= %(first)s and (
    s.measured_first is null or s.before is null or s.measured_first - s.before > p.least
    or s.gap_s * interval '1 second' > p.least
)
"""  # noqa: S608

_STRETCHES = """
select p.device_id, a.starts, a.ends, p.project_id, p.network_id, p.gateway_id, p.interval_s,
    p.calm_interval_s, p.active_level_m, p.installed_on is not null as installed
from unnest(%(devices)s::int[], %(starts)s::timestamptz[]) asked (device_id, starts)
join device_placement p using (device_id)
cross join lateral figure_active(
    p.season_from, p.season_to, p.installed_on, greatest(asked.starts, p.valid_from),
    least(%(now)s::timestamptz, coalesce(p.valid_to, 'infinity'))
) a
where p.enabled and p.valid_from < %(now)s and coalesce(p.valid_to, 'infinity') > asked.starts
order by 1, 2
"""

_LEVELS = """
select asked.number, level.metres
from unnest(%(numbers)s::int[], %(devices)s::int[], %(moments)s::timestamptz[]) asked (number, device_id, at)
cross join lateral figure_level_last(asked.device_id, asked.at) level
"""

_BEGAN = "select project_id, min(hour) from tally where project_id <> 0 group by project_id"


class State(NamedTuple):
    """How far was looked, how far the sums are, and from where on there is something to look at."""

    seen_until: datetime | None
    closed_until: datetime | None
    raw_from: datetime | None


class Pace(NamedTuple):
    """The shortest silence of a device that may be an outage, and whether its pace depends on a level."""

    least: timedelta
    moded: bool


class Scanned(NamedTuple):
    """The signs of life of one device in a range: the first, the last, and the long gaps between."""

    device_id: int
    first: datetime
    last: datetime
    befores: list[datetime]
    afters: list[datetime]


class Due(NamedTuple):
    """Something changed for a device behind what was looked at. None: from the beginning, or until now."""

    outage_due_id: int
    device_id: int
    starts: datetime | None
    ends: datetime | None
    why: str


def take_lock(connection: Database) -> None:
    """Wait until nobody else changes outages, for the rest of this transaction."""
    connection.execute("select pg_advisory_xact_lock(%s)", (LOCK,))


def read_state(connection: Database) -> State:
    """How far was looked. The sums may not have begun yet."""
    query = """
        select nullif(o.seen_until, '-infinity'), nullif(r.materialised_until, '-infinity'),
            nullif(r.raw_from, '-infinity')
        from outage_state o, rollup_state r
    """
    return State(*(connection.execute(query).fetchone() or (None, None, None)))


def note_seen(connection: Database, until: datetime) -> None:
    """Everything before this was looked at."""
    connection.execute("update outage_state set seen_until = %s", (until,))


def oldest_sign(connection: Database) -> datetime | None:
    """The hour of the oldest message whose sums are there."""
    row = connection.execute("select min(hour) from uplink_hour").fetchone()
    return None if row is None else row[0]


def signs_before(
    connection: Database, devices: Sequence[int], moments: Sequence[datetime]
) -> dict[int, datetime | None]:
    """The last sign of life of each device before its moment, which must lie in what the sums hold."""
    rows = connection.execute(_BEFORE, {"devices": list(devices), "moments": list(moments)})
    return dict(rows.fetchall())


def signs_after(
    connection: Database, devices: Sequence[int], moments: Sequence[datetime]
) -> dict[int, datetime | None]:
    """The first sign of life of each device at or after its moment."""
    return dict(connection.execute(_AFTER, {"devices": list(devices), "moments": list(moments)}).fetchall())


def scan(
    connection: Database, starts: datetime, ends: datetime | None, devices: Sequence[int] | None = None
) -> dict[int, Scanned]:
    """Every device that gave a sign of life in [starts, ends), with the gaps that may be outages."""
    values = {"starts": starts, "ends": ends or "infinity", "devices": None if devices is None else list(devices)}
    return {row[0]: Scanned(*row) for row in connection.execute(_SCAN, values)}


def signs(
    connection: Database, ranges: Sequence[tuple[int, datetime | None, datetime | None]]
) -> dict[int, list[datetime]]:
    """All signs of life of (device, from, until), by time; None: without a beginning, or an end."""
    found: dict[int, list[datetime]] = {}
    values = {
        "devices": [each[0] for each in ranges],
        "starts": [each[1] for each in ranges],
        "ends": [each[2] for each in ranges],
    }
    for device_id, time in connection.execute(_SIGNS, values):
        found.setdefault(device_id, []).append(time)
    return found


def candidates(connection: Database, first: datetime, until: datetime) -> list[int]:
    """Devices that may have been silent too long between two midnights of Japan, by the sums of the days."""
    query = _CANDIDATES.replace("%(first)s", "rollup_day_of(%(first)s)").replace(
        "%(until)s", "rollup_day_of(%(until)s)"
    )
    return [device_id for (device_id,) in connection.execute(query.encode(), {"first": first, "until": until})]


def stretches(connection: Database, since: dict[int, datetime], now: datetime) -> dict[int, list[Stretch]]:
    """When each device was to work, from its moment on until now; by time."""
    found: dict[int, list[Stretch]] = {}
    values = {"devices": list(since), "starts": list(since.values()), "now": now}
    for row in connection.execute(_STRETCHES, values):
        found.setdefault(row[0], []).append(Stretch(*row))
    return found


def with_levels(connection: Database, gaps: Sequence[Gap]) -> list[Gap]:
    """The gaps, each with the last level in metres that was known when it began (`figure_level_last`)."""
    known = [(number, gap) for number, gap in enumerate(gaps) if gap.last is not None]
    values = {
        "numbers": [number for number, _ in known],
        "devices": [gap.device_id for _, gap in known],
        "moments": [gap.last for _, gap in known],
    }
    levels = dict(connection.execute(_LEVELS, values).fetchall())
    return [gap._replace(level=levels.get(number)) for number, gap in enumerate(gaps)]


def pace(connection: Database) -> dict[int, Pace]:
    """The pace of every device, over all its times."""
    query = """
        select p.device_id,
            min(figure_least_patience_s(p.interval_s, p.calm_interval_s)) * interval '1 second',
            bool_or(p.active_level_m is not null)
        from device_placement p group by p.device_id
    """
    return {device_id: Pace(least, moded) for device_id, least, moded in connection.execute(query)}


def began(connection: Database) -> dict[int, datetime]:
    """The hour in which the first message of each project came."""
    return dict(connection.execute(_BEGAN).fetchall())


def due(connection: Database, limit: int) -> list[Due]:
    """Some of what changed behind what was looked at, whole devices each."""
    query = """
        select outage_due_id, device_id, nullif(starts, '-infinity'), nullif(ends, 'infinity'), why from outage_due
        where device_id in (select distinct device_id from outage_due order by 1 limit %s) order by outage_due_id
    """
    return [Due(*row) for row in connection.execute(query, (limit,))]


def anything_due(connection: Database) -> bool:
    """Whether something changed that was not looked at yet."""
    return connection.execute("select exists (select from outage_due)").fetchone() == (True,)


def forget_due(connection: Database, numbers: Sequence[int] | None) -> None:
    """These were looked at; None: all, because everything is looked at."""
    connection.execute(
        "delete from outage_due where %(all)s or outage_due_id = any(%(numbers)s::bigint[])",
        {"all": numbers is None, "numbers": list(numbers or [])},
    )
