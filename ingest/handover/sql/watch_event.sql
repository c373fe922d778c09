with incident_number as (
    select incident_id, row_number() over (order by incident_id) as number
    from watch_incident join project using (project_id)
    where code = %(project)s
),
event_number as (
    select event_id, row_number() over (order by event_id) as number
    from watch_event join project using (project_id)
    where code = %(project)s
),
drill_number as (
    select drill_id, row_number() over (order by drill_id) as number
    from watch_drill join project using (project_id)
    where code = %(project)s
)
select
    e.number as event, p.code as project, i.number as incident, w.kind, w.hazard,
    regexp_replace(regexp_replace(regexp_replace(regexp_replace(w.subject,
        ':d[0-9]+(?=:|$)', coalesce(':d=' || d.code, '\&')), ':g[0-9]+(?=:|$)', coalesce(':g=' || g.code, '\&')),
        ':n[0-9]+(?=:|$)', coalesce(':n=' || n.code, '\&')), ':q[0-9]+(?=:|$)', coalesce(':q=' || q.code, '\&')) as subject,
    w.rule, d.code as device, g.code as gateway, n.code as network, q.code as quantity, w.channel, w.measure, w.at,
    w.before_rank, w.rank, w.name, w.name_en, w.value, w.threshold, w.unit, w.official, w.ref_level, w.origin,
    case when r.number is null then w.details else jsonb_set(w.details, '{drill}', to_jsonb(r.number)) end::text as details,
    w.committed_at, w.recorded_at, w.withdrawn_at, w.withdrawn_ja, w.withdrawn_en
from watch_event w
join event_number e using (event_id)
join project p on p.project_id = w.project_id
left join incident_number i on i.incident_id = w.incident_id
left join drill_number r on r.drill_id = (w.details ->> 'drill')::bigint
left join device d on d.device_id = w.device_id and d.project_id = w.project_id
left join (gateway g join network h on h.network_id = g.network_id)
    on g.gateway_id = w.gateway_id and h.project_id = w.project_id
left join network n on n.network_id = w.network_id and n.project_id = w.project_id
left join quantity q on q.quantity_id = w.quantity_id
where p.code = %(project)s
