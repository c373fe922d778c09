select
    d.code as device, u.day, u.interval_s, u.readings, u.flagged, u.first_at, u.last_at, u.uplinks, u.payload_bytes,
    u.measured_first, u.measured_last, u.gap_s, u.slots, u.slot_first, u.slot_last, u.halves, u.half_first, u.half_last
from rollup_usage_between(
    array(select o.device_id from device o join project p using (project_id) where p.code = %(project)s),
    '-infinity', 'infinity'
) u
join device d using (device_id)
