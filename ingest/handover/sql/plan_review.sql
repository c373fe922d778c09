select
    row_number() over (order by r.plan_review_id) as entry, p.code as project, r.kind, r.first_day, r.kpi, r.factors,
    r.issues, r.improvement, r.opinion, r.direction, r.closed, r.entered_at, r.entered_by
from plan_review r
join project p using (project_id)
where p.code = %(project)s
