with outage_number as (
    select outage_id, row_number() over (order by outage_id) as number
    from outage join project using (project_id)
    where code = %(project)s
)
select
    row_number() over (order by c.outage_change_id) as change, i.number as outage, p.code as project, c.at, c.by, c.what,
    c.before::text as before, c.after::text as after, c.reason_ja, c.reason_en
from outage_change c
join outage_number i using (outage_id)
join project p on p.project_id = c.project_id
where p.code = %(project)s
