-- Sums by hour, computed from what was measured. The one definition of what the tables rollup_hour, rollup_day,
-- uplink_hour and uplink_day hold. plpgsql, so that each call is planned for its own span and devices: only the chunks
-- that are meant are looked at, and a query that needs no computing plans none. They say how few rows they return, or
-- the server would compile every query around them.

-- Where one looks for the value before or after, it is a few chunks at first and all of them last.

create function rollup_before(
    device integer, quantity smallint, channel_ smallint, at timestamptz, wanted integer
)
returns table ("time" timestamptz, value double precision)
language plpgsql stable rows 2 set plan_cache_mode = force_custom_plan set jit = off as $$
declare
    upper_ timestamptz = at;
    lower_ timestamptz;
    missing_ integer = wanted;
    found_ integer;
begin
    foreach lower_ in array array[at - interval '40 days', at - interval '400 days', timestamptz '-infinity'] loop
        return query
        select r.time, r.value from reading_counted r
        where r.device_id = device and r.quantity_id = quantity and r.channel = channel_
          and r.time >= lower_ and r.time < upper_
        order by r.time desc limit missing_;
        get diagnostics found_ = row_count;
        missing_ = missing_ - found_;
        exit when missing_ = 0;
        upper_ = lower_;
    end loop;
    return query                          -- of what was let go the sums are left
    select h.last_at, h.last from rollup_hour h
    where h.device_id = device and h.quantity_id = quantity and h.channel = channel_
      and h.hour < (select s.raw_from from rollup_state s) and h.hour < at and h.count > 0
    order by h.hour desc limit missing_;
end
$$;

comment on function rollup_before is
'ある時刻より前の最後の値、新しい順に wanted 個まで。測定値が保存期間を過ぎて削除されていれば、集計に残る各時間の最後の値。
The last values of a series before a moment, the newest first, at most so many; from the sums by hour where the readings were let go.';

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
    device integer, quantity smallint, channel_ smallint, at timestamptz, until_ timestamptz, wanted integer
)
returns table ("time" timestamptz, value double precision)
language plpgsql stable rows 1 set plan_cache_mode = force_custom_plan set jit = off as $$
declare
    lower_ timestamptz = at;
    width interval = '10 days';
    missing_ integer = wanted;
    found_ integer;
begin
    while lower_ < until_ and missing_ > 0 loop
        return query
        select r.time, r.value from reading_counted r
        where r.device_id = device and r.quantity_id = quantity and r.channel = channel_
          and r.time >= lower_ and r.time < least(lower_ + width, until_)
        order by r.time limit missing_;
        get diagnostics found_ = row_count;
        missing_ = missing_ - found_;
        lower_ = lower_ + width;
        width = 4 * width;
    end loop;
end
$$;

comment on function rollup_after is
'期間 [at, until_) の最初の値、wanted 個まで。
The first values of a series in [at, until_), at most so many.';

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

create function rollup_steps(devices integer[], quantities smallint[], from_ timestamptz, to_ timestamptz)
returns table (
    device_id integer, quantity_id smallint, channel smallint, "time" timestamptz, gained double precision,
    implausible boolean, base_at timestamptz, next_at timestamptz, turn boolean
)
language plpgsql stable rows 1000 set plan_cache_mode = force_custom_plan set jit = off as $$
#variable_conflict use_column
declare
    -- Not within the query: there TimescaleDB reckons with infinity.
    since_ constant timestamptz = case when isfinite(from_) then from_ - interval '2 days' else from_ end;
    ahead_ constant timestamptz = case when isfinite(to_) then to_ + interval '2 days' else to_ end;
    latest_ constant timestamptz = now() + interval '1 day';
    counters_ constant smallint[] = array(
        select q.quantity_id from quantity q
        where q.kind = 'counter' and (quantities is null or q.quantity_id = any(quantities))
    );
