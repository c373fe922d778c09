-- The project itself, those whose gateways heard it, and those where its devices stood before.
select p.code, p.name, p.organisation_code, p.organisation_name, p.grant_number, p.granted_on, p.completed_on
from project p
where p.code = %(project)s
    or p.project_id in (
        select n.project_id from network n
        where n.network_id in (
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
    )
    or p.project_id in (
        select l.project_id
        from device_placement l join device d using (device_id) join project o on o.project_id = d.project_id
        where o.code = %(project)s
    )
