-- The rollups as everybody reads them: from the tables where they hold, computed on the spot where they do not yet.
-- So they are right at once after a backfill or a correction, and the housekeeping only makes them quick again.
-- Whoever asks for a device reaches the indexes: its id is a column of what is joined, not of what a function returns.

create view rollup_hourly as
select
    h.hour, h.device_id, h.quantity_id, h.channel, h.count, h.flagged, h.minimum, h.maximum, h.total, h.first, h.last,
    h.first_at, h.last_at, h.increase, coalesce(h.implausible, 0) as implausible,
    coalesce(h.provisional, false) as provisional, rollup_direction(h.east, h.north, h.count) as direction, h.east, h.north,
    h.durations
from (
    select h.hour, h.device_id, h.quantity_id, h.channel, h.count, h.flagged, h.minimum, h.maximum, h.total,
        h.first, h.last, h.first_at, h.last_at, h.increase, h.implausible, h.provisional, h.east, h.north, h.durations
    from rollup_hour h
    where not exists (select from rollup_pending p where p.device_id = h.device_id and p.hour = h.hour)
    union all
    select c.hour, span.device_id, c.quantity_id, c.channel, c.count, c.flagged, c.minimum, c.maximum, c.total,
        c.first, c.last, c.first_at, c.last_at, c.increase, c.implausible, c.provisional, c.east, c.north, c.durations
    from rollup_pending_span span
    cross join lateral rollup_hours(array[span.device_id], span.starts, span.ends) c
    union all
    select c.hour, d.device_id, c.quantity_id, c.channel, c.count, c.flagged, c.minimum, c.maximum, c.total,
        c.first, c.last, c.first_at, c.last_at, c.increase, c.implausible, c.provisional, c.east, c.north, c.durations
    from device d
    cross join lateral rollup_hours(
        array[d.device_id], (select s.materialised_until from rollup_state s), 'infinity'
    ) c
) h;

comment on view rollup_hourly is
'機器・項目・チャンネルごとの1時間の集計。列の意味は rollup_hours を参照。direction: 方位のベクトル平均(度)。測定のない時間は、状態が分かっている場合を除き行がない。
Sums by hour of each device, quantity and channel; rollup_hours defines the columns. direction: the vector mean in degrees. Hours without a reading have no row, unless a state was known (count 0).';

create function rollup_hours_between(
    devices integer[], from_ timestamptz, to_ timestamptz, quantities smallint[] default null
)
returns table (
    hour timestamptz, device_id integer, quantity_id smallint, channel smallint, count integer, flagged integer,
    minimum double precision, maximum double precision, total double precision,
    first double precision, last double precision, first_at timestamptz, last_at timestamptz,
    increase double precision, implausible integer, provisional boolean, east double precision, north double precision, durations jsonb
)
language plpgsql stable rows 1000 set plan_cache_mode = force_custom_plan set jit = off as $$
#variable_conflict use_column
declare
    open_ constant timestamptz = (select greatest(s.materialised_until, from_) from rollup_state s);
begin
    return query
    select h.hour, h.device_id, h.quantity_id, h.channel, h.count, h.flagged, h.minimum, h.maximum, h.total,
        h.first, h.last, h.first_at, h.last_at, h.increase, h.implausible, h.provisional, h.east, h.north, h.durations
    from rollup_hour h
    where h.hour >= from_ and h.hour < to_ and (devices is null or h.device_id = any(devices))
      and (quantities is null or h.quantity_id = any(quantities))
      and not exists (
          select from rollup_pending p
          where p.device_id = h.device_id and p.hour = h.hour and (devices is null or p.device_id = any(devices))
      )
    union all
    select c.*
    from rollup_pending_span span
    cross join lateral rollup_hours(array[span.device_id], greatest(span.starts, from_), least(span.ends, to_)) c
    where span.starts < to_ and span.ends > from_ and (devices is null or span.device_id = any(devices))
      and (quantities is null or c.quantity_id = any(quantities))
    union all
    select c.* from rollup_hours(devices, open_, to_) c
    where open_ < to_ and (quantities is null or c.quantity_id = any(quantities));
end
$$;

comment on function rollup_hours_between is
'rollup_hours と同じ数を、集計済みの時間は表から、それ以外はその場で計算して返す。多くの機器をまとめて読むとき、rollup_hourly より速い。quantities が NULL なら全項目。
The same as rollup_hours: from the table for hours that hold, computed on the spot for the others. Quicker than rollup_hourly for many devices, whose open hours are computed in one go. quantities null: all.';

