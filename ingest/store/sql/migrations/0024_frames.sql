-- While the service runs: safe, it adds a table.

-- Which LoRaWAN frames were counted within the last hour or so: the same frame again, by another gateway or from a server
-- that does not look for repetitions, is a duplicate. One row a frame; the housekeeping lets old ones go.
create table lorawan_frame (
    received_at timestamptz not null,
    frame bigint not null,               -- hash of device address, frame counter and what the frame said
    device_id integer not null,
    primary key (device_id, frame)
);
