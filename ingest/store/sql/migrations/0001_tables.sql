-- While the service runs: nothing runs yet: it makes a new database.

-- The tables every tier has. Sizes matter here: a reading is written a quarter of a million
-- times a second, so its columns are ordered by alignment and "nothing to remark" is NULL.

create table project (
    project_id integer generated always as identity primary key,
    code text not null unique,
    name text not null,
    organisation_code text,
    organisation_name text,
    grant_number text,
    granted_on date,
    completed_on date
);

create table network (
    network_id integer generated always as identity primary key,
    code text not null unique,
    project_id integer not null references project,
    kind text not null,
    name text not null
);

create table gateway (
    gateway_id integer generated always as identity primary key,
    code text not null unique,
    network_id integer not null references network,
    name text not null,
    external_id text unique,             -- as payloads call it, lower case
    latitude double precision,
    longitude double precision
);

create table profile (
    profile_id integer generated always as identity primary key,
    code text not null unique,
    body jsonb not null                  -- schemas.profile.Profile
);

create table device (
    device_id integer generated always as identity primary key,
    project_id integer not null references project,
    code text not null,
    network_id integer not null references network,
    gateway_id integer references gateway,
    profile_id integer references profile,
    name text not null,
    model text,
    serial text,
    use text,
    dev_eui text unique,                 -- 16 lower-case hexadecimal digits
    things_stack_id text unique,         -- application-id/device-id
    client_id text unique,
    latitude double precision,
    longitude double precision,
    interval_s integer not null,
    season_from text,                    -- MM-DD
    season_to text,
    installed_on date,
    enabled boolean not null default true,
    unique (project_id, code)
);

-- One row; the running service polls it and reloads when the number has moved.
create table registry_state (
    one_row boolean primary key default true check (one_row),
    version bigint not null,
    changed_at timestamptz not null default now()
);
insert into registry_state (version) values (1);

-- The catalogue of quantities, written by `noroshi db upgrade` from schemas/quantity.py.
create table quantity (
    quantity_id smallint primary key,
    code text not null unique,
    unit text not null,
    unit_ja text not null,
    kind text not null,
    label_ja text not null,
    label_en text not null,
    reject_low double precision not null,
    reject_high double precision not null,
    flag_low double precision not null,
    flag_high double precision not null,
    states jsonb not null default '{}'
);

-- One row for every message that was understood.
create table uplink (
    time timestamptz not null,           -- measurement time, else network time, else time of receipt
    received_at timestamptz not null,
    message_id bigint not null,          -- hash of the payload: the same bytes again are the same message
    counter bigint,                      -- f_cnt or seq
    device_time timestamptz,             -- what the device claimed, where `time` is not that
    device_id integer not null,
    payload_bytes integer not null,
    gateway_id integer,                  -- best receiving gateway, where it is registered
    rssi_dbm real,
    snr_db real,
    airtime_ms real,
    kind smallint not null,              -- schemas.uplink.EventKind
    offered smallint not null,           -- readings the message brought
    refused smallint not null,           -- of which set aside
    quality smallint,                    -- schemas.reading.Quality about the time
    gateway_count smallint,
    spreading_factor smallint,
    link jsonb                           -- everything technology-specific
);
create unique index uplink_once on uplink (device_id, time, message_id);

create table reading (
    time timestamptz not null,
    value double precision not null,     -- in the unit of the catalogue
    device_id integer not null,
    quantity_id smallint not null,
    channel smallint not null,           -- tells several probes of one quantity apart, else 0
    quality smallint                     -- schemas.reading.Quality; NULL: nothing to remark
);
create unique index reading_once on reading (device_id, quantity_id, channel, time);

-- The same device, quantity and time with another value: the first one counts, the other is here.
create table reading_conflict (
    time timestamptz not null,
    value double precision not null,
    device_id integer not null,
    quantity_id smallint not null,
    channel smallint not null,
    quality smallint,
    message_id bigint not null,
    received_at timestamptz not null,
    unique (device_id, quantity_id, channel, time, value)
);

-- What was set aside: a whole message (part 0), or single readings of a stored one (part 1, 2, ...).
create table quarantine (
    quarantine_id bigint generated always as identity primary key,
    message_id bigint not null,
    time timestamptz not null,           -- as in uplink: makes the row unique for a redelivered message
    part smallint not null,
    received_at timestamptz not null,
    reason text not null,                -- schemas.rejection.RejectionReason
    detail text not null,
    part_name text,                      -- the field or reading that is meant
    part_value jsonb,
    topic text not null,
    payload bytea,                       -- part 0 and 1 carry the bytes of the whole message
    device_id integer,
    project_id integer,
    retained boolean not null default false,
    replayed_at timestamptz,
    unique (message_id, time, part)
);
create index quarantine_open on quarantine (reason, received_at) where replayed_at is null;

-- First time of receipt of messages that have no time of their own, by the packet id the broker
-- will redeliver them under: what came again after a crash is recognised by it.
create table delivery (
    client_id text not null,
    packet_id integer not null,
    message_id bigint not null,
    received_at timestamptz not null,
    primary key (client_id, packet_id)
);

-- The account: messages and readings by hour of receipt, written in the transaction of the batch
-- itself. Each writer has its own rows, so that two of them never wait for each other.
create table tally (
    hour timestamptz not null,
    project_id integer not null,         -- 0: not known
    writer text not null,
    stored bigint not null default 0,
    duplicate bigint not null default 0,
    quarantined bigint not null default 0,
    readings_offered bigint not null default 0,
    readings_stored bigint not null default 0,
    readings_duplicate bigint not null default 0,
    readings_conflict bigint not null default 0,
    readings_quarantined bigint not null default 0,
    payload_bytes bigint not null default 0,
    primary key (hour, project_id, writer)
);
