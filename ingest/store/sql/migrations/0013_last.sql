-- While the service runs: safe, it adds tables. After the figures are installed they are filled from the history
-- (migrate.py), which takes minutes where there are years.

-- The last message of each device and the last value of each series, of what the sums by hour hold
-- (before rollup_state.materialised_until). Who fell silent months ago is looked up here and not searched for in every
-- chunk. Kept by whoever computes the sums; read through rollup_last_uplink and figure_latest.
create table last_uplink (
    device_id integer primary key,
    time timestamptz not null,
    received_at timestamptz not null,
    gateway_id integer,
    rssi_dbm real,
    snr_db real
) with (fillfactor = 60);                -- every hour each row is written again, in its place

create table last_reading (
    device_id integer not null,
    quantity_id smallint not null,
    channel smallint not null,
    quality smallint,
    time timestamptz not null,
    value double precision not null,     -- as it counts (reading_counted)
    primary key (device_id, quantity_id, channel)
) with (fillfactor = 60);
