-- What has gone to another project since is not of this hand-over.
select
    left(w.transmitter, 1) || '=' || coalesce(d.code, g.code) as transmitter, p.code as project, d.code as device,
    g.code as gateway, w.month, w.regime, w.worst_s, w.worst_at, w.limit_s, w.estimated, w.longest_ms, w.updated_at
from watch_airtime w
join project p using (project_id)
left join device d on d.device_id = w.device_id and d.project_id = w.project_id
left join (gateway g join network h on h.network_id = g.network_id)
    on g.gateway_id = w.gateway_id and h.project_id = w.project_id
where p.code = %(project)s and coalesce(d.code, g.code) is not null
