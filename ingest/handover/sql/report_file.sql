with report_number as (
    select report_id, row_number() over (order by report_id) as number
    from report join project using (project_id)
    where code = %(project)s and state = 'frozen'
)
select i.number as report, p.code as project, f.form, f.name, f.content, f.sha256, f.signature
from report_file f
join report_number i using (report_id)
join project p on p.project_id = f.project_id
where p.code = %(project)s
