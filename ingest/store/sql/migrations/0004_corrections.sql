-- While the service runs: safe, it adds tables and functions; changes of the registry wait until the upgrade commits.

-- Corrections (訂正): a reading is never changed in place. What counts instead, since when, by whose word and why,
-- stands here; the view reading_counted reads it. A row is revoked, never changed and never deleted.
create table correction (
    correction_id integer generated always as identity primary key,
    kind text not null check (kind in ('annul', 'recalibrate', 'prefer')),
    device_id integer not null references device,
    quantity_id smallint references quantity,   -- NULL: all
    channel smallint,                           -- NULL: all
    starts timestamptz,                         -- [starts, ends); NULL: open
    ends timestamptz,
    scale double precision,                     -- recalibrate: value * scale + offset_ counts
    offset_ double precision,
    value double precision,                     -- prefer: of a recorded conflict, this value counts
    who text not null check (btrim(who) <> ''),
    made_at timestamptz not null default now(),
    why text not null check (btrim(why) <> ''),
    revoked_by text check (btrim(revoked_by) <> ''),
    revoked_at timestamptz,
    revoked_why text check (btrim(revoked_why) <> ''),
    check (starts < ends),
    check (num_nonnulls(revoked_by, revoked_at, revoked_why) in (0, 3)),
    check ((kind = 'recalibrate') = (scale is not null and offset_ is not null)),
    check (kind = 'recalibrate' or num_nonnulls(scale, offset_) = 0),
    check ((kind = 'prefer') = (value is not null)),
    check (kind = 'annul' or quantity_id is not null),
    check (kind <> 'prefer' or num_nonnulls(channel, starts, ends) = 3)
);
create index correction_in_force on correction (device_id, kind, correction_id) where revoked_at is null;

create function correction_stays() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and old.revoked_at is null and new.revoked_at is not null
        and to_jsonb(new) - '{revoked_by,revoked_at,revoked_why}'::text[]
          = to_jsonb(old) - '{revoked_by,revoked_at,revoked_why}'::text[]
    then
        return new;
    end if;
    raise exception 'a correction is revoked once, never changed and never deleted' using errcode = 'restrict_violation';
end
$$;
create trigger correction_stays before update or delete on correction
    for each row execute function correction_stays();
create trigger correction_is_not_emptied before truncate on correction
    for each statement execute function correction_stays();

-- The devices that have corrections in force, and from when to when at most: most readings belong to none, and
-- learn that by one look at a table this small.
create table corrected_device (
    device_id integer primary key,
    starts timestamptz not null,
    ends timestamptz not null
);

create function correction_reaches() returns trigger language plpgsql as $$
begin
    lock table corrected_device in share row exclusive mode;  -- of two at once the second sees the first
    delete from corrected_device where device_id = new.device_id;
    insert into corrected_device (device_id, starts, ends)
    select device_id, min(coalesce(starts, '-infinity')), max(coalesce(ends, 'infinity'))
    from correction where device_id = new.device_id and revoked_at is null
    group by device_id;
    return null;
end
$$;
create trigger correction_reaches after insert or update on correction
    for each row execute function correction_reaches();

-- How long a project keeps what, in months (保存期間). Where a project says nothing, the settings count.
-- Below what the subsidy demands only by somebody's word.
create table retention (
    project_id integer not null references project,
    kind text not null check (kind in ('raw', 'rollup', 'quarantine', 'link', 'log')),
    keep_months integer not null check (keep_months > 0),
    forced_by text,
    forced_why text,
    forced_at timestamptz,
    primary key (project_id, kind),
    check (num_nonnulls(forced_by, forced_why, forced_at) in (0, 3))
);

-- What was let go, and on what ground: after years somebody asks why there is nothing. Written in the transactions
-- that let it go.
create table retention_run (
    retention_run_id bigint generated always as identity primary key,
    ran_at timestamptz not null default now(),
    project_id integer not null,         -- 0: not known
    kind text not null,
    table_name text not null,
    before timestamptz not null,         -- what was older went
    rows bigint not null default 0,
    forced_by text,
    forced_why text
);
