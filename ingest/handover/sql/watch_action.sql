with incident_number as (
    select incident_id, row_number() over (order by incident_id) as number
    from watch_incident join project using (project_id)
    where code = %(project)s
),
action_number as (
    select watch_action_id, row_number() over (order by watch_action_id) as number
    from watch_action join project using (project_id)
    where code = %(project)s
)
select
    a.number as action_number, p.code as project, i.number as incident, w.action, w.at, w.recorded_at, w.by, w.way,
    w.rank, w.mark, d.code as device, w.place, b.number as about, w.note
from watch_action w
join action_number a using (watch_action_id)
join project p on p.project_id = w.project_id
left join incident_number i on i.incident_id = w.incident_id
left join device d on d.device_id = w.device_id and d.project_id = w.project_id
left join action_number b on b.watch_action_id = w.about
where p.code = %(project)s
