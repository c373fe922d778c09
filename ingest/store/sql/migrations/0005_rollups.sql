-- While the service runs: safe, it adds tables.

-- Sums by hour and by day (Asia/Tokyo), kept by `noroshi ingest` and `noroshi db rollup`. They can be made again from
-- `reading` and `uplink` at any time; read them through rollup_hourly, rollup_daily, uplink_hourly and uplink_daily.

create table rollup_hour (
    hour timestamptz not null,
    device_id integer not null,
    quantity_id smallint not null,
    channel smallint not null,
    count integer not null,              -- 0: nothing measured, but a state was still known
    flagged integer not null,
    minimum double precision,
    maximum double precision,
    total double precision,
    first double precision,
    last double precision,
    first_at timestamptz,
    last_at timestamptz,
    increase double precision,           -- counters
    east double precision,               -- directions: sum of sines
    north double precision,              -- and of cosines
    durations jsonb                      -- states: seconds by number
);
create unique index rollup_hour_once on rollup_hour (device_id, quantity_id, channel, hour);

create table rollup_day (
    day date not null,
    device_id integer not null,
    quantity_id smallint not null,
    channel smallint not null,
    count integer not null,
    flagged integer not null,
    minimum double precision,
    maximum double precision,
    total double precision,
    first double precision,
    last double precision,
    first_at timestamptz,
    last_at timestamptz,
    increase double precision,
    east double precision,
    north double precision,
    durations jsonb
);
create unique index rollup_day_once on rollup_day (device_id, quantity_id, channel, day);

create table uplink_hour (
    hour timestamptz not null,
    device_id integer not null,
    received integer not null,
    payload_bytes bigint not null,
    airtime_ms double precision,
    lost bigint,                         -- null: no counter was told
    resets integer not null,
    rssi_worst real,
    rssi_median double precision,
    snr_worst real,
    snr_median double precision,
    first_at timestamptz not null,
    last_at timestamptz not null
);
create unique index uplink_hour_once on uplink_hour (device_id, hour);

create table uplink_day (
    day date not null,
    device_id integer not null,
    received integer not null,
    payload_bytes bigint not null,
    airtime_ms double precision,
    lost bigint,
    resets integer not null,
    rssi_worst real,
    rssi_median double precision,
    snr_worst real,
    snr_median double precision,
    first_at timestamptz not null,
    last_at timestamptz not null
);
create unique index uplink_day_once on uplink_day (device_id, day);

-- What the completeness of a period is counted from; see rollup_usage.
create table rollup_usage_day (
    day date not null,
    device_id integer not null,
    interval_s integer not null,         -- of the registry when it was counted: another one, and it is counted again
    readings integer not null,
    flagged integer not null,
    first_at timestamptz,
    last_at timestamptz,
    uplinks integer not null,
    payload_bytes bigint not null,
    measured_first timestamptz,
    measured_last timestamptz,
    gap_s double precision,
    slots integer not null,
    slot_first bigint,
    slot_last bigint,
    halves integer not null,
    half_first bigint,
    half_last bigint
);
create unique index rollup_usage_day_once on rollup_usage_day (device_id, day);

-- Hours of a device that must be computed again. Only ever added to by who changed something and taken away by who
-- computes: a unique key would let a writer believe that his hour is noted while somebody is just about to finish it.
create table rollup_due (
    due_id bigint generated always as identity primary key,
    device_id integer not null,
    hour timestamptz not null
);
create index rollup_due_hour on rollup_due (device_id, hour);

-- Everything before materialised_until is in the tables above, or due. Whoever stores something older than
-- closing_until notes it as due. What is older than raw_from has no readings any more and is not computed again.
create table rollup_state (
    one_row boolean primary key default true check (one_row),
    materialised_until timestamptz not null default '-infinity',
    closing_until timestamptz not null default '-infinity',
    raw_from timestamptz not null default '-infinity',
    check (materialised_until <= closing_until)
);
insert into rollup_state default values;

-- Series whose sums look beyond their own hour: counters and states.
create table rollup_series (
    device_id integer not null,
    quantity_id smallint not null,
    channel smallint not null,
    primary key (device_id, quantity_id, channel)
);

-- The jobs that keep house, and what became of their last run.
create table housekeeping_run (
    job text primary key,
    every_s integer not null,
    started_at timestamptz,
    succeeded_at timestamptz,
    failed_at timestamptz,
    seconds double precision,
    said text                            -- what it did, or why it failed
);
