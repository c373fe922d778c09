select
    d.code as device, u.day, u.received, u.payload_bytes, u.airtime_ms, u.lost, u.resets, u.rssi_worst, u.rssi_median,
    u.snr_worst, u.snr_median, u.first_at, u.last_at
from uplink_daily u
join device d using (device_id)
join project p using (project_id)
where p.code = %(project)s
