select
    p.code as project, q.code as quantity, r.reject_low, r.reject_high, r.flag_low, r.flag_high,
    r.greatest_per_hour
from quantity_range r
join project p using (project_id)
join quantity q using (quantity_id)
where p.code = %(project)s
