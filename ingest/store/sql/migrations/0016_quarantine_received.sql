-- What was set aside today is summed up at every start; what is old enough goes by the policy of retention.
create index quarantine_received on quarantine (received_at);
