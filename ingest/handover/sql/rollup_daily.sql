select
    d.code as device, q.code as quantity, r.channel, r.day, r.count, r.flagged, r.minimum, r.maximum, r.total, r.first,
    r.last, r.first_at, r.last_at, r.increase, r.direction, r.east, r.north,
    r.durations::text as durations
from rollup_daily r
join device d using (device_id)
join project p using (project_id)
join quantity q using (quantity_id)
where p.code = %(project)s
