"""Views with the columns of the rollups, where the database has none of its own."""

from typing import Any

from psycopg import Connection

_READINGS = """
select date_trunc('{unit}', time at time zone 'Asia/Tokyo'){back} as {unit}, device_id, quantity_id, channel,
    count(*) as count, count(*) filter (where quality <> 0) as flagged, min(value) as minimum, max(value) as maximum,
    sum(value) as total, (array_agg(value order by time))[1] as first,
    (array_agg(value order by time desc))[1] as last, min(time) as first_at, max(time) as last_at,
    null::double precision as increase, null::double precision as direction,
    case when quantity_id = 116 then '{{"armed": 3600}}'::jsonb end as durations
from reading group by 1, 2, 3, 4
"""
_UPLINKS = """
select date_trunc('{unit}', time at time zone 'Asia/Tokyo'){back} as {unit}, device_id, count(*) as received,
    sum(payload_bytes)::bigint as payload_bytes, sum(airtime_ms)::double precision as airtime_ms, 0::bigint as lost,
    0::bigint as resets, min(rssi_dbm) as rssi_worst,
    percentile_cont(0.5) within group (order by rssi_dbm) as rssi_median, min(snr_db) as snr_worst,
    percentile_cont(0.5) within group (order by snr_db) as snr_median, min(time) as first_at, max(time) as last_at
from uplink group by 1, 2
"""
_BACK = {"hour": " at time zone 'Asia/Tokyo'", "day": "::date"}
_VIEWS = {
    "rollup_hourly": (_READINGS, "hour"), "rollup_daily": (_READINGS, "day"),
    "uplink_hourly": (_UPLINKS, "hour"), "uplink_daily": (_UPLINKS, "day"),
}  # fmt: skip


def stand_in(connection: Connection[Any]) -> None:
    """Make those that are missing."""
    for name, (query, unit) in _VIEWS.items():
        if connection.execute("select to_regclass(%s)", (name,)).fetchone() == (None,):
            connection.execute(f"create view {name} as {query.format(unit=unit, back=_BACK[unit])}".encode())
