-- Sums by hour, computed from what was measured. The one definition of what the tables rollup_hour, rollup_day,
-- uplink_hour and uplink_day hold. plpgsql, so that each call is planned for its own span and devices: only the chunks
-- that are meant are looked at, and a query that needs no computing plans none. They say how few rows they return, or
-- the server would compile every query around them.

-- Where one looks for the value before or after, it is a few chunks at first and all of them last.

create function rollup_before(device integer, quantity smallint, channel_ smallint, at timestamptz)
returns double precision
language plpgsql stable set plan_cache_mode = force_custom_plan set jit = off as $$
declare
    upper_ timestamptz = at;
    lower_ timestamptz;
    found_ double precision;
begin
    foreach lower_ in array array[at - interval '40 days', at - interval '400 days', timestamptz '-infinity'] loop
        found_ = (
            select r.value from reading_counted r
            where r.device_id = device and r.quantity_id = quantity and r.channel = channel_
              and r.time >= lower_ and r.time < upper_
            order by r.time desc limit 1
        );
        exit when found_ is not null;
        upper_ = lower_;
    end loop;
    return coalesce(found_, (             -- of what was let go the sums are left
        select h.last from rollup_hour h
        where h.device_id = device and h.quantity_id = quantity and h.channel = channel_
          and h.hour < (select s.raw_from from rollup_state s) and h.hour < at and h.count > 0
        order by h.hour desc limit 1
    ));
end
$$;

comment on function rollup_before is
'ある時刻より前の最後の値。測定値が保存期間を過ぎて削除されていれば、集計に残る最後の値。なければ値なし。
The last value of a series before a moment, from the sums where its readings were let go; null if there is none.';

create function rollup_counter_before(device integer, at timestamptz, counter_ bigint, session_ text)
returns bigint
language plpgsql stable set plan_cache_mode = force_custom_plan set jit = off as $$
declare
    upper_ timestamptz = at;
    lower_ timestamptz;
    found_ bigint;
begin
    foreach lower_ in array array[at - interval '40 days', at - interval '400 days', timestamptz '-infinity'] loop
        found_ = (
            select rollup_counter_since(u.counter, u.link ->> 'dev_addr', counter_, session_) from uplink u
            where u.device_id = device and u.time >= lower_ and u.time < upper_
              and (u.counter is not null or u.kind = 2)
            order by u.time desc, u.received_at desc, u.message_id desc limit 1
        );
        exit when found_ is not null;
        upper_ = lower_;
    end loop;
    return found_;
end
$$;

comment on function rollup_counter_before is
'ある時刻より前の最後の通番。その間に機器が再参加していれば、そのメッセージ自身の通番(欠落も数え直しもない)。なければ値なし。
The last message counter of a device before a moment; that of the message itself (nothing lost, nothing reset) if the device has joined since; null if there is none.';

create function rollup_after(
    device integer, quantity smallint, channel_ smallint, at timestamptz, until_ timestamptz
)
returns timestamptz
language plpgsql stable set plan_cache_mode = force_custom_plan set jit = off as $$
declare
    lower_ timestamptz = at;
    width interval = '10 days';
    found_ timestamptz;
begin
    while lower_ < until_ and found_ is null loop
        found_ = (
            select r.time from reading_counted r
            where r.device_id = device and r.quantity_id = quantity and r.channel = channel_
              and r.time >= lower_ and r.time < least(lower_ + width, until_)
            order by r.time limit 1
        );
        lower_ = lower_ + width;
        width = 4 * width;
    end loop;
    return found_;
end
$$;

comment on function rollup_after is
'期間 [at, until_) の最初の値の時刻。なければ値なし。
When a series has its first value in [at, until_); null if there is none.';

create function rollup_counter_after(device integer, at timestamptz, until_ timestamptz)
returns timestamptz
language plpgsql stable set plan_cache_mode = force_custom_plan set jit = off as $$
declare
    lower_ timestamptz = at;
    width interval = '10 days';
    found_ timestamptz;
begin
    while lower_ < until_ and found_ is null loop
        found_ = (
            select u.time from uplink u
            where u.device_id = device and u.time >= lower_ and u.time < least(lower_ + width, until_)
              and u.counter is not null
            order by u.time limit 1
        );
        lower_ = lower_ + width;
        width = 4 * width;
    end loop;
    return found_;
end
$$;

comment on function rollup_counter_after is
'期間 [at, until_) の最初の通番つきメッセージの時刻。なければ値なし。
When a device has its first message with a counter in [at, until_); null if there is none.';

create function rollup_hours(devices integer[], from_ timestamptz, to_ timestamptz)
returns table (
    hour timestamptz, device_id integer, quantity_id smallint, channel smallint, count integer, flagged integer,
    minimum double precision, maximum double precision, total double precision,
    first double precision, last double precision, first_at timestamptz, last_at timestamptz,
    increase double precision, east double precision, north double precision, durations jsonb
)
language plpgsql stable rows 50 set plan_cache_mode = force_custom_plan set jit = off as $$
#variable_conflict use_column
declare
    -- Not within the query: there TimescaleDB reckons with infinity.
    since constant timestamptz = case when isfinite(from_) then from_ - interval '2 days' else from_ end;
