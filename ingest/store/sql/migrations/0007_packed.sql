-- While the service runs: stop it first. Every uplink and reading is copied: it takes hours where there are years, and
-- room for a second copy on the disk; nothing can be stored meanwhile.

-- Doubles that carry decimals compress badly, whole numbers well: a reading becomes amount / per, and `exact` keeps the
-- double itself where no such pair of numbers gives it back bit by bit. Readers go on reading the views `reading` and
-- `uplink`, with the columns they always had.

alter table uplink rename to uplink_before;
alter table reading rename to reading_before;
alter index uplink_once rename to uplink_before_once;
alter index reading_once rename to reading_before_once;

create table uplink_packed (
    time timestamptz not null,           -- measurement time, else network time, else time of receipt
    received_at timestamptz not null,
    message_id bigint not null,          -- hash of the payload: the same bytes again are the same message
    counter bigint,                      -- f_cnt or seq
    device_time timestamptz,             -- what the device claimed, where `time` is not that
    device_id integer not null,
    payload_bytes integer not null,
    gateway_id integer,                  -- best receiving gateway, where it is registered
    rssi_centi integer,                  -- hundredths of a dBm
    snr_centi integer,                   -- hundredths of a dB
    airtime_ms real,
    kind smallint not null,              -- schemas.uplink.EventKind
    offered smallint not null,           -- readings the message brought
    refused smallint not null,           -- of which set aside
    quality smallint,                    -- schemas.reading.Quality about the time
    gateway_count smallint,
    spreading_factor smallint,
    link jsonb                           -- everything technology-specific
);

create table reading_packed (
    time timestamptz not null,
    device_id integer not null,
    amount integer,                      -- the value is amount / per, in the unit of the catalogue
    quantity_id smallint not null,
    channel smallint not null,           -- tells several probes of one quantity apart, else 0
    per smallint,                        -- 1, 10, 100, ...
    quality smallint,                    -- schemas.reading.Quality; NULL: nothing to remark
    exact double precision               -- the value, where amount / per would not be it
);

insert into uplink_packed
select time, received_at, message_id, counter, device_time, device_id, payload_bytes, gateway_id,
       round(rssi_dbm * 100)::integer, round(snr_db * 100)::integer, airtime_ms, kind, offered, refused, quality,
       gateway_count, spreading_factor, link
from uplink_before;

insert into reading_packed
select time, device_id, case when fits then round(value * 1000)::integer end, quantity_id, channel,
       case when fits then 1000 end, quality, case when not fits then value end
from reading_before
cross join lateral (
    select abs(value) < 2e6 and round(value * 1000) / 1000.0::double precision = value as fits
) f;

drop table uplink_before;
drop table reading_before;

create unique index uplink_once on uplink_packed (device_id, time, message_id);
create unique index reading_once on reading_packed (device_id, quantity_id, channel, time);
-- Rows come nearly in the order of time, so this small index finds an hour of everybody.
create index uplink_when on uplink_packed using brin (time) with (pages_per_range = 32, autosummarize = on);
create index reading_when on reading_packed using brin (time) with (pages_per_range = 32, autosummarize = on);

create view uplink as
select time, received_at, message_id, counter, device_time, device_id, payload_bytes, gateway_id,
       (rssi_centi / 100.0::double precision)::real as rssi_dbm, (snr_centi / 100.0::double precision)::real as snr_db,
       airtime_ms, kind, offered, refused, quality, gateway_count, spreading_factor, link
from uplink_packed;

create view reading as
select time, coalesce(exact, amount::double precision / per) as value, device_id, quantity_id, channel, quality
from reading_packed;

-- Who writes a row by hand, or COPYs into the view, need not know how it is laid down. The service writes the tables.
create function uplink_lay_down() returns trigger language plpgsql as $$
begin
    insert into uplink_packed values (
        new.time, new.received_at, new.message_id, new.counter, new.device_time, new.device_id, new.payload_bytes,
        new.gateway_id, round(new.rssi_dbm * 100), round(new.snr_db * 100), new.airtime_ms, new.kind, new.offered,
        new.refused, new.quality, new.gateway_count, new.spreading_factor, new.link
    );
    return new;
end $$;

create function reading_lay_down() returns trigger language plpgsql as $$
declare
    fits boolean := abs(new.value) < 2e5 and round(new.value * 10000) / 10000.0::double precision = new.value;
begin
    insert into reading_packed values (
        new.time, new.device_id, case when fits then round(new.value * 10000) end, new.quantity_id, new.channel,
        case when fits then 10000 end, new.quality, case when not fits then new.value end
    );
    return new;
end $$;

create trigger uplink_lay_down instead of insert on uplink for each row execute function uplink_lay_down();
create trigger reading_lay_down instead of insert on reading for each row execute function reading_lay_down();
