-- What the messages of a year are made of, for the length of a session.

create temporary table year_device (
    device_id integer primary key,
    kind text not null,
    number integer not null,
    gateway_id integer,
    since timestamptz not null,
    offset_s double precision not null,
    season_from text,
    season_to text,
    loss double precision not null,
    quiet double precision not null
);

create temporary table year_rain (starts timestamptz not null, metres double precision not null);

-- When a device was not heard. `mute`: it did not send; else nobody heard it. `arrives`: when it was heard after all.
create temporary table year_silence (
    device_id integer not null,
    starts timestamptz not null,
    ends timestamptz not null,
    mute boolean not null,
    battery boolean not null,
    arrives timestamptz
);

create temporary table year_drift (
    device_id integer not null, starts timestamptz not null, ends timestamptz not null, per_day double precision not null
);

create or replace function pg_temp.chance(of_device integer, hour timestamptz, draw integer) returns double precision
language sql immutable as $$
    select (hashint8extended(of_device * 1000000::bigint + (extract(epoch from hour) / 3600)::bigint, draw) & 65535) / 65536.0
$$;

-- How high the water stands above a quiet day: every rain rises within six hours and is gone after three days.
create or replace function pg_temp.rise(at timestamptz) returns double precision
language sql stable as $$
    select coalesce(sum(r.metres * (age.h / 6) * exp(1 - age.h / 6)), 0)
    from year_rain r
    cross join lateral (select extract(epoch from at - r.starts)::double precision / 3600 as h) age
    where r.starts < at and r.starts > at - interval '4 days'
$$;
