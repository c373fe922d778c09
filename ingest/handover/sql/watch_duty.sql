select
    row_number() over (order by w.watch_duty_id) as entry, p.code as project, w.person, w.starts, w.ends, w.entered_by,
    w.entered_at, w.voided_by
from watch_duty w join project p using (project_id)
where p.code = %(project)s
