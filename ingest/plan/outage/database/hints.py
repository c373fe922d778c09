"""What is known around the beginning of an outage: planned stops, batteries, weather, radio; and the proposals."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from psycopg.rows import class_row

from ingest.figures.fetch import Database
from schemas.bilingual import Bilingual

AT_ONCE = 500
"""Outages in one query."""

WEATHER = ("air_temperature", "rain_amount", "wind_speed", "snow_depth")


class Hints(NamedTuple):
    """About one outage. None: nothing is known. Times in microseconds precision, volts, percent, ℃, mm/h, m/s, cm, dB.

    `stop`: the reason of a planned stop that covers at least half of it. `top_*`: of the outage it is part of.
    `was_voltage`: the highest of the 35 days before. `snr`, `lost`, `received`: of its last hours with messages.
    `said_offline`: its gateway told that it lost its connection.
    """

    outage_id: int
    level: str
    name: str
    starts: datetime
    devices: int
    stop: str | None
    top_level: str | None
    top_name: str | None
    top_devices: int | None
    voltage: float | None
    was_voltage: float | None
    charge: float | None
    coldest: float | None
    rain: float | None
    wind: float | None
    snow: float | None
    snr: float | None
    lost: int | None
    received: int | None
    said_offline: bool


class Proposal(NamedTuple):
    """A cause, as OutageCause has it, and why."""

    outage_id: int
    cause: str
    reason: Bilingual


_HINTS = """
with needed as materialized (    -- the hours around all of these outages, each once
    select distinct o.project_id, rollup_hour_of(o.starts) + n * interval '1 hour' as hour
    from outage o cross join generate_series(-6, 1) n
    where o.outage_id = any(%(numbers)s::bigint[]) and o.part_of is null
),
seen as materialized (
    select n.project_id, h.hour, h.device_id, q.code, h.minimum, h.maximum, h.total
    from needed n
    join device w using (project_id)
    join last_reading k on k.device_id = w.device_id
    join quantity q on q.quantity_id = k.quantity_id and q.code = any(%(weather)s::text[])
    join rollup_hour h on h.device_id = k.device_id and h.quantity_id = k.quantity_id and h.channel = k.channel
        and h.hour = n.hour
    where h.count > 0
),
sky_hour as materialized (
    select s.project_id, s.hour, min(s.minimum) filter (where s.code = 'air_temperature') as coldest,
        max(s.total) filter (where s.code = 'rain_amount') as rain,
        max(s.maximum) filter (where s.code = 'wind_speed') as wind
    from seen s group by s.project_id, s.hour
),
snow_hour as materialized (
    select s.project_id, s.hour, s.device_id, s.minimum, s.maximum from seen s where s.code = 'snow_depth'
)
select o.outage_id, o.level, coalesce(d.name, g.name, n.name, '') as name, o.starts, o.devices, stop.reason as stop,
    top.level as top_level, coalesce(tg.name, tn.name) as top_name, top.devices as top_devices,
    battery.voltage, battery.was_voltage, battery.charge,
    sky.coldest, sky.rain, sky.wind, ground.snow, radio.snr, radio.lost, radio.received,
    coalesce(said.offline, false) as said_offline
