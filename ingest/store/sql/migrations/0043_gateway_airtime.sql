-- While the service runs: safe, it adds indexes and a column that may be null; batches in which a gateway speaks wait until the
-- upgrade commits. An older service notes devices only.

-- Of what gateways say only their answers to commands are asked for by themselves, and the commands by their number.
create index gateway_event_ack on gateway_event (gateway_id, time) where kind = 3;
create index gateway_event_downlink on gateway_event (gateway_id, (more ->> 'downlink_id'), time) where kind in (3, 4);

-- What gateways sent and came late, for the watch of transmitting time (送信時間).
alter table watch_touched
    alter column device_id drop not null,
    add column gateway_id integer,
    add constraint watch_touched_of_one check (num_nonnulls(device_id, gateway_id) = 1);
