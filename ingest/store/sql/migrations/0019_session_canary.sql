-- While the service runs: safe, it adds a table.

-- Beside the session of a client id lies one with a few messages in flight. If they come again under these packet ids,
-- the broker kept packet ids on the way to this connection, and a redelivery is recognised by them (table delivery):
-- one that was first received behind this position, for they prove nothing about the time before they were sent.
create table session_canary (
    client_id text primary key,
    broker text not null,
    token text not null,
    packet_ids integer[] not null,
    position bigint not null,
    since timestamptz not null default now()
);
