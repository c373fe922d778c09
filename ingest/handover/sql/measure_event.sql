with measure_number as (
    select measure_id, row_number() over (order by measure_id) as number
    from measure join project using (project_id)
    where code = %(project)s
)
select
    row_number() over (order by e.measure_event_id) as event, m.number as measure, p.code as project, e.at, e.by,
    e.before::text as before, e.after::text as after, e.note
from measure_event e
join measure_number m using (measure_id)
join project p on p.project_id = e.project_id
where p.code = %(project)s