create function rollup_uplinks_between(devices integer[], from_ timestamptz, to_ timestamptz)
returns table (
    starts timestamptz, device_id integer, received integer, payload_bytes bigint, airtime_ms double precision,
    lost bigint, resets integer, rssi_worst real, rssi_median double precision,
    snr_worst real, snr_median double precision, first_at timestamptz, last_at timestamptz
)
language plpgsql stable rows 1000 set plan_cache_mode = force_custom_plan set jit = off as $$
#variable_conflict use_column
declare
    open_ constant timestamptz = (select greatest(s.materialised_until, from_) from rollup_state s);
begin
    return query
    select h.hour, h.device_id, h.received, h.payload_bytes, h.airtime_ms, h.lost, h.resets,
        h.rssi_worst, h.rssi_median, h.snr_worst, h.snr_median, h.first_at, h.last_at
    from uplink_hour h
    where h.hour >= from_ and h.hour < to_ and (devices is null or h.device_id = any(devices))
      and not exists (
          select from rollup_pending p
          where p.device_id = h.device_id and p.hour = h.hour and (devices is null or p.device_id = any(devices))
      )
    union all
    select c.*
    from rollup_pending_span span
    cross join lateral rollup_uplinks(
        array[span.device_id], greatest(span.starts, from_), least(span.ends, to_), '1 hour'
    ) c
    where span.starts < to_ and span.ends > from_ and (devices is null or span.device_id = any(devices))
    union all
    select c.* from rollup_uplinks(devices, open_, to_, '1 hour') c where open_ < to_;
end
$$;

comment on function rollup_uplinks_between is
'rollup_uplinks と同じ数(1時間ごと)を、集計済みの時間は表から、それ以外はその場で計算して返す。
The same as rollup_uplinks by hour: from the table for hours that hold, computed on the spot for the others.';

create function rollup_days(devices integer[], first_day date, until_day date)
returns table (
    day date, device_id integer, quantity_id smallint, channel smallint, count integer, flagged integer,
    minimum double precision, maximum double precision, total double precision,
    first double precision, last double precision, first_at timestamptz, last_at timestamptz,
    increase double precision, implausible integer, provisional boolean, east double precision, north double precision, durations jsonb
)
language plpgsql stable rows 20 set plan_cache_mode = force_custom_plan set jit = off as $$
#variable_conflict use_column
declare
    from_ constant timestamptz = rollup_midnight(first_day);
    to_ constant timestamptz = rollup_midnight(until_day);
begin
    return query
    with hourly as materialized (
        select h.* from rollup_hours_between(devices, from_, to_) h
    ),
    held as (
        select d.day, d.device_id, d.quantity_id, d.channel, jsonb_object_agg(d.state, d.seconds) as durations
        from (
            select rollup_day_of(h.hour) as day, h.device_id, h.quantity_id, h.channel, one.state,
                sum(one.seconds::double precision)::numeric::double precision as seconds
            from hourly h cross join lateral jsonb_each_text(h.durations) one (state, seconds)
            group by 1, 2, 3, 4, 5
        ) d
        group by 1, 2, 3, 4
    ),
    summed as (
        select
            rollup_day_of(h.hour) as day, h.device_id, h.quantity_id, h.channel,
            sum(h.count)::integer as count, sum(h.flagged)::integer as flagged,
            min(h.minimum) as minimum, max(h.maximum) as maximum, sum(h.total)::numeric::double precision as total,
            (array_agg(h.first order by h.hour) filter (where h.count > 0))[1] as first,
            (array_agg(h.last order by h.hour desc) filter (where h.count > 0))[1] as last,
            min(h.first_at) as first_at, max(h.last_at) as last_at,
            sum(h.increase)::numeric::double precision as increase, coalesce(sum(h.implausible), 0)::integer as implausible,
            coalesce(bool_or(h.provisional), false) as provisional, sum(h.east) as east, sum(h.north) as north
        from hourly h
        group by 1, 2, 3, 4
    )
    select s.*, held.durations
    from summed s left join held using (day, device_id, quantity_id, channel);
end
$$;

comment on function rollup_days is
'1日(日本時間)ごとの集計を1時間の集計から計算する。期間は first_day から until_day の前日まで、devices が NULL なら全機器。列の意味は rollup_hours と同じ。
Sums by day in Japan, from first_day to the day before until_day, out of the sums by hour; devices null: all. The columns mean what they mean in rollup_hours.';

