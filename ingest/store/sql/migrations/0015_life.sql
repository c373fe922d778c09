-- While the service runs: safe, it adds tables.

-- A service that runs has its client id here; an orderly stop takes it out. Whoever finds its own name at its start
-- knows that the life before ended without a stop, perhaps by a message that ends every process that judges it.
create table service_life (
    client_id text primary key,
    begun_at timestamptz not null default now()
);

-- After such an end: the messages that were being judged and stored last, by a digest of topic and payload, and how
-- many of them together. Written before they are judged.
create table under_way (
    client_id text not null,
    digest bytea not null,
    together integer not null,
    primary key (client_id, digest)
);
