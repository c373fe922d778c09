"""Rain near gauges: which rain gauges are near, what they say, and since when it rains so much."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from ingest.store.database import Database
from ingest.watch.silence.blind import Rain
from schemas.watch_silence import RainMeasure

NEAR_M = 5_000

_NEARBY = """
with gauge as materialized (
    select d.* from device d where d.calm_interval_s is not null and d.enabled
),
rain as (     -- also one that has been silent for months: what it would say is not known
    select d.device_id, d.project_id, d.code, d.area, d.latitude, d.longitude
    from device d
    where d.enabled and d.device_id in (
        select s.device_id from figure_series(
            array(select p.code from project p where p.project_id in (select g.project_id from gauge g)),
            array['rain_amount', 'rain_total']
        ) s
        union
        select k.device_id from last_reading k join quantity q using (quantity_id)
        where q.of_project_id is null and q.code in ('rain_amount', 'rain_total')
    )
)
select g.device_id, array_agg(r.code order by r.code)
from gauge g join rain r on r.project_id = g.project_id and r.device_id <> g.device_id
where r.area = g.area
    or 12742000 * asin(least(1, sqrt(
        sin(radians(r.latitude - g.latitude) / 2) ^ 2
        + cos(radians(r.latitude)) * cos(radians(g.latitude)) * sin(radians(r.longitude - g.longitude) / 2) ^ 2
    ))) <= %s
group by g.device_id
"""

_RAIN = """
select r.device, r.rain_1h, r.rain_3h, r.rain_24h, r.silent
from project p cross join lateral figure_rain_of(array[p.code], %(devices)s::text[], %(now)s) r
where p.project_id = %(project)s
"""

_MOMENTS = """
with moment as (
    select distinct r.time from reading_counted r
    join device d using (device_id) join quantity q using (quantity_id)
    where d.project_id = %(project)s and d.code = any(%(devices)s) and q.of_project_id is null
      and q.code in ('rain_amount', 'rain_total') and r.time > %(since)s and r.time <= %(now)s
)
select m.time, coalesce(bool_or(
    case %(kind)s when 'rain_1h' then r.rain_1h when 'rain_3h' then r.rain_3h else r.rain_24h end >= %(at_least)s
), false)
from moment m join project p on p.project_id = %(project)s
cross join lateral figure_rain_of(array[p.code], %(devices)s::text[], m.time) r
group by m.time order by m.time desc
"""


def nearby_rain(connection: Database) -> dict[int, Sequence[str]]:
    """By gauge of two intervals: the codes of the rain gauges of its area, or within 5 km, of its project."""
    return dict(connection.execute(_NEARBY, (NEAR_M,)).fetchall())


def rain_now(connection: Database, project_id: int, devices: Sequence[str], now: datetime) -> dict[str, Rain]:
    """What these rain gauges say, by code. Of a station with several channels the one with the most rain counts."""
    found: dict[str, Rain] = {}
    values = {"project": project_id, "devices": list(devices), "now": now}
    for code, one, three, day, silent in connection.execute(_RAIN, values):
        sums = {"rain_1h": one, "rain_3h": three, "rain_24h": day}
        if code not in found or (day or 0) > (found[code].sums["rain_24h"] or 0):
            found[code] = Rain(code, sums, silent)
    return found


def rains_since(
    connection: Database, project_id: int, devices: Sequence[str], measure: RainMeasure, at_least: float, now: datetime
) -> datetime | None:
    """Since which measurement it has rained so much without a break, within the hours of the measure."""
    since = now - timedelta(hours=measure.hours)
    values = {
        "project": project_id, "devices": list(devices), "kind": measure.kind, "at_least": at_least, "since": since,
        "now": now,
    }  # fmt: skip
    begun: datetime | None = None
    for time, reached in connection.execute(_MOMENTS, values):
        if not reached:
            break
        begun = time
    return begun
