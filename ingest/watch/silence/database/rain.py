"""Rain near gauges: which rain gauges are near, what they say, and since when it rains so much."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

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
select distinct d.code, r.time from reading_counted r
join device d using (device_id) join quantity q using (quantity_id)
where d.project_id = %(project)s and d.code = any(%(devices)s) and q.of_project_id is null
  and q.code in ('rain_amount', 'rain_total') and r.time > %(since)s and r.time <= %(now)s
"""

# One call for each moment, with all the stations that are asked for then: a call costs more than a station in it.
_SUMS = """
with moment as (
    select asked.time, array_agg(asked.device) as devices
    from unnest(%(times)s::timestamptz[], %(devices)s::text[]) asked (time, device) group by asked.time
)
select m.time, r.device, max(r.rain_1h), max(r.rain_3h), max(r.rain_24h)
from moment m join project p on p.project_id = %(project)s
cross join lateral figure_rain_of(array[p.code], m.devices, m.time) r
group by m.time, r.device
"""


class Pour(NamedTuple):
    """So much rain at one of the stations."""

    stations: tuple[str, ...]
    measure: RainMeasure
    at_least: float


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
    connection: Database, project_id: int, pours: Collection[Pour], now: datetime
) -> dict[Pour, datetime | None]:
    """Since which measurement it has rained so much without a break, within the hours of the measure."""
    if not pours:
        return {}
    moments = _moments(connection, project_id, pours, now)
    pairs = sorted({(at, station) for pour, times in moments.items() for at in times for station in pour.stations})
    values = {"project": project_id, "times": [at for at, _ in pairs], "devices": [station for _, station in pairs]}
    fallen: dict[tuple[datetime, str], Mapping[str, float | None]] = {
        (at, station): {"rain_1h": one, "rain_3h": three, "rain_24h": day}
        for at, station, one, three, day in connection.execute(_SUMS, values)
    }
    return {pour: _since(pour, times, fallen) for pour, times in moments.items()}


def _moments(
    connection: Database, project_id: int, pours: Collection[Pour], now: datetime
) -> dict[Pour, list[datetime]]:
    """When the stations of each measured within its hours, the newest first."""
    since = {pour: now - timedelta(hours=pour.measure.hours) for pour in pours}
    stations = sorted({station for pour in pours for station in pour.stations})
    measured: defaultdict[str, list[datetime]] = defaultdict(list)
    values = {"project": project_id, "devices": stations, "since": min(since.values()), "now": now}
    for station, at in connection.execute(_MOMENTS, values):
        measured[station].append(at)
    return {
        pour: sorted({at for each in pour.stations for at in measured[each] if at > since[pour]}, reverse=True)
        for pour in pours
    }


def _since(
    pour: Pour, times: Sequence[datetime], fallen: Mapping[tuple[datetime, str], Mapping[str, float | None]]
) -> datetime | None:
    begun: datetime | None = None
    for at in times:
        sums = [fallen[at, station][pour.measure.kind] for station in pour.stations if (at, station) in fallen]
        if not any(mm is not None and mm >= pour.at_least for mm in sums):
            break
        begun = at
    return begun
