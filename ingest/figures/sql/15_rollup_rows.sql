-- The rows of rollup_hourly, rollup_daily and uplink_hourly for a list of devices (uplink_daily: rollup_uplink_days). The
-- views compute open hours device by device; here they are computed for the whole list at once. A row is the same in both.

create function rollup_hour_end(at timestamptz) returns timestamptz
language sql stable as $$
    select case when isfinite(at) then date_trunc('hour', at + interval '1 hour' - interval '1 microsecond') else at end
$$;

comment on function rollup_hour_end is
'その時刻以後で最初の正時。
The first full hour at this moment or after it.';

create function rollup_hourly_of(devices integer[], from_ timestamptz, to_ timestamptz)
returns table (
    hour timestamptz, device_id integer, quantity_id smallint, channel smallint, count integer, flagged integer,
    minimum double precision, maximum double precision, total double precision,
    first double precision, last double precision, first_at timestamptz, last_at timestamptz,
    increase double precision, implausible integer, provisional boolean, direction double precision,
    east double precision, north double precision, durations jsonb
)
language sql stable rows 1000 as $$
    -- The end is the end of an hour: an hour that begins before to_ is given as a whole.
    select h.hour, h.device_id, h.quantity_id, h.channel, h.count, h.flagged, h.minimum, h.maximum, h.total,
        h.first, h.last, h.first_at, h.last_at, h.increase, coalesce(h.implausible, 0),
        coalesce(h.provisional, false), rollup_direction(h.east, h.north, h.count), h.east, h.north, h.durations
    from rollup_hours_between(devices, from_, rollup_hour_end(to_)) h
    where h.hour >= from_
$$;

comment on function rollup_hourly_of is
'rollup_hourly の行のうち、これらの機器の from_ 以後 to_ より前に始まる時間のもの。締め切っていない時間を全機器まとめて計算する。
The rows of rollup_hourly of these devices, of the hours that begin in [from_, to_). Open hours are computed for all devices at once.';

create function rollup_daily_of(
    devices integer[], first_day date, until_day date, quantities smallint[] default null
)
returns table (
    day date, device_id integer, quantity_id smallint, channel smallint, count integer, flagged integer,
    minimum double precision, maximum double precision, total double precision,
    first double precision, last double precision, first_at timestamptz, last_at timestamptz,
    increase double precision, implausible integer, provisional boolean, direction double precision,
    east double precision, north double precision, durations jsonb
)
language plpgsql stable rows 1000 set plan_cache_mode = force_custom_plan set jit = off as $$
#variable_conflict use_column
declare
    closed_ constant date = least(rollup_open_day(first_day), until_day);
begin
    return query
    select d.day, d.device_id, d.quantity_id, d.channel, d.count, d.flagged, d.minimum, d.maximum, d.total,
        d.first, d.last, d.first_at, d.last_at, d.increase, coalesce(d.implausible, 0),
        coalesce(d.provisional, false), rollup_direction(d.east, d.north, d.count), d.east, d.north, d.durations
    from (
        select h.day, h.device_id, h.quantity_id, h.channel, h.count, h.flagged, h.minimum, h.maximum, h.total,
            h.first, h.last, h.first_at, h.last_at, h.increase, h.implausible, h.provisional, h.east, h.north,
            h.durations
        from rollup_day h
        where h.day >= first_day and h.day < closed_ and h.device_id = any(devices)
          and (quantities is null or h.quantity_id = any(quantities))
          and not exists (
              select from rollup_pending_days p
              where p.device_id = h.device_id and h.day >= p.first_day and h.day < p.until_day
          )
        union all
        select c.day, c.device_id, c.quantity_id, c.channel, c.count, c.flagged, c.minimum, c.maximum, c.total,
            c.first, c.last, c.first_at, c.last_at, c.increase, c.implausible, c.provisional, c.east, c.north,
            c.durations
        from rollup_day_work(devices, first_day, until_day) w
        cross join lateral rollup_days(w.devices_, w.starts, w.ends) c
        where quantities is null or c.quantity_id = any(quantities)
    ) d;
end
$$;

comment on function rollup_daily_of is
'rollup_daily の行のうち、これらの機器の first_day から until_day の前日までのもの。締め切っていない日を全機器まとめて計算する。quantities が NULL なら全項目。
The rows of rollup_daily of these devices, from first_day to the day before until_day; quantities null: all. Open days are computed for all devices at once.';

create function rollup_uplink_hourly_of(devices integer[], from_ timestamptz, to_ timestamptz)
returns table (
    hour timestamptz, device_id integer, received integer, payload_bytes bigint, airtime_ms double precision,
    lost bigint, resets integer, rssi_worst real, rssi_median double precision,
    snr_worst real, snr_median double precision, first_at timestamptz, last_at timestamptz
)
language sql stable rows 1000 as $$
    select u.starts, u.device_id, u.received, u.payload_bytes, u.airtime_ms, u.lost, u.resets,
        u.rssi_worst, u.rssi_median, u.snr_worst, u.snr_median, u.first_at, u.last_at
    from rollup_uplinks_between(devices, from_, rollup_hour_end(to_)) u
    where u.starts >= from_
$$;

comment on function rollup_uplink_hourly_of is
'uplink_hourly の行のうち、これらの機器の from_ 以後 to_ より前に始まる時間のもの。締め切っていない時間を全機器まとめて計算する。
The rows of uplink_hourly of these devices, of the hours that begin in [from_, to_). Open hours are computed for all devices at once.';
