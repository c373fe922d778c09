-- The catalogue, and what the project added to it. The ranges of the catalogue belong to the program.
select
    q.code, p.code as project, q.unit, q.unit_ja, q.kind, q.label_ja, q.label_en, q.states::text as states,
    case when p.code is not null then q.reject_low end as reject_low,
    case when p.code is not null then q.reject_high end as reject_high,
    case when p.code is not null then q.flag_low end as flag_low,
    case when p.code is not null then q.flag_high end as flag_high,
    case when p.code is not null then q.greatest_per_hour end as greatest_per_hour
from quantity q
left join project p on p.project_id = q.of_project_id
where p.code is null or p.code = %(project)s
