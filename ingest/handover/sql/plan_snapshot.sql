select
    p.code as project, s.kind, s.first_day, s.until_day, s.revision, s.frozen_at, s.frozen_by, s.plan_number, s.software,
    s.reason, s.body::text as body, s.difference::text as difference, s.digest
from plan_snapshot s
join project p using (project_id)
where p.code = %(project)s