begin
    return query
    select
        part.hour, part.device_id, part.quantity_id, part.channel, sum(part.count)::integer, sum(part.flagged)::integer,
        min(part.minimum), min(part.maximum), min(part.total), min(part.first), min(part.last),
        min(part.first_at), min(part.last_at), min(part.increase), min(part.east), min(part.north),
        (array_agg(part.durations) filter (where part.durations is not null))[1]
    from (
        select
            m.hour, m.device_id, m.quantity_id, m.channel,
            count(*) as count, count(*) filter (where m.quality <> 0) as flagged,
            min(m.value) as minimum, max(m.value) as maximum, sum(m.value) as total,
            (array_agg(m.value order by m.time))[1] as first,
            (array_agg(m.value order by m.time))[count(*)] as last,
            min(m.time) as first_at, max(m.time) as last_at,
            sum(rollup_increase(m.previous, m.value)) filter (where m.kind = 'counter') as increase,
            sum(sind(m.value)) filter (where m.kind = 'direction') as east,
            sum(cosd(m.value)) filter (where m.kind = 'direction') as north,
            null::jsonb as durations
        from (
            select
                r.*, q.kind, rollup_hour_of(r.time) as hour,
                case when q.kind = 'counter' then coalesce(
                    lag(r.value) over (partition by r.device_id, r.quantity_id, r.channel order by r.time),
                    (
                        select p.value from reading_counted p
                        where p.device_id = r.device_id and p.quantity_id = r.quantity_id and p.channel = r.channel
                          and p.time < r.time and p.time >= since
                        order by p.time desc limit 1
                    ),
                    rollup_before(r.device_id, r.quantity_id, r.channel, r.time)
                ) end as previous
            from reading_counted r join quantity q using (quantity_id)
            where r.time >= from_ and r.time < to_ and (devices is null or r.device_id = any(devices))
        ) m
        group by m.hour, m.device_id, m.quantity_id, m.channel
        union all
        select
            h.hour, h.device_id, h.quantity_id, h.channel, 0, 0, null, null, null, null, null, null, null,
            null, null, null, jsonb_object_agg(h.value, h.seconds)
        from (
            select
                hour.starts as hour, held.device_id, held.quantity_id, held.channel, held.value::bigint::text as value,
                sum(extract(
                    epoch from least(held.ends, hour.starts + interval '1 hour') - greatest(held.starts, hour.starts)
                ))::double precision as seconds
            from rollup_states(devices, from_, to_) held
            cross join lateral generate_series(
                rollup_hour_of(held.starts), held.ends - interval '1 microsecond', interval '1 hour'
            ) hour (starts)
            group by hour.starts, held.device_id, held.quantity_id, held.channel, held.value
        ) h
        group by h.hour, h.device_id, h.quantity_id, h.channel
    ) part
    group by part.hour, part.device_id, part.quantity_id, part.channel;
end
$$;

comment on function rollup_hours is
'1時間ごとの集計を測定値から計算する。期間 [from_, to_)(毎時0分から)、devices が NULL なら全機器。
count, flagged, minimum, maximum, total, first, last: 有効な測定値(reading_counted)の件数、注記つきの件数、最小、最大、合計、最初と最後の値。increase: 積算値の増分。直前の値(何日前でも)との差を後の測定の時間に計上する(rollup_increase)。east, north: 方位の正弦・余弦の合計。durations: 状態の番号ごとの継続秒数(rollup_states)。
Sums by hour, computed from what counts (reading_counted), in [from_, to_) beginning on the hour; devices null: all. increase: of counters, to the value before, however long ago, in the hour of the later one (rollup_increase). east, north: sums of sine and cosine of directions. durations: seconds a state was held, by its number (rollup_states); with count 0 where nothing was measured but a state was known.';

create function rollup_states(devices integer[], from_ timestamptz, to_ timestamptz)
returns table (
    device_id integer, quantity_id smallint, channel smallint, value double precision, starts timestamptz, ends timestamptz
)
language plpgsql stable rows 50 set plan_cache_mode = force_custom_plan set jit = off as $$
#variable_conflict use_column
declare
    since constant timestamptz = case when isfinite(from_) then from_ - (
        select 3 * coalesce(max(d.interval_s), 0) * interval '1 second' from device d
        where devices is null or d.device_id = any(devices)
    ) else from_ end;
