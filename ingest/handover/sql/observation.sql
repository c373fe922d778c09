select
    row_number() over (order by o.observation_id) as entry, p.code as project, o.code, o.first_day, o.last_day, o.value,
    o.unit, o.area, o.source, o.basis, o.note, o.entered_at, o.entered_by, o.client_key::text as client_key, o.voided_at,
    o.voided_by, o.void_reason
from observation o
join project p using (project_id)
where p.code = %(project)s
