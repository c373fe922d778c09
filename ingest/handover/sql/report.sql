-- What was frozen. Numbers are those of the frozen reports alone: drafts do not travel.
with report_number as (
    select report_id, row_number() over (order by report_id) as number
    from report join project using (project_id)
    where code = %(project)s and state = 'frozen'
)
select
    i.number as report, p.code as project, r.kind, r.first_day, r.last_day, r.state, r.number, r.revision,
    b.number as of_report, r.reason, r.document::text as document, r.digest, r.difference::text as difference,
    r.plan_number, r.software, r.made_at, r.made_by, r.checked_at, r.checked_by, r.frozen_at, r.frozen_by, r.key_id,
    r.sealed::text as sealed
from report r
join report_number i using (report_id)
join project p on p.project_id = r.project_id
left join report_number b on b.report_id = r.of_report
where p.code = %(project)s
