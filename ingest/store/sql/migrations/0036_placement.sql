-- While the service runs: safe, every new column is null; an older service goes on writing the registry, and the trigger keeps its history.
-- The registry over time: where a device stood, and how it was to send, at any moment. Figures of a past month count by
-- what held then.

alter table device
    add column area text,                -- 地区
    add column calm_interval_s integer,  -- interval while the level is below active_level_m (危機管理型水位計); null: one interval
    add column active_level_m double precision;  -- 観測開始水位: from here on it sends every interval_s

-- See rollup_usage. Days that an older service summed up have none of these.
alter table rollup_usage_day
    add column dead_s double precision,
    add column late_classes smallint[],
    add column late_counts integer[];

create table device_placement (
    device_id integer not null references device,
    valid_from timestamptz not null,     -- -infinity for the first one
    valid_to timestamptz,                -- null: holds now
    project_id integer not null references project,
    network_id integer not null references network,
    gateway_id integer references gateway,
    use text,
    area text,
    interval_s integer not null,
    calm_interval_s integer,
    active_level_m double precision,
    season_from text,
    season_to text,
    installed_on date,
    enabled boolean not null,
    primary key (device_id, valid_from),
    check (valid_to > valid_from)
);

create unique index device_placement_now on device_placement (device_id) where valid_to is null;
create index device_placement_project on device_placement (project_id);

-- The day of installation says nothing of a moment: a correction of it holds for the past too.
create function device_placed() returns trigger language plpgsql security definer as $$
declare
    -- Two changes of one transaction are one: the clock, not the beginning of the transaction, tells changes apart.
    now_ constant timestamptz = clock_timestamp();
begin
    if tg_op = 'UPDATE' then
        update device_placement p set installed_on = new.installed_on where p.device_id = new.device_id;
        if (new.project_id, new.network_id, new.gateway_id, new.use, new.area, new.interval_s, new.calm_interval_s,
            new.active_level_m, new.season_from, new.season_to, new.enabled)
            is not distinct from
           (old.project_id, old.network_id, old.gateway_id, old.use, old.area, old.interval_s, old.calm_interval_s,
            old.active_level_m, old.season_from, old.season_to, old.enabled)
        then
            return null;
        end if;
        update device_placement p set valid_to = now_ where p.device_id = new.device_id and p.valid_to is null;
    end if;
    insert into device_placement values (
        new.device_id, case tg_op when 'INSERT' then '-infinity' else now_ end, null, new.project_id, new.network_id,
        new.gateway_id, new.use, new.area, new.interval_s, new.calm_interval_s, new.active_level_m, new.season_from,
        new.season_to, new.installed_on, new.enabled
    );
    return null;
end
$$;

insert into device_placement
select d.device_id, '-infinity', null, d.project_id, d.network_id, d.gateway_id, d.use, null, d.interval_s, null, null,
    d.season_from, d.season_to, d.installed_on, d.enabled
from device d;

create trigger device_placed after insert or update on device for each row execute function device_placed();

do $$
begin
    execute format('alter function device_placed() set search_path = pg_catalog, %I, pg_temp', current_schema());
    revoke execute on function device_placed() from public;
end
$$;
