-- When the next step of an escalation is due does not travel: somebody else is told there.
with incident_number as (
    select incident_id, row_number() over (order by incident_id) as number
    from watch_incident join project using (project_id)
    where code = %(project)s
),
drill_number as (
    select drill_id, row_number() over (order by drill_id) as number
    from watch_drill join project using (project_id)
    where code = %(project)s
)
select
    i.number as incident, p.code as project, w.kind, w.hazard,
    regexp_replace(regexp_replace(regexp_replace(regexp_replace(w.subject,
        ':d[0-9]+(?=:|$)', coalesce(':d=' || d.code, '\&')), ':g[0-9]+(?=:|$)', coalesce(':g=' || g.code, '\&')),
        ':n[0-9]+(?=:|$)', coalesce(':n=' || n.code, '\&')), ':q[0-9]+(?=:|$)', coalesce(':q=' || q.code, '\&')) as subject,
    d.code as device, g.code as gateway, n.code as network, w.opened_at, w.closed_at, w.rank, w.top_rank, w.live,
    r.number as drill, w.acknowledged_rank, w.escalated, w.mark, w.marked_by, w.marked_at, w.mark_note
from watch_incident w
join incident_number i using (incident_id)
join project p on p.project_id = w.project_id
left join drill_number r on r.drill_id = w.drill_id
left join device d on d.device_id = w.device_id and d.project_id = w.project_id
left join (gateway g join network h on h.network_id = g.network_id)
    on g.gateway_id = w.gateway_id and h.project_id = w.project_id
left join network n on n.network_id = w.network_id and n.project_id = w.project_id
left join quantity q on q.quantity_id = substring(w.subject from ':q([0-9]+)(?=:|$)')::smallint
where p.code = %(project)s
