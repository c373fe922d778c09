-- While the service runs: safe, it adds a table and a column; `device` (small) is locked until the upgrade commits.

alter table device add column sparkplug_id text unique;  -- group/edge node, or group/edge node/device

-- What Sparkplug B nodes said about themselves: births, which say what the numbers in later messages mean, and deaths.
-- Written in the transaction of the batch they came with, and only added to, so that the order of two writers is of no
-- consequence. The last sessions of a node are kept: what is redelivered or replayed is read as it was meant.
create table sparkplug_session (
    node text not null,                  -- group/edge node
    device text not null,                -- '' for the node itself
    event text not null,                 -- NBIRTH, DBIRTH, NDEATH
    message_id bigint not null,
    said_ms bigint not null,             -- by the clock of the node; of a death the time of receipt; -1: not said
    received_at timestamptz not null,
    bd_seq bigint,
    metrics jsonb not null default '[]', -- [name, alias, datatype, unit, time in ms] of each
    primary key (node, device, message_id, said_ms)
);
