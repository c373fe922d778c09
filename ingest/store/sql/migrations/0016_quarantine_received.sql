-- While the service runs: safe, it adds an index; batches of which something is quarantined wait until the upgrade
-- commits.

-- What was set aside today is summed up at every start; what is old enough goes by the policy of retention.
create index quarantine_received on quarantine (received_at);
