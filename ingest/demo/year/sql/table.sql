-- What the messages of a year are made of, for the length of a session.

drop table if exists pg_temp.year_device, pg_temp.year_rain, pg_temp.year_silence, pg_temp.year_drift,
    pg_temp.year_flood;

create temporary table year_device (
    device_id integer primary key,
    kind text not null,
    number integer not null,
    gateway_id integer,
    since timestamptz not null,
    every integer not null,           -- hours between two messages; of a gauge of two intervals while the water is low
    offset_s double precision not null,
    season_from text,
    season_to text,
    loss double precision not null,
    quiet double precision not null,
    active_cm integer                 -- from here on a gauge of two intervals sends six times an hour
);

-- The hours in which a gauge of two intervals sent six times.
create temporary table year_flood (
    device_id integer not null, hour timestamptz not null, primary key (device_id, hour)
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

create or replace function pg_temp.chance(of_device integer, hour bigint, draw integer) returns double precision
language sql immutable as $$
    select (hashint8extended(of_device * 1000000::bigint + hour, draw) & 65535) / 65536.0::double precision
$$;

-- What a gauge of a river shows.
create or replace function pg_temp.centimetres(
    of_device integer, n bigint, quiet double precision, rise double precision
) returns integer
language sql immutable as $$
    select (100 * (quiet + rise) + 2 * pg_temp.chance(of_device, n, 6))::integer
$$;

-- How many of the moments at which a device speaks, each so many hours after the first, lie before this one.
create or replace function pg_temp.spoken(hours bigint, every integer) returns bigint
language sql immutable as $$
    select (greatest(hours, 0) + every - 1) / every
$$;

-- Millimetres of rain within an hour: a rain falls within eight hours, and a day in four has a little besides.
create or replace function pg_temp.rain(at timestamptz, n bigint) returns double precision
language sql stable as $$
    select round(2 * (coalesce(sum(90 * r.metres * (array[0.05, 0.1, 0.2, 0.25, 0.2, 0.1, 0.06, 0.04])[age.h]), 0)
        + case when pg_temp.chance(7, (n + 9) / 24, 7) > 0.75 and (n + 9) % 24 between 5 and 9
            then 2 * pg_temp.chance(7, n, 8) else 0 end)) / 2
    from year_rain r
    cross join lateral (select 1 + (date_part('epoch', at - r.starts) / 3600)::integer as h) age
    where r.starts <= at and r.starts > at - interval '8 hours'
$$;

-- How high the water stands above a quiet day: every rain rises within six hours and is gone after three days.
create or replace function pg_temp.rise(at timestamptz) returns double precision
language sql stable as $$
    select coalesce(sum(r.metres * (age.h / 6) * exp(1 - age.h / 6)), 0)
    from year_rain r
    cross join lateral (select extract(epoch from at - r.starts)::double precision / 3600 as h) age
    where r.starts < at and r.starts > at - interval '4 days'
$$;
