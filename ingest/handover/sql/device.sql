select
    p.code as project, d.code, n.code as network, g.code as gateway, f.code as profile, d.name, d.model, d.serial, d.use,
    d.dev_eui, d.things_stack_id, d.sparkplug_id, d.client_id, d.latitude, d.longitude, d.interval_s, d.season_from, d.season_to,
    d.installed_on, d.enabled, d.area, d.calm_interval_s, d.active_level_m, d.airtime_regime, d.site_class, d.published
from device d
join project p using (project_id)
join network n using (network_id)
left join gateway g using (gateway_id)
left join profile f using (profile_id)
where p.code = %(project)s
