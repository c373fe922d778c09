-- While the service runs: safe, it adds a table.

-- Which sessions workers have in the broker. With other than one worker, messages are dealt out among them, and what
-- waits in the session of one reaches no other. When fewer workers are started, the sessions of the rest are emptied
-- and removed, and only then forgotten here. Worker 1 has the client id itself, worker N has it with -N after it.
create table worker_session (
    client_id text not null,
    worker smallint not null,
    since timestamptz not null default now(),
    primary key (client_id, worker)
);