create view rollup_daily as
select
    d.day, d.device_id, d.quantity_id, d.channel, d.count, d.flagged, d.minimum, d.maximum, d.total, d.first, d.last,
    d.first_at, d.last_at, d.increase, coalesce(d.implausible, 0) as implausible,
    coalesce(d.provisional, false) as provisional, rollup_direction(d.east, d.north, d.count) as direction, d.east, d.north,
    d.durations
from (
    select h.day, h.device_id, h.quantity_id, h.channel, h.count, h.flagged, h.minimum, h.maximum, h.total,
        h.first, h.last, h.first_at, h.last_at, h.increase, h.implausible, h.provisional, h.east, h.north, h.durations
    from rollup_day h
    where not exists (
        select from rollup_pending_days p
        where p.device_id = h.device_id and h.day >= p.first_day and h.day < p.until_day
    )
    union all
    select c.day, p.device_id, c.quantity_id, c.channel, c.count, c.flagged, c.minimum, c.maximum, c.total,
        c.first, c.last, c.first_at, c.last_at, c.increase, c.implausible, c.provisional, c.east, c.north, c.durations
    from rollup_pending_days p
    cross join lateral rollup_days(array[p.device_id], p.first_day, p.until_day) c
    union all
    select c.day, o.device_id, c.quantity_id, c.channel, c.count, c.flagged, c.minimum, c.maximum, c.total,
        c.first, c.last, c.first_at, c.last_at, c.increase, c.implausible, c.provisional, c.east, c.north, c.durations
    from device o
    cross join lateral rollup_days(
        array[o.device_id], (select rollup_day_of(s.materialised_until) from rollup_state s), 'infinity'
    ) c
) d;

comment on view rollup_daily is
'機器・項目・チャンネルごとの1日(日本時間)の集計。列の意味は rollup_hours と rollup_hourly を参照。
Sums by day in Japan of each device, quantity and channel; rollup_hours and rollup_hourly define the columns.';

create view uplink_hourly as
select h.hour, h.device_id, h.received, h.payload_bytes, h.airtime_ms, h.lost, h.resets,
    h.rssi_worst, h.rssi_median, h.snr_worst, h.snr_median, h.first_at, h.last_at
from uplink_hour h
where not exists (select from rollup_pending p where p.device_id = h.device_id and p.hour = h.hour)
union all
select c.starts, span.device_id, c.received, c.payload_bytes, c.airtime_ms, c.lost, c.resets,
    c.rssi_worst, c.rssi_median, c.snr_worst, c.snr_median, c.first_at, c.last_at
from rollup_pending_span span
cross join lateral rollup_uplinks(array[span.device_id], span.starts, span.ends, '1 hour') c
union all
select c.starts, d.device_id, c.received, c.payload_bytes, c.airtime_ms, c.lost, c.resets,
    c.rssi_worst, c.rssi_median, c.snr_worst, c.snr_median, c.first_at, c.last_at
from device d
cross join lateral rollup_uplinks(
    array[d.device_id], (select s.materialised_until from rollup_state s), 'infinity', '1 hour'
) c;

comment on view uplink_hourly is
'機器ごとの1時間の通信の集計。列の意味は rollup_uplinks を参照。
Messages of each device by hour; rollup_uplinks defines the columns.';

create view uplink_daily as
select h.day, h.device_id, h.received, h.payload_bytes, h.airtime_ms, h.lost, h.resets,
    h.rssi_worst, h.rssi_median, h.snr_worst, h.snr_median, h.first_at, h.last_at
from uplink_day h
where not exists (
    select from rollup_pending_days p
    where p.device_id = h.device_id and h.day >= p.first_day and h.day < p.until_day
)
union all
select rollup_day_of(c.starts), p.device_id, c.received, c.payload_bytes, c.airtime_ms, c.lost, c.resets,
    c.rssi_worst, c.rssi_median, c.snr_worst, c.snr_median, c.first_at, c.last_at
from rollup_pending_days p
cross join lateral rollup_uplinks(
    array[p.device_id], rollup_midnight(p.first_day), rollup_midnight(p.until_day), '1 day'
) c
union all
select rollup_day_of(c.starts), d.device_id, c.received, c.payload_bytes, c.airtime_ms, c.lost, c.resets,
    c.rssi_worst, c.rssi_median, c.snr_worst, c.snr_median, c.first_at, c.last_at
from device d
cross join lateral rollup_uplinks(
    array[d.device_id], (select rollup_midnight(rollup_day_of(s.materialised_until)) from rollup_state s), 'infinity',
    '1 day'
) c;

comment on view uplink_daily is
'機器ごとの1日(日本時間)の通信の集計。列の意味は rollup_uplinks を参照。
Messages of each device by day in Japan; rollup_uplinks defines the columns.';
