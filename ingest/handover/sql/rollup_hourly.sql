-- The open hours of all devices in one go, and for no month but the one that is asked for.
select
    d.code as device, q.code as quantity, r.channel, r.hour, r.count, r.flagged, r.minimum, r.maximum, r.total, r.first,
    r.last, r.first_at, r.last_at, r.increase, rollup_direction(r.east, r.north, r.count) as direction, r.east, r.north,
    r.durations::text as durations
from rollup_hours_between(
    array(select o.device_id from device o join project p using (project_id) where p.code = %(project)s),
    %(start)s::timestamptz, %(end)s::timestamptz
) r
join device d using (device_id)
join quantity q using (quantity_id)
