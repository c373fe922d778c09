with drill_number as (
    select drill_id, row_number() over (order by drill_id) as number
    from watch_drill join project using (project_id)
    where code = %(project)s
)
select i.number as drill, p.code as project, w.title, w.starts, w.ends, w.begun_by, w.begun_at, w.ended_at, w.ended_by
from watch_drill w
join drill_number i using (drill_id)
join project p on p.project_id = w.project_id
where p.code = %(project)s
