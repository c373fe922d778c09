-- The sums by day of many devices at once, for screens that show a fleet: closed days from the tables, what is due
-- device by device, and what is still open in one go for all of them. Those by hour: rollup_hours_between.

create function rollup_open_day(first_day date) returns date
language sql stable as $$
    -- Before any day is closed the boundary lies in the infinite past, which is no day.
    select greatest(rollup_day_of(greatest(s.materialised_until, rollup_midnight(first_day))), first_day)
    from rollup_state s
$$;

comment on function rollup_open_day is
'集計表にまだない最初の日。first_day より前にはならない。
The first day that is not in the tables by day yet, not before first_day.';

create function rollup_day_work(devices integer[], first_day date, until_day date)
returns table (devices_ integer[], starts date, ends date)
language plpgsql stable rows 10 set plan_cache_mode = force_custom_plan set jit = off as $$
declare
    open_ constant date = rollup_open_day(first_day);
begin
    return query
    select array[p.device_id], greatest(p.first_day, rollup_day_work.first_day),
        least(p.until_day, rollup_day_work.until_day)
    from rollup_pending_days p
    where p.first_day < rollup_day_work.until_day and p.until_day > rollup_day_work.first_day
      and p.device_id = any(devices)
    union all
    select devices, open_, rollup_day_work.until_day where open_ < rollup_day_work.until_day;
end
$$;

comment on function rollup_day_work is
'期間のうち、集計表によらずその場で計算すべき日: 計算待ちの日は機器ごと、まだ締め切っていない日は全機器まとめて。
Of a period the days that are to be computed on the spot: those that are due device by device, those still open for all devices at once.';

create function rollup_uplink_days(devices integer[], first_day date, until_day date)
returns table (
    day date, device_id integer, received integer, payload_bytes bigint, airtime_ms double precision,
    lost bigint, resets integer, rssi_worst real, rssi_median double precision,
    snr_worst real, snr_median double precision, first_at timestamptz, last_at timestamptz
)
language plpgsql stable rows 1000 set plan_cache_mode = force_custom_plan set jit = off as $$
#variable_conflict use_column
declare
    closed_ constant date = least(rollup_open_day(first_day), until_day);
begin
    return query
    select u.day, u.device_id, u.received, u.payload_bytes, u.airtime_ms, u.lost, u.resets,
        u.rssi_worst, u.rssi_median, u.snr_worst, u.snr_median, u.first_at, u.last_at
    from uplink_day u
    where u.day >= first_day and u.day < closed_ and u.device_id = any(devices)
      and not exists (
          select from rollup_pending_days p
          where p.device_id = u.device_id and u.day >= p.first_day and u.day < p.until_day
      )
    union all
    select rollup_day_of(c.starts), c.device_id, c.received, c.payload_bytes, c.airtime_ms, c.lost, c.resets,
        c.rssi_worst, c.rssi_median, c.snr_worst, c.snr_median, c.first_at, c.last_at
    from rollup_day_work(devices, first_day, until_day) w
    cross join lateral rollup_uplinks(w.devices_, rollup_midnight(w.starts), rollup_midnight(w.ends), '1 day') c;
end
$$;

comment on function rollup_uplink_days is
'多数の機器の1日(日本時間)ごとの通信の集計(列は rollup_uplinks と同じ)。first_day から until_day の前日まで。
Messages by day in Japan of many devices at once, from first_day to the day before until_day; the columns mean what they mean in rollup_uplinks.';

create function rollup_quantity_days(devices integer[], quantities smallint[], first_day date, until_day date)
returns table (
    day date, device_id integer, quantity_id smallint, channel smallint, count integer,
    minimum double precision, maximum double precision, total double precision, increase double precision
)
language plpgsql stable rows 1000 set plan_cache_mode = force_custom_plan set jit = off as $$
#variable_conflict use_column
begin
    return query
    select d.day, d.device_id, d.quantity_id, d.channel, d.count, d.minimum, d.maximum, d.total, d.increase
    from rollup_daily_of(devices, first_day, until_day, quantities) d;
end
$$;

comment on function rollup_quantity_days is
'多数の機器の、いくつかの項目の1日(日本時間)ごとの集計(列は rollup_hours と同じ)。first_day から until_day の前日まで。
Sums by day in Japan of some quantities of many devices at once, from first_day to the day before until_day; the columns mean what they mean in rollup_hours.';
