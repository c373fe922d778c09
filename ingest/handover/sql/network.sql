select n.code, p.code as project, n.kind, n.name
from network n join project p using (project_id)
where p.code = %(project)s
    or n.network_id in (
        select d.network_id from device d join project o using (project_id) where o.code = %(project)s
        union all
        select l.network_id
        from device_placement l join device d using (device_id) join project o on o.project_id = d.project_id
        where o.code = %(project)s
        union all
        select g.network_id
        from gateway g
        where g.gateway_id in (
            select u.gateway_id
            from uplink u join device d using (device_id) join project o using (project_id)
            where o.code = %(project)s
        )
    )
