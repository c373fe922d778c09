select p.code as project, v.number, v.entered_at, v.entered_by, v.reason, v.document::text as document, v.digest
from plan_version v
join project p using (project_id)
where p.code = %(project)s
