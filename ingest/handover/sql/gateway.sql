select g.code, n.code as network, g.name, g.external_id as gateway_id, g.latitude, g.longitude, g.airtime_regime
from gateway g join network n using (network_id) join project p using (project_id)
where p.code = %(project)s
    or g.gateway_id in (
        select d.gateway_id from device d join project o using (project_id) where o.code = %(project)s
        union all
        select l.gateway_id
        from device_placement l join device d using (device_id) join project o on o.project_id = d.project_id
        where o.code = %(project)s
        union all
        select u.gateway_id
        from uplink u join device d using (device_id) join project o using (project_id)
        where o.code = %(project)s
    )
