select
    row_number() over (order by t.report_text_id) as entry, p.code as project, t.kind, t.first_day, t.key, t.text,
    t.author, t.written_at, t.entered_by, t.source
from report_text t
join project p using (project_id)
where p.code = %(project)s
