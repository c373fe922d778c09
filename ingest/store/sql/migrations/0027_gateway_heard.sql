-- While the service runs: safe, it adds a table and fills it from the messages of a week.

-- When something last came through each gateway, whichever device it was and wherever that one was heard since. Written
-- by the service every few seconds; a gateway that is silent is told by this, not by the devices registered behind it.
create table gateway_heard (
    gateway_id integer primary key,
    received_at timestamptz not null
) with (fillfactor = 50);                -- a few rows, each written again in its place

insert into gateway_heard (gateway_id, received_at)
select gateway_id, max(received_at) from uplink_packed
where gateway_id is not null and time > now() - interval '7 days' and kind <> 9
group by gateway_id;
