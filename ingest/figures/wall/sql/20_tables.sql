-- The large tables and those that messages are written to. TimescaleDB allows no row-level security on a table with a
-- columnstore, and a policy of a hypertable would not hold for its chunks; COPY refuses tables with one. So these are
-- read through views with the owner's rights.
-- For readers each is a security barrier: no condition of a query sees a row that the view hides. The pages bring no
-- conditions of strangers, and a barrier would hinder the planner.
-- `case`: the planner takes the condition for true half of the time, and not for one row in two hundred.

create view {schema}.reading with (security_barrier = {barrier}) as
select * from public.reading
where case when device_id <@ {devices} then true else false end;

create view {schema}.uplink with (security_barrier = {barrier}) as
select * from public.uplink
where case when device_id <@ {devices} then true else false end;

create view {schema}.reading_conflict with (security_barrier = {barrier}) as
select * from public.reading_conflict
where case when device_id <@ {devices} then true else false end;

create view {schema}.rollup_hour with (security_barrier = {barrier}) as
select * from public.rollup_hour
where case when device_id <@ {devices} then true else false end;

create view {schema}.rollup_day with (security_barrier = {barrier}) as
select * from public.rollup_day
where case when device_id <@ {devices} then true else false end;

create view {schema}.uplink_hour with (security_barrier = {barrier}) as
select * from public.uplink_hour
where case when device_id <@ {devices} then true else false end;

create view {schema}.uplink_day with (security_barrier = {barrier}) as
select * from public.uplink_day
where case when device_id <@ {devices} then true else false end;

create view {schema}.rollup_usage_day with (security_barrier = {barrier}) as
select * from public.rollup_usage_day
where case when device_id <@ {devices} then true else false end;

create view {schema}.rollup_stretch with (security_barrier = {barrier}) as
select * from public.rollup_stretch
where case when device_id <@ {devices} then true else false end;

create view {schema}.rollup_due with (security_barrier = {barrier}) as
select * from public.rollup_due
where case when device_id <@ {devices} then true else false end;

create view {schema}.rollup_late with (security_barrier = {barrier}) as
select array[late.device_id] as devices, array[late.hour] as hours, l.noted_at
from public.rollup_late l
cross join lateral unnest(l.devices, l.hours) late (device_id, hour)
where case when late.device_id <@ {devices} then true else false end;

create view {schema}.rollup_series with (security_barrier = {barrier}) as
select * from public.rollup_series
where case when device_id <@ {devices} then true else false end;

create view {schema}.last_uplink with (security_barrier = {barrier}) as
select * from public.last_uplink
where case when device_id <@ {devices} then true else false end;

create view {schema}.last_reading with (security_barrier = {barrier}) as
select * from public.last_reading
where case when device_id <@ {devices} then true else false end;

-- What nobody can be found for belongs to the whole installation.
create view {schema}.quarantine with (security_barrier = {barrier}) as
select q.* from public.quarantine q
where {everything} or coalesce(q.project_id <@ {projects}, q.device_id <@ {devices});

create view {schema}.tally with (security_barrier = {barrier}) as
select t.* from public.tally t
where t.project_id <@ {projects};

create view {schema}.gateway_event with (security_barrier = {barrier}) as
select * from public.gateway_event
where case when gateway_id <@ {gateways} then true else false end;

create view {schema}.gateway_heard with (security_barrier = {barrier}) as
select * from public.gateway_heard
where case when gateway_id <@ {gateways} then true else false end;

-- What the audit log knows of frozen periods; the log itself stands behind no wall, and nobody here may read it.
create view {schema}.plan_freezing with (security_barrier = {barrier}) as
select f.* from public.plan_freezing f
where case when f.project_id <@ {projects} then true else false end;
