select
    d.code as device, q.code as quantity, w.channel, w.test, w.starts, w.ends, w.readings, w.grade, w.detail::text as detail,
    w.recorded_at
from watch_flag w
join device d using (device_id)
join project p using (project_id)
join quantity q on q.quantity_id = w.quantity_id
where p.code = %(project)s
