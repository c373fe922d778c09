select f.code, f.body::text as body
from profile f
where f.profile_id in (
    select d.profile_id from device d join project p using (project_id) where p.code = %(project)s
    union
    select b.profile_id
    from device_binding b join device d using (device_id) join project p using (project_id)
    where p.code = %(project)s
)
