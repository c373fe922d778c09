-- While the service runs: safe, it adds a column and counts every row of `sparkplug_session`; batches with Sparkplug
-- births wait until the upgrade commits.

-- What is kept of Sparkplug births is bounded: a birth counts 4, each of its metrics 1, a long name more. The service
-- counts what it writes; of what lies here already the count is a close one. The service itself removes what is too
-- much, at its next start and with each birth.
alter table sparkplug_session add column weight integer not null default 4;

update sparkplug_session set weight = 4 + jsonb_array_length(metrics) + octet_length(metrics::text) / 500;
