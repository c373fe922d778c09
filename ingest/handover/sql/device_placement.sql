select
    d.code as device, nullif(l.valid_from, '-infinity') as valid_from, l.valid_to, o.code as project,
    n.code as network, g.code as gateway, l.use, l.area, l.interval_s, l.calm_interval_s, l.active_level_m, l.season_from,
    l.season_to, l.installed_on, l.enabled
from device_placement l
join device d using (device_id)
join project p on p.project_id = d.project_id
join project o on o.project_id = l.project_id
join network n on n.network_id = l.network_id
left join gateway g on g.gateway_id = l.gateway_id
where p.code = %(project)s
