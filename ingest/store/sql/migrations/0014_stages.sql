-- While the service runs: safe, it adds a table; changes of the registry wait until the upgrade commits.

-- From which level on somebody acts (基準水位), by whose word, and for how long that holds.

create table device_stage (
    device_stage_id integer generated always as identity primary key,
    device_id integer not null references device,
    quantity_id smallint not null references quantity,
    channel smallint not null,
    rank smallint not null,              -- 1 is the lowest
    name text not null,
    name_en text not null,               -- '' where nobody wrote one
    level_m double precision not null,
    official boolean not null,           -- set by the state or the prefecture
    ref_level smallint,                  -- level of alert it is held against: a hint
    source text,
    datum text,
    valid_from timestamptz,              -- null: from ever
    valid_to timestamptz                 -- the first moment it no longer holds; null: until further notice
);
create unique index device_stage_once on device_stage
    (device_id, quantity_id, channel, rank, coalesce(valid_from, '-infinity'));
