-- While the service runs: safe, it adds a table with one row. The service takes its new name at its next start.

-- The name under which this installation comes to its broker. A broker hands a session, with all it holds, to whoever
-- comes with its client id: so nobody may be able to guess it. It is made once, by chance, and lies with the data, so
-- that a restored database or a machine that replaces another finds what the broker kept. 23 characters are what every
-- broker has to accept.
create table installation (
    one boolean primary key default true check (one),
    client_id text not null,
    former_client_id text
);

comment on column installation.former_client_id is
    'The session under this name may still hold messages: it is emptied at the next start, then this is null';

-- Until now every installation was called noroshi-ingest unless told otherwise. One that has taken messages is known by
-- the last of them; one that has taken none, but has a registry, may have been waiting for its first.
insert into installation (client_id, former_client_id)
select 'noroshi-' || right(replace(gen_random_uuid()::text, '-', ''), 15),
       case when coalesce((select client_id ~ '^noroshi-ingest(-[0-9]+)?$' from delivery order by received_at desc limit 1),
                          exists (select from project))
            then 'noroshi-ingest' end;
