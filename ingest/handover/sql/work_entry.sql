with measure_number as (
    select measure_id, row_number() over (order by measure_id) as number
    from measure join project using (project_id)
    where code = %(project)s
)
-- A device that has gone to another project since is not of this hand-over.
select
    row_number() over (order by w.work_entry_id) as entry, p.code as project, w.kind, w.starts, w.minutes, w.people,
    d.code as device, w.place, w.note, w.photo, w.km_before, w.km_after, m.number as measure, w.entered_at, w.entered_by,
    w.client_key::text as client_key, w.voided_at, w.voided_by, w.void_reason
from work_entry w
join project p using (project_id)
left join device d on d.device_id = w.device_id and d.project_id = w.project_id
left join measure_number m on m.measure_id = w.measure_id
where p.code = %(project)s
