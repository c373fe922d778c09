select p.code as project, r.kind, r.keep_months, r.forced_by, r.forced_why, r.forced_at
from retention r
join project p using (project_id)
where p.code = %(project)s
