select
    r.ran_at, p.code as project, r.kind, r.table_name, r.before, r.rows, r.forced_by, r.forced_why
from retention_run r
join project p using (project_id)
where p.code = %(project)s
