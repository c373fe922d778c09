select
    row_number() over (order by w.watch_maintenance_id) as entry, p.code as project, d.code as device, g.code as gateway,
    n.code as network, w.starts, w.ends, w.reason, w.entered_by, w.entered_at, w.ended_by
from watch_maintenance w
join project p on p.project_id = w.project_id
left join device d on d.device_id = w.device_id and d.project_id = w.project_id
left join (gateway g join network h on h.network_id = g.network_id)
    on g.gateway_id = w.gateway_id and h.project_id = w.project_id
left join network n on n.network_id = w.network_id and n.project_id = w.project_id
where p.code = %(project)s
