-- While the service runs: safe, it adds tables; `quantity` (small) is locked until the upgrade commits.

-- Quantities and ranges of a project's own, and how sensors hung and when.

create sequence own_quantity as smallint minvalue 10000 maxvalue 32767;
-- Not called project_id: figures join this table `using` keys of others.
alter table quantity add of_project_id integer references project;  -- null: everybody's
alter table quantity alter quantity_id set default nextval('own_quantity');
alter table quantity drop constraint quantity_code_key;
create unique index quantity_code on quantity (coalesce(of_project_id, 0), code);

create table quantity_range (
    quantity_range_id integer generated always as identity primary key,
    project_id integer not null references project,
    quantity_id smallint not null references quantity,
    reject_low double precision,         -- null: the catalogue's
    reject_high double precision,
    flag_low double precision,
    flag_high double precision,
    unique (project_id, quantity_id)
);

create table device_binding (
    device_binding_id integer generated always as identity primary key,
    device_id integer not null references device,
    quantity_id smallint references quantity,   -- null: about the profile
    channel smallint not null,
    valid_from timestamptz,              -- null: from ever
    valid_to timestamptz,                -- the first moment it no longer holds; null: until further notice
    profile_id integer references profile,
    unit text,                           -- what the device really sends, whatever it says
    depth_cm double precision,
    mount_height_m double precision,     -- a distance sensor above gauge zero
    level text not null,                 -- quantity that a distance and a mount height give
    scale double precision not null,
    "offset" double precision not null
);
create unique index device_binding_once on device_binding
    (device_id, coalesce(quantity_id, 0), channel, coalesce(valid_from, '-infinity'));