begin
    return query
    select s.*
    from (
        select
            k.device_id, k.quantity_id, k.channel, k.value, greatest(k.time, from_) as starts,
            least(
                lead(k.time) over (partition by k.device_id, k.quantity_id, k.channel order by k.time),
                k.time + 3 * k.interval_s * interval '1 second', to_, now()
            ) as ends
        from (
            select d.device_id, open.quantity_id, open.channel, open.time, open.value, d.interval_s
            from device d
            cross join lateral (
                select distinct on (r.quantity_id, r.channel) r.quantity_id, r.channel, r.time, r.value
                from reading_counted r
                where r.device_id = d.device_id
                  and r.quantity_id = any(array(select q.quantity_id from quantity q where q.kind = 'state'))
                  and r.time >= from_ - 3 * d.interval_s * interval '1 second' and r.time < from_
                  and r.time >= since
                order by r.quantity_id, r.channel, r.time desc
            ) open
            where devices is null or d.device_id = any(devices)
            union all
            select r.device_id, r.quantity_id, r.channel, r.time, r.value, d.interval_s
            from reading_counted r join device d using (device_id)
            where r.time >= from_ and r.time < to_ and (devices is null or r.device_id = any(devices))
              and r.quantity_id = any(array(select q.quantity_id from quantity q where q.kind = 'state'))
        ) k
    ) s
    where s.ends > s.starts;
end
$$;

comment on function rollup_states is
'状態(ゲートの開閉など)が続いた区間、期間 [from_, to_) 内。状態は次の測定まで、ただし送信間隔の3倍まで続くとみなし、その後は不明。現在時刻より先は数えない。
The spans in which a state was held, within [from_, to_). A state holds until the next reading, at most for 3 x interval_s, and not beyond now; after that it is unknown.';

create function rollup_uplinks(devices integer[], from_ timestamptz, to_ timestamptz, step interval)
returns table (
    starts timestamptz, device_id integer, received integer, payload_bytes bigint, airtime_ms double precision,
    lost bigint, resets integer, rssi_worst real, rssi_median double precision,
    snr_worst real, snr_median double precision, first_at timestamptz, last_at timestamptz
)
language plpgsql stable rows 50 set plan_cache_mode = force_custom_plan set jit = off as $$
#variable_conflict use_column
declare
    -- Not within the query: there TimescaleDB reckons with infinity.
    since constant timestamptz = case when isfinite(from_) then from_ - interval '2 days' else from_ end;
begin
    return query
    select
        m.starts, m.device_id, (count(*) filter (where m.kind in (0, 4)))::integer, sum(m.payload_bytes)::bigint,
        sum(m.airtime_ms)::double precision,
        sum(rollup_lost(m.previous, m.counter))::bigint,
        (count(*) filter (where rollup_reset(m.previous, m.counter)))::integer,
        min(m.rssi_dbm), percentile_cont(0.5) within group (order by m.rssi_dbm),
        min(m.snr_db), percentile_cont(0.5) within group (order by m.snr_db),
        min(m.time), max(m.time)
    from (
        select
            u.time, u.device_id, u.counter, u.kind, u.payload_bytes, u.airtime_ms, u.rssi_dbm, u.snr_db,
            date_bin(step, u.time, timestamptz '2000-01-01 00:00+09') as starts,
            case when u.counter is not null then coalesce(
                case when lag(u.time) over counted is not null then
                    rollup_counter_since(lag(u.counter) over counted, lag(u.session) over counted, u.counter, u.session)
                end,
                (
                    select rollup_counter_since(p.counter, p.link ->> 'dev_addr', u.counter, u.session)
                    from uplink p
                    where p.device_id = u.device_id and p.time < u.time and p.time >= since
                      and (p.counter is not null or p.kind = 2)
                    order by p.time desc, p.received_at desc, p.message_id desc limit 1
                ),
                rollup_counter_before(u.device_id, u.time, u.counter, u.session)
            ) end as previous
        from (
            select
                v.time, v.received_at, v.message_id, v.device_id, v.counter, v.kind, v.payload_bytes, v.airtime_ms,
                v.rssi_dbm, v.snr_db, v.link ->> 'dev_addr' as session
            from uplink v
            where v.time >= from_ and v.time < to_ and (devices is null or v.device_id = any(devices))
            offset 0           -- the address is read before rows are sorted, or their link records would be, too
        ) u
        window counted as (    -- messages with a counter, and joins: they begin it anew
            partition by u.device_id, u.counter is null and u.kind <> 2 order by u.time, u.received_at, u.message_id
        )
    ) m
    group by m.starts, m.device_id;
end
$$;

comment on function rollup_uplinks is
'機器ごとの通信の集計。期間 [from_, to_)、幅 step。received: 測定メッセージ数(UPLINK と BACKFILL)。payload_bytes, airtime_ms: 全種のメッセージの合計。lost, resets: 通番から数えた欠落と数え直し(rollup_lost, rollup_reset)。再参加(ジョイン、または端末アドレスの変更)の前後は数えない。通番がなければ lost は値なし。RSSI と SNR の最悪値と中央値。
Messages of each device in [from_, to_) by buckets of step. received: messages of kind UPLINK and BACKFILL; payload_bytes, airtime_ms: of every kind. lost, resets: by the counter, in the order of measurement (rollup_lost, rollup_reset); across a rejoin (a join, or another device address) nothing is counted; lost is null where no counter was told. Worst and median RSSI and SNR.';
