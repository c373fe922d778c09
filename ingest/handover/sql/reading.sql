select d.code as device, q.code as quantity, r.channel, r.time, r.value, r.quality
from reading r
join device d using (device_id)
join project p using (project_id)
join quantity q using (quantity_id)
where p.code = %(project)s
