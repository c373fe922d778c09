select
    d.code as device, q.code as quantity, s.channel, s.rank, s.name, s.name_en, s.level_m, s.official, s.ref_level,
    s.source, s.datum, s.valid_from, s.valid_to
from device_stage s
join device d using (device_id)
join project p using (project_id)
join quantity q using (quantity_id)
where p.code = %(project)s
