select
    c.kind, d.code as device, q.code as quantity, c.channel, c.starts, c.ends, c.scale, c.offset_ as "offset", c.value,
    c.who, c.made_at, c.why, c.revoked_by, c.revoked_at, c.revoked_why
from correction c
join device d using (device_id)
join project p using (project_id)
left join quantity q using (quantity_id)
where p.code = %(project)s
