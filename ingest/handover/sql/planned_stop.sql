-- What has gone to another project since is not of this hand-over.
select
    row_number() over (order by s.planned_stop_id) as entry, p.code as project, n.code as network, g.code as gateway,
    d.code as device, s.starts, s.ends, s.reason, s.entered_at, s.entered_by, s.signed_at, s.signed_by, s.sign_reason,
    s.client_key::text as client_key, s.voided_at, s.voided_by, s.void_reason
from planned_stop s
join project p using (project_id)
left join network n on n.network_id = s.network_id and n.project_id = s.project_id
left join (gateway g join network h on h.network_id = g.network_id)
    on g.gateway_id = s.gateway_id and h.project_id = s.project_id
left join device d on d.device_id = s.device_id and d.project_id = s.project_id
where p.code = %(project)s