begin
    return query
    with inside as materialized (
        select r.device_id, r.quantity_id, r.channel, r.time, r.value
        from reading_counted r
        where r.time >= from_ and r.time < to_ and (devices is null or r.device_id = any(devices))
          and r.quantity_id = any(counters_)
    ),
    series as materialized (
        select i.device_id, i.quantity_id, i.channel, coalesce(o.greatest_per_hour, q.greatest_per_hour) as per_hour
        from (select distinct n.device_id, n.quantity_id, n.channel from inside n) i
        join quantity q using (quantity_id)
        left join device d on d.device_id = i.device_id
        left join quantity_range o on o.project_id = d.project_id and o.quantity_id = i.quantity_id
    ),
    near as materialized (
        select s.device_id, s.quantity_id, s.channel, b.time, b.value,
            count(*) over (partition by s.device_id, s.quantity_id, s.channel) as found
        from series s
        cross join lateral (
            select p.time, p.value from reading_counted p
            where p.device_id = s.device_id and p.quantity_id = s.quantity_id and p.channel = s.channel
              and p.time < from_ and p.time >= since_
            order by p.time desc limit 2
        ) b
    ),
    lone as materialized (
        select s.device_id, s.quantity_id, s.channel from series s
        except
        select n.device_id, n.quantity_id, n.channel from near n where n.found = 2
    ),
    following as materialized (
        select s.device_id, s.quantity_id, s.channel, a.time, a.value
        from series s
        cross join lateral (
            select p.time, p.value from reading_counted p
            where p.device_id = s.device_id and p.quantity_id = s.quantity_id and p.channel = s.channel
              and p.time >= to_ and p.time < ahead_
            order by p.time limit 1
        ) a
    ),
    last_so_far as materialized (
        select s.device_id, s.quantity_id, s.channel from series s where ahead_ < latest_
        except
        select f.device_id, f.quantity_id, f.channel from following f
    ),
    placed as (
        select
            e.device_id, e.quantity_id, e.channel, e.time, e.value,
            lag(e.value) over neighbours as before, lag(e.time) over neighbours as before_at,
            lag(e.value, 2) over neighbours as earlier, lag(e.time, 2) over neighbours as earlier_at,
            lead(e.value) over neighbours as next, lead(e.time) over neighbours as next_at
        from (
            select i.* from inside i
            union all
            select n.device_id, n.quantity_id, n.channel, n.time, n.value from near n where n.found = 2
            union all
            select l.device_id, l.quantity_id, l.channel, b.time, b.value
            from lone l cross join lateral rollup_before(l.device_id, l.quantity_id, l.channel, from_, 2) b
            union all
            select f.* from following f
            union all
            select l.device_id, l.quantity_id, l.channel, a.time, a.value
            from last_so_far l
            cross join lateral rollup_after(l.device_id, l.quantity_id, l.channel, ahead_, latest_, 1) a
        ) e
        window neighbours as (partition by e.device_id, e.quantity_id, e.channel order by e.time)
    ),
    judged as (
        select p.*, s.per_hour,
            -- Nearly all values rise between neighbours: only the others are worth the call of a function.
            not (p.value >= p.before and coalesce(p.next >= p.value, true)) and rollup_wrong(
                p.before, p.value, p.next,
                rollup_limit(s.per_hour, p.time - p.before_at), rollup_limit(s.per_hour, p.next_at - p.time)
            ) as wrong,
            not (p.before >= p.earlier and p.value >= p.before) and rollup_wrong(
                p.earlier, p.before, p.value,
                rollup_limit(s.per_hour, p.before_at - p.earlier_at), rollup_limit(s.per_hour, p.time - p.before_at)
            ) as before_wrong
        from placed p join series s using (device_id, quantity_id, channel)
        where p.time >= from_ and p.time < to_
    ),
    based as (
        select j.*,
            case when j.before_wrong then j.earlier else j.before end as base,
            case when j.before_wrong then j.earlier_at else j.before_at end as base_at
        from judged j
    ),
    grown as (
        select b.*, case when b.value >= b.base then b.value - b.base else rollup_increase(b.base, b.value) end as growth, rollup_limit(b.per_hour, b.time - b.base_at) as reach
        from based b
    ),
    told as (
        select g.*,
            g.base is not null and (g.wrong or g.growth is null or coalesce(g.growth > g.reach, false)) as implausible
        from grown g
    )
    select
        t.device_id, t.quantity_id, t.channel, t.time,
        case when t.implausible then 0 else t.growth end, t.implausible, t.base_at, t.next_at,
        coalesce(t.implausible or t.value < t.before or t.before > 0 and t.value >= 2 * t.before, false)
    from told t;
