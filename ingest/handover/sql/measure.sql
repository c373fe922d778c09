with measure_number as (
    select measure_id, row_number() over (order by measure_id) as number
    from measure join project using (project_id)
    where code = %(project)s
)
select
    i.number as measure, p.code as project, m.number, m.fiscal_year, m.kind, m.title,
    m.detail, m.owner, m.due, to_jsonb(m.kpis)::text as kpis,
    (select coalesce(jsonb_agg(d.code order by d.code), '[]')::text from device d
     where d.device_id = any(m.devices) and d.project_id = p.project_id) as devices,
    (select coalesce(jsonb_agg(n.code order by n.code), '[]')::text from network n
     where n.network_id = any(m.networks) and n.project_id = p.project_id) as networks,
    m.figure, m.cost_yen, m.quota_used, m.state, m.done_on, m.window_days, m.result,
    c.number as carried_from,
    m.entered_at, m.entered_by, m.client_key::text as client_key
from measure m
join measure_number i using (measure_id)
join project p on p.project_id = m.project_id
left join measure_number c on c.measure_id = m.carried_from
where p.code = %(project)s
