-- While the service runs: safe, it adds a column with a default; `delivery` is locked until the upgrade commits.

-- How many messages the session had delivered when the note was made: packet ids and bytes may both come again,
-- but a redelivery is never further back than the broker's window. Rows with a negative packet id belong to the
-- writers and hold the newest position each has committed.
alter table delivery add column position bigint not null default 0;
