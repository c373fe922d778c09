-- While the service runs: safe, it adds a table.

-- What gateways say about themselves: connected or not, what they have received and sent, where they stand. Counts are
-- increments since the gateway's last message: to be summed. One row every half minute and gateway is usual.
create table gateway_event (
    time timestamptz not null,           -- the gateway's time, else time of receipt
    received_at timestamptz not null,
    message_id bigint not null,          -- hash of topic and payload
    gateway_id integer not null,
    kind smallint not null,              -- schemas.gateway_report.GatewayEventKind
    online boolean,                      -- what the broker or the gateway says of its connection
    received integer,                    -- frames from devices
    received_ok integer,                 -- of which without transmission error
    wanted integer,                      -- frames to devices it was asked to send
    sent integer,                        -- of which it did send
    latitude double precision,
    longitude double precision,
    altitude double precision,
    more jsonb
);
create unique index gateway_event_once on gateway_event (gateway_id, time, message_id);
-- The last change of connection is asked for often, and lies far back where all is well.
create index gateway_event_conn on gateway_event (gateway_id, time) where kind = 1;
