-- While the service runs: safe, it adds an index; batches of which something is quarantined wait until the upgrade
-- commits.

-- The page of a device says how much of it is set aside, each time it is refreshed.
create index quarantine_device on quarantine (device_id) where replayed_at is null;
