-- The open hours of all devices in one go, and for no month but the one that is asked for.
select
    d.code as device, u.starts as hour, u.received, u.payload_bytes, u.airtime_ms, u.lost, u.resets, u.rssi_worst,
    u.rssi_median, u.snr_worst, u.snr_median, u.first_at, u.last_at
from rollup_uplinks_between(
    array(select o.device_id from device o join project p using (project_id) where p.code = %(project)s),
    %(start)s::timestamptz, %(end)s::timestamptz
) u
join device d using (device_id)