from outage o
left join device d using (device_id)
left join gateway g on g.gateway_id = o.gateway_id
left join network n on n.network_id = o.network_id
left join outage top on top.outage_id = o.part_of
left join gateway tg on tg.gateway_id = top.gateway_id
left join network tn on tn.network_id = top.network_id and top.level = 'network'
left join lateral (
    select s.reason
    from figure_stop_span s
    cross join lateral (select tstzrange(o.starts, coalesce(o.ends, greatest(now(), o.starts)), '[]') as whole) w
    where s.project_id = o.project_id and s.span && w.whole
      and (s.network_id is null or s.network_id = o.network_id)
      and (s.gateway_id is null or s.gateway_id = o.gateway_id)
      and (s.device_id is null or s.device_id = o.device_id)
      and 2 * (upper(s.span * w.whole) - lower(s.span * w.whole)) >= upper(w.whole) - lower(w.whole)
    order by s.planned_stop_id limit 1
) stop on true
left join lateral (
    select max(l.value) filter (where q.code = 'battery_voltage') as voltage,
        max(l.was) filter (where q.code = 'battery_voltage') as was_voltage,
        max(l.value) filter (where q.code = 'battery_level') as charge
    from quantity q
    cross join lateral (
        select r.value, (
            select max(y.maximum) from rollup_day y
            where y.device_id = o.device_id and y.quantity_id = q.quantity_id and y.channel = 0
              and y.day between rollup_day_of(o.starts) - 35 and rollup_day_of(o.starts)
        ) as was
        from reading_counted r
        where r.device_id = o.device_id and r.quantity_id = q.quantity_id and r.channel = 0
          and r.time <= o.starts and r.time > o.starts - interval '7 days'
        order by r.time desc limit 1
    ) l
    where q.code in ('battery_voltage', 'battery_level') and o.device_id is not null and o.part_of is null
) battery on true
left join lateral (
    select min(h.coldest) as coldest, max(h.rain) as rain, max(h.wind) as wind
    from sky_hour h
    where h.project_id = o.project_id and h.hour > o.starts - interval '6 hours'
      and h.hour <= o.starts + interval '1 hour' and o.part_of is null
) sky on true
left join lateral (
    select max(r.rise) as snow
    from (
        select max(h.maximum) - min(h.minimum) as rise from snow_hour h
        where h.project_id = o.project_id and h.hour > o.starts - interval '6 hours'
          and h.hour <= o.starts + interval '1 hour' and o.part_of is null
        group by h.device_id
    ) r
) ground on true
left join lateral (
    select min(h.snr_worst)::float8 as snr, sum(h.lost)::integer as lost, sum(h.received)::integer as received
    from uplink_hour h
    where h.device_id = o.device_id and h.hour > o.starts - interval '24 hours' and h.hour <= o.starts
      and o.part_of is null
) radio on true
left join lateral (
    select true as offline from gateway_event e
    where e.gateway_id = o.gateway_id and o.level = 'gateway' and e.kind = 1 and not e.online
      and e.time between o.starts - interval '15 minutes' and o.starts + interval '6 hours'
    limit 1
) said on true
where o.outage_id = any(%(numbers)s::bigint[]) and o.withdrawn_at is null
"""

_PROPOSE = """
update outage o set proposed_cause = n.cause, proposed_ja = n.ja, proposed_en = n.en
from unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) n (outage_id, cause, ja, en)
where o.outage_id = n.outage_id
  and (o.proposed_cause, o.proposed_ja, o.proposed_en) is distinct from (n.cause, n.ja, n.en)
"""

_STOPS = """
with seen as (
    update outage_state o set stops_seen = now()
    from (select stops_seen from outage_state) was
    returning was.stops_seen
)
select distinct o.outage_id
from planned_stop s
join outage o on o.project_id = s.project_id and o.starts < s.ends and coalesce(o.ends, 'infinity') > s.starts
where greatest(s.entered_at, s.signed_at, s.voided_at) > (select stops_seen - interval '10 minutes' from seen)
  and o.withdrawn_at is null
"""


def hints(connection: Database, outages: Sequence[int]) -> list[Hints]:
    """What is known around the beginning of each of these outages."""
    with connection.cursor(row_factory=class_row(Hints)) as cursor:
        return cursor.execute(_HINTS, {"numbers": list(outages), "weather": list(WEATHER)}).fetchall()


def write_proposals(connection: Database, proposals: Sequence[Proposal]) -> None:
    """Replace the proposals of these outages."""
    columns = (
        [each.outage_id for each in proposals], [each.cause for each in proposals],
        [each.reason.ja for each in proposals], [each.reason.en for each in proposals],
    )  # fmt: skip
    connection.execute(_PROPOSE, columns)


def parts_of(connection: Database, outages: Sequence[int]) -> list[int]:
    """What is, or was proposed as, part of these outages of gateways and networks."""
    query = "select outage_id from outage where part_of = any(%s) and withdrawn_at is null"
    return [number for (number,) in connection.execute(query, (list(outages),))]


def stops_changed(connection: Database) -> list[int]:
    """Outages in the time of planned stops that were entered, signed or voided since this was asked last."""
    return [number for (number,) in connection.execute(_STOPS)]