end
$$;

comment on function rollup_steps is
'積算値の1測定ごとの増分、期間 [from_, to_)。gained: 誤りでない直前の値(base_at)からの増分(rollup_increase)。implausible: 1点だけの誤り(rollup_wrong)、半分以上残して戻ったもの、最大の速さ(greatest_per_hour。地区で定めたものが優先)を超えたもの。gained は0とし、数に加えない。turn: 次の値(next_at)が来るまで確定しないもの(戻った、2倍以上になった、implausible)。最初の値の gained はなし。
The increase of a counter with each reading in [from_, to_): from the value before it that is not a single wrong one (rollup_increase, rollup_wrong), however long ago. implausible: a single wrong value, a step back, or more than the greatest rate allows; it counts for nought. turn: cannot be told for sure until the next value is there. gained is null for the first value of all.';

create function rollup_hours(
    devices integer[], from_ timestamptz, to_ timestamptz, settled timestamptz default 'infinity'
)
returns table (
    hour timestamptz, device_id integer, quantity_id smallint, channel smallint, count integer, flagged integer,
    minimum double precision, maximum double precision, total double precision,
    first double precision, last double precision, first_at timestamptz, last_at timestamptz,
    increase double precision, implausible integer, provisional boolean, east double precision, north double precision, durations jsonb
)
language plpgsql stable rows 50 set plan_cache_mode = force_custom_plan set jit = off as $$
#variable_conflict use_column
begin
    return query
    select
        part.hour, part.device_id, part.quantity_id, part.channel, sum(part.count)::integer, sum(part.flagged)::integer,
        min(part.minimum), min(part.maximum), min(part.total)::numeric::double precision, min(part.first), min(part.last),
        min(part.first_at), min(part.last_at), min(part.increase)::numeric::double precision, coalesce(sum(part.implausible), 0)::integer,
        coalesce(bool_or(part.provisional), false), min(part.east), min(part.north),
        (array_agg(part.durations) filter (where part.durations is not null))[1]
    from (
        select
            m.hour, m.device_id, m.quantity_id, m.channel,
            count(*) as count, count(*) filter (where m.quality <> 0) as flagged,
            min(m.value) as minimum, max(m.value) as maximum, sum(m.value) as total,
            (array_agg(m.value order by m.time))[1] as first,
            (array_agg(m.value order by m.time))[count(*)] as last,
            min(m.time) as first_at, max(m.time) as last_at,
            null::double precision as increase, null::bigint as implausible, null::boolean as provisional,
            sum(sind(m.value)) filter (where m.kind = 'direction') as east,
            sum(cosd(m.value)) filter (where m.kind = 'direction') as north,
            null::jsonb as durations
        from (
            select
                r.*, q.kind, rollup_hour_of(r.time) as hour
            from reading_counted r join quantity q using (quantity_id)
            where r.time >= from_ and r.time < to_ and (devices is null or r.device_id = any(devices))
        ) m
        group by m.hour, m.device_id, m.quantity_id, m.channel
        union all
        select
            rollup_hour_of(step.time), step.device_id, step.quantity_id, step.channel, 0, 0,
            null, null, null, null, null, null, null,
            sum(step.gained), count(*) filter (where step.implausible),
            bool_or(step.turn and coalesce(step.next_at >= settled, true)), null, null, null
        from rollup_steps(devices, null, from_, to_) step
        group by 1, 2, 3, 4
        union all
        select
            h.hour, h.device_id, h.quantity_id, h.channel, 0, 0, null, null, null, null, null, null, null,
            null, null, null, null, null, jsonb_object_agg(h.value, h.seconds)
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
count, flagged, minimum, maximum, total, first, last: 有効な測定値(reading_counted)の件数、注記つきの件数、最小、最大、合計、最初と最後の値。increase: 積算値の増分。直前の値(何日前でも)との差を後の測定の時間に計上する(rollup_steps)。implausible: 積算値のうち、誤りとして増分に加えなかった測定の数。provisional: 暫定。最後の測定が誤りかどうか、次の測定(settled より前のもの)がまだなく、分からない。east, north: 方位の正弦・余弦の合計。durations: 状態の番号ごとの継続秒数(rollup_states)。
Sums by hour, computed from what counts (reading_counted), in [from_, to_) beginning on the hour; devices null: all. increase: of counters, to the value before, however long ago, in the hour of the later one (rollup_steps). implausible: readings of a counter that were not added, for they cannot be right. provisional: whether the last of them is right cannot be known yet, as no next one is there (before settled). east, north: sums of sine and cosine of directions. durations: seconds a state was held, by its number (rollup_states); with count 0 where nothing was measured but a state was known.';

create function rollup_states(devices integer[], from_ timestamptz, to_ timestamptz)
returns table (
    device_id integer, quantity_id smallint, channel smallint, value double precision, starts timestamptz, ends timestamptz
)
language plpgsql stable rows 50 set plan_cache_mode = force_custom_plan set jit = off as $$
#variable_conflict use_column
declare
    since constant timestamptz = case when isfinite(from_) then from_ - (
        select coalesce(max(figure_longest_patience_s(d.interval_s, d.calm_interval_s)), 0) * interval '1 second'
        from device d
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
                k.time + k.hold_s * interval '1 second', to_, now()
            ) as ends
        from (
            select d.device_id, open.quantity_id, open.channel, open.time, open.value, h.hold_s
            from device d
            cross join lateral (
                select figure_longest_patience_s(d.interval_s, d.calm_interval_s) as hold_s
            ) h
            cross join lateral (
                select distinct on (r.quantity_id, r.channel) r.quantity_id, r.channel, r.time, r.value
                from reading_counted r
                where r.device_id = d.device_id
                  and r.quantity_id = any(array(select q.quantity_id from quantity q where q.kind = 'state'))
                  and r.time >= from_ - h.hold_s * interval '1 second' and r.time < from_
                  and r.time >= since
                order by r.quantity_id, r.channel, r.time desc
            ) open
            where devices is null or d.device_id = any(devices)
            union all
            select r.device_id, r.quantity_id, r.channel, r.time, r.value,
                figure_longest_patience_s(d.interval_s, d.calm_interval_s)
            from reading_counted r join device d using (device_id)
            where r.time >= from_ and r.time < to_ and (devices is null or r.device_id = any(devices))
              and r.quantity_id = any(array(select q.quantity_id from quantity q where q.kind = 'state'))
        ) k
    ) s
    where s.ends > s.starts;
end
$$;

comment on function rollup_states is
'状態(ゲートの開閉など)が続いた区間、期間 [from_, to_) 内。状態は次の測定まで、ただし送信間隔の3倍(送信間隔が2つある機器では、平常時の間隔の1.5倍と長い方。figure_longest_patience_s)まで続くとみなし、その後は不明。現在時刻より先は数えない。
The spans in which a state was held, within [from_, to_). A state holds until the next reading, at most for 3 x interval_s (of a gauge of two intervals 1.5 x calm_interval_s, if that is longer: figure_longest_patience_s), and not beyond now; after that it is unknown.';

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
