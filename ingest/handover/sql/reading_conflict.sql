select d.code as device, q.code as quantity, c.channel, c.time, c.value, c.quality, c.message_id, c.received_at
from reading_conflict c
join device d using (device_id)
join project p using (project_id)
join quantity q using (quantity_id)
where p.code = %(project)s
