select
    d.code as device, u.time, u.message_id, u.received_at, u.counter, u.device_time, u.payload_bytes, g.code as gateway,
    u.rssi_dbm, u.snr_db, u.airtime_ms, u.kind, u.offered, u.refused, u.quality, u.gateway_count, u.spreading_factor,
    u.link::text as link
from uplink u
join device d using (device_id)
join project p using (project_id)
left join gateway g on g.gateway_id = u.gateway_id
where p.code = %(project)s
