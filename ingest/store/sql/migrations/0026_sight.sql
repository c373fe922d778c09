-- While the service runs: safe, it adds columns without a default; `device_binding` (small) is locked until the upgrade
-- commits.

-- What a distance sensor can see: nearer and farther there is no echo, and below the bed there is no water.

alter table device_binding
    add column sensor text,                      -- ultrasonic, radar, lidar: what is usual for them
    add column blind_zone_m double precision,    -- at or below it: no echo
    add column range_m double precision,         -- at or beyond it: no echo
    add column bed_m double precision;           -- the bed above gauge zero
