select p.code as project, c.fiscal_year, c.closed_at, c.closed_by, c.note, c.draft::text as draft
from plan_cycle c
join project p using (project_id)
where p.code = %(project)s
