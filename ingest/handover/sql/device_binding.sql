select
    d.code as device, q.code as quantity, b.channel, b.valid_from, b.valid_to, f.code as profile, b.unit, b.depth_cm,
    b.mount_height_m, b.level, b.sensor, b.blind_zone_m, b.range_m, b.bed_m, b.scale, b."offset"
from device_binding b
join device d using (device_id)
join project p using (project_id)
left join quantity q using (quantity_id)
left join profile f on f.profile_id = b.profile_id
where p.code = %(project)s
