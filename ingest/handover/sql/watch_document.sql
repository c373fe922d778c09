select p.code as project, w.number, w.body::text as body, w.source, w.applied_at, w.applied_by, w.reason
from watch_document w join project p using (project_id)
where p.code = %(project)s
