-- What was expected of each device in each of its places, and what became of it: from the days of the rollups where a
-- stretch has whole days, on the spot for the days it begins or ends in, and for intervals the days are not counted by.
-- The planner does not know how many days there are and would sort them on disk, several times: hence the settings.

create function figure_plan_parts(project_code text, from_ timestamptz, to_ timestamptz, scope jsonb)
returns table (
    device_id integer, valid_from timestamptz, calm boolean, interval_s integer, starts timestamptz, ends timestamptz,
    silent_s double precision, tabled boolean, first_day date, until_day date
)
language sql stable as $$
    select s.device_id, s.valid_from, s.calm, s.interval_s, s.starts, s.ends,
        (case when s.calm then 1.5 else 3 end * s.interval_s)::double precision,
        not s.calm and s.interval_s = d.interval_s and d.calm_interval_s is null,
        rollup_day_of(s.starts) + case when rollup_midnight(rollup_day_of(s.starts)) < s.starts then 1 else 0 end,
        case when s.ends = to_ then rollup_day_of(to_ - interval '1 microsecond') + 1 else rollup_day_of(s.ends) end
    from figure_plan_stretch(project_code, from_, to_, scope) s
    join device d using (device_id)
$$;

comment on function figure_plan_parts is
'figure_plan_stretch の期間に、まるごと含む日(first_day から until_day の前日まで)と、途絶とみなす長さ silent_s(送信間隔の3倍、平常時は1.5倍)を添えたもの。tabled: 日ごとの集計(rollup_usage_day)の送信間隔と同じ。
The stretches, with the days that lie in them as a whole, and after how long without a measurement a device is down (three intervals, in calm mode 1.5). tabled: the sums by day are counted by this interval.';

create function figure_plan_usage(project_code text, from_ timestamptz, to_ timestamptz, scope jsonb)
returns table (
    device_id integer, valid_from timestamptz, calm boolean, starts timestamptz, before_at timestamptz,
    readings bigint, flagged bigint, uplinks bigint, payload_bytes bigint, first_at timestamptz, last_at timestamptz,
    dead_s double precision, slots bigint, slot_first bigint, slot_last bigint, halves bigint, half_first bigint,
    half_last bigint, late_classes smallint[], late_counts integer[]
)
language plpgsql stable rows 1000 set plan_cache_mode = force_custom_plan set jit = off
set work_mem = '64MB' set enable_mergejoin = off as $$
#variable_conflict use_column
declare
    -- The age at the beginning is told by what was measured before it.
    lookback_ constant timestamptz = rollup_midnight(rollup_day_of(from_)) - (
        select coalesce(max(greatest(ceil(p.silent_s / 86400), 1)), 1)
        from figure_plan_parts(project_code, from_, to_, scope) p
    ) * interval '1 day';
begin
    return query
    with part as materialized (
        select row_number() over () as part, rollup_day_of(p.starts) as day_of, p.*
        from figure_plan_parts(project_code, from_, to_, scope) p
    ),
    day as materialized (
        select u.* from rollup_usage_between(
            (select coalesce(array_agg(distinct p.device_id), '{}') from part p), lookback_, to_
        ) u
    ),
    piece as materialized (      -- what is counted on the spot; `inside` is false for what only tells the age
        select p.part, p.device_id, p.interval_s, p.silent_s, x.starts, x.ends, x.inside
        from part p
        cross join lateral (
            select p.starts, p.ends, true as inside where not p.tabled
            union all
            select p.starts, least(rollup_midnight(p.first_day), p.ends), true
            where p.tabled and p.starts < least(rollup_midnight(p.first_day), p.ends)
            union all
            select rollup_midnight(p.until_day), p.ends, true
            where p.tabled and p.until_day >= p.first_day and rollup_midnight(p.until_day) < p.ends
            union all
            select rollup_midnight(p.day_of), p.starts, false where p.starts > rollup_midnight(p.day_of)
        ) x
    ),
    spot as materialized (
        select g.starts as piece_starts, g.ends as piece_ends, g.interval_s as piece_interval, g.silent_s as piece_silent, c.*
        from (
            select p.starts, p.ends, p.interval_s, p.silent_s, array_agg(distinct p.device_id) as devices
            from piece p group by p.starts, p.ends, p.interval_s, p.silent_s
        ) g
        cross join lateral rollup_usage(g.devices, g.starts, g.ends, g.interval_s, g.silent_s) c
    ),
    chunk as not materialized (
        select p.part, p.silent_s, d.readings, d.flagged, d.uplinks, d.payload_bytes, d.measured_first, d.measured_last,
            coalesce(d.dead_s, greatest(d.gap_s - p.silent_s, 0)) as dead_s,
            d.slots, d.slot_first, d.slot_last, d.halves, d.half_first, d.half_last, d.late_classes, d.late_counts
        from part p
        join day d on d.device_id = p.device_id and d.day >= p.first_day and d.day < p.until_day
        where p.tabled
        union all
        select p.part, p.silent_s, c.readings, c.flagged, c.uplinks, c.payload_bytes, c.measured_first, c.measured_last,
            c.dead_s, c.slots, c.slot_first, c.slot_last, c.halves, c.half_first, c.half_last, c.late_classes, c.late_counts
        from piece p
        join spot c on c.device_id = p.device_id and c.piece_starts = p.starts and c.piece_ends = p.ends
            and c.piece_interval = p.interval_s and c.piece_silent = p.silent_s
        where p.inside
    ),
    beside as (                  -- each chunk beside the one before it; those without a measurement come last
        select c.*, c.slot_first = lag(c.slot_last) over earlier as slot_twice,
            c.half_first = lag(c.half_last) over earlier as half_twice,
            date_part('epoch', c.measured_first - lag(c.measured_last) over earlier) - c.silent_s as gone_s
        from (
            select k.part, k.silent_s, k.readings, k.flagged, k.uplinks, k.payload_bytes, k.measured_first, k.measured_last,
                k.dead_s, k.slots, k.slot_first, k.slot_last, k.halves, k.half_first, k.half_last
            from chunk k
        ) c
        window earlier as (partition by c.part order by c.measured_first)
    ),
    summed as (
        select b.part, sum(b.readings) as readings, sum(b.flagged) as flagged, sum(b.uplinks) as uplinks,
            sum(b.payload_bytes) as payload_bytes, min(b.measured_first) as first_at, max(b.measured_last) as last_at,
            sum(b.dead_s) + coalesce(sum(b.gone_s) filter (where b.gone_s > 0), 0) as dead_s,
            sum(b.slots) - count(*) filter (where b.slot_twice) as slots,
            min(b.slot_first) as slot_first, max(b.slot_last) as slot_last,
            sum(b.halves) - count(*) filter (where b.half_twice) as halves,
            min(b.half_first) as half_first, max(b.half_last) as half_last
        from beside b group by b.part
    ),
    late as (
        select l.part, array_agg(l.class order by l.class) as classes, array_agg(l.times order by l.class) as counts
        from (
            select e.part, e.class, sum(e.times)::integer as times
            from (select c.part, unnest(c.late_classes) as class, unnest(c.late_counts) as times from chunk c) e
            group by e.part, e.class
        ) l
        group by l.part
    ),
    seen as (
        select p.part, d.measured_last as at
        from part p join (select y.* from day y where y.day < rollup_day_of(from_)) d on d.device_id = p.device_id
        where p.starts = from_
        union all
        select p.part, d.measured_last
        from part p
        join day d on d.device_id = p.device_id and d.day < p.day_of and d.day >= p.day_of - ceil(p.silent_s / 86400)::integer
        where p.starts > from_
        union all
        select p.part, c.measured_last
        from part p join spot c on c.device_id = p.device_id and c.piece_ends = p.starts
    ),
    earlier as (
        select s.part, max(s.at) as at from seen s group by s.part
    )
    select
        p.device_id, p.valid_from, p.calm, p.starts, e.at, coalesce(s.readings, 0)::bigint, coalesce(s.flagged, 0)::bigint,
        coalesce(s.uplinks, 0)::bigint, coalesce(s.payload_bytes, 0)::bigint, s.first_at, s.last_at,
        coalesce(s.dead_s, 0)
            + greatest(date_part('epoch', coalesce(s.first_at, p.ends) - greatest(p.starts, e.at + p.silent_s * interval '1 second')), 0)
            + case when s.last_at is null then 0 else greatest(date_part('epoch', p.ends - s.last_at) - p.silent_s, 0) end,
        s.slots::bigint, s.slot_first, s.slot_last, s.halves::bigint, s.half_first, s.half_last, l.classes, l.counts
    from part p
    left join summed s using (part)
    left join late l using (part)
    left join earlier e using (part);
end
$$;

comment on function figure_plan_usage is
'figure_plan_stretch の期間ごとの受信(rollup_usage の数)。before_at: 期間より前の最後の測定。first_at, last_at: 期間内の最初と最後の測定。dead_s: 期間内で、最後の測定から silent_s を超えた秒数の和(期間の前の測定も数える)。
What was received in each stretch of figure_plan_stretch, in the counts of rollup_usage. before_at: the last measurement before it. dead_s: seconds of the stretch in which the last measurement, also one before the stretch, was older than silent_s.';

create function figure_plan_lost(project_code text, from_ timestamptz, to_ timestamptz, scope jsonb)
returns table (device_id integer, valid_from timestamptz, lost bigint)
language plpgsql stable rows 1000 set plan_cache_mode = force_custom_plan set jit = off
set work_mem = '64MB' set enable_mergejoin = off as $$
#variable_conflict use_column
begin
    return query
    with part as materialized (
        select p.* from figure_plan_parts(project_code, from_, to_, scope) p
    ),
    day as materialized (
        select u.device_id, u.day, u.lost from rollup_uplink_days(
            (select coalesce(array_agg(distinct p.device_id), '{}') from part p), rollup_day_of(from_),
            rollup_day_of(to_ - interval '1 microsecond') + 1
        ) u
        where u.lost is not null
    ),
    edge as materialized (
        select p.device_id, p.valid_from, x.starts, x.ends
        from part p
        cross join lateral (
            select p.starts, least(rollup_midnight(p.first_day), p.ends) as ends
            where p.starts < least(rollup_midnight(p.first_day), p.ends)
            union all
            select rollup_midnight(p.until_day), p.ends
            where p.until_day >= p.first_day and rollup_midnight(p.until_day) < p.ends
        ) x
    ),
    spot as (
        select g.starts as edge_starts, g.ends as edge_ends, u.device_id, u.lost
        from (select e.starts, e.ends, array_agg(distinct e.device_id) as devices from edge e group by e.starts, e.ends) g
        cross join lateral rollup_uplinks(g.devices, g.starts, g.ends, '1 day') u
        where u.lost is not null
    )
    select l.device_id, l.valid_from, sum(l.lost)::bigint
    from (
        select p.device_id, p.valid_from, d.lost
        from part p join day d on d.device_id = p.device_id and d.day >= p.first_day and d.day < p.until_day
        union all
        select e.device_id, e.valid_from, s.lost
        from edge e join spot s on s.device_id = e.device_id and s.edge_starts = e.starts and s.edge_ends = e.ends
    ) l
    group by l.device_id, l.valid_from;
end
$$;

comment on function figure_plan_lost is
'場所ごとの、通番から数えた欠落メッセージ数(figure_plan_stretch の期間内)。通番のない機器の行はない。
Messages lost by the counter within the stretches, by place; no row for a device that does not count.';

create function figure_plan_device(
    project_code text, first_day date, until_day date, now_ timestamptz, scope jsonb default null
)
returns table (
    device_id integer, device text, device_name text, network text, network_name text, technology text, gateway text,
    gateway_name text, area text, use text, valid_from timestamptz, valid_to timestamptz, interval_s integer,
    calm_interval_s integer, enabled boolean, counted boolean, active_s double precision, alive_s double precision,
    expected bigint, sent bigint, arrived bigint, valid bigint, readings bigint, flagged bigint, quarantined bigint,
    payload_bytes bigint, first_at timestamptz, last_at timestamptz, late_classes smallint[], late_counts bigint[]
)
language plpgsql stable rows 1000 set plan_cache_mode = force_custom_plan set jit = off
set work_mem = '64MB' set enable_mergejoin = off as $$
#variable_conflict use_column
declare
    from_ constant timestamptz = rollup_midnight(first_day);
    to_ constant timestamptz = least(rollup_midnight(until_day), greatest(now_, from_));
begin
    return query
    with placed as materialized (
        select p.* from figure_plan_placed(project_code, from_, to_, scope) p
    ),
    part as materialized (
        select p.* from figure_plan_parts(project_code, from_, to_, scope) p
    ),
    used as materialized (
        select u.*, p.interval_s, p.ends from figure_plan_usage(project_code, from_, to_, scope) u
        join part p using (device_id, starts, calm)
    ),
    mode as (
        select u.device_id, u.valid_from, u.calm,
            sum(date_part('epoch', u.ends - u.starts)) as active_s,
            sum(date_part('epoch', u.ends - u.starts) - u.dead_s) as alive_s,
            sum(floor(date_part('epoch', u.ends - u.starts) / u.interval_s))::bigint as expected,
            greatest(
                sum(figure_whole_slots(u.slots, u.slot_first, u.slot_last, u.starts, u.ends, u.interval_s, 0)),
                sum(figure_whole_slots(u.halves, u.half_first, u.half_last, u.starts, u.ends, u.interval_s, 0.5))
            )::bigint as valid,
            sum(u.uplinks)::bigint as uplinks, sum(u.readings)::bigint as readings, sum(u.flagged)::bigint as flagged,
            sum(u.payload_bytes)::bigint as payload_bytes, min(u.first_at) as first_at, max(u.last_at) as last_at
        from used u group by u.device_id, u.valid_from, u.calm
    ),
    summed as (
        select m.device_id, m.valid_from, sum(m.active_s) as active_s, sum(m.alive_s) as alive_s,
            sum(m.expected)::bigint as expected, sum(m.valid)::bigint as valid, sum(m.uplinks)::bigint as uplinks,
            sum(m.readings)::bigint as readings, sum(m.flagged)::bigint as flagged,
            sum(m.payload_bytes)::bigint as payload_bytes, min(m.first_at) as first_at, max(m.last_at) as last_at
        from mode m group by m.device_id, m.valid_from
    ),
    late as (
        select l.device_id, l.valid_from, array_agg(l.class order by l.class) as classes,
            array_agg(l.times order by l.class) as counts
        from (
            select u.device_id, u.valid_from, e.class, sum(e.times)::bigint as times
            from used u cross join lateral unnest(u.late_classes, u.late_counts) e (class, times)
            group by u.device_id, u.valid_from, e.class
        ) l
        group by l.device_id, l.valid_from
    ),
    aside as (
        select q.device_id, p.valid_from, sum(q.parts)::bigint as quarantined
        from figure_quarantine_count q
        join part p on p.device_id = q.device_id and q.time >= p.starts and q.time < p.ends
        where q.time >= from_ and q.time < to_
        group by q.device_id, p.valid_from
    )
    select
        p.device_id, p.device, p.device_name, p.network, p.network_name, p.technology, p.gateway, p.gateway_name, p.area, p.use,
        nullif(p.valid_from, '-infinity'), p.valid_to, p.interval_s, p.calm_interval_s, p.enabled,
        l.lost is not null and coalesce(s.expected, 0) > 0,
        coalesce(s.active_s, 0), coalesce(s.alive_s, 0), coalesce(s.expected, 0),
        coalesce(s.uplinks, 0) + greatest(coalesce(l.lost, 0), 0), coalesce(s.uplinks, 0), coalesce(s.valid, 0),
        coalesce(s.readings, 0), coalesce(s.flagged, 0), coalesce(a.quarantined, 0), coalesce(s.payload_bytes, 0),
        s.first_at, s.last_at, t.classes, t.counts
    from placed p
    left join summed s on s.device_id = p.device_id and s.valid_from = p.valid_from
    left join figure_plan_lost(project_code, from_, to_, scope) l on l.device_id = p.device_id and l.valid_from = p.valid_from
    left join late t on t.device_id = p.device_id and t.valid_from = p.valid_from
    left join aside a on a.device_id = p.device_id and a.valid_from = p.valid_from;
end
$$;

comment on function figure_plan_device is
'計画の実績、機器の場所ごとに1行(期間の途中で事業・通信網・基地局・地区・送信間隔などが変わった機器は行が分かれ、それぞれの期間だけを数える)。first_day から until_day の前日まで(日本時間)、now_ 時点。すべて動作しているはずの期間(figure_plan_stretch)の中だけを数える。
expected(期待受信数 E)= 途切れのない期間ごとの 秒数 ÷ その時の送信間隔(端数切捨て)の和。valid(有効受信数)= 有効な測定のある送信間隔1つ分の区間の数(figure_usage_device の received と同じ数え方)。arrived = 届いた測定メッセージ数(UPLINK と BACKFILL)。sent = arrived + 通番から数えた欠落。
送信率 = sent ÷ expected、無線到達率 = arrived ÷ sent、有効率 = valid ÷ arrived、データ取得率 = valid ÷ expected。3つの積は整数のまま正確にデータ取得率になる。通番のない機器(counted が偽)は sent = arrived: 無線で失われた分は区別できず、送信率に含まれる。登録より多く送る機器は送信率が100%を超え、その分だけ有効率が下がる。
alive_s: 動作時間のうち、最後の測定から送信間隔の3倍(平常時は1.5倍)以内の秒数。稼働率 = alive_s ÷ active_s。旧版で集計した日は、その日の最も長い途絶だけを引く。late_classes, late_counts: 遅延の階級(rollup_late_class)ごとのメッセージ数(まとめ送りと、時刻に注記のあるものを除く)。
The actuals of a plan: one row for each place of a device, so that one which moved counts in each by its days; from first_day to the day before until_day in Japan, as seen at now_. Everything counts within the stretches it was meant to send in (figure_plan_stretch) only. expected (E): floor(seconds / interval) of each stretch, by the interval of then. valid: slots with a measurement that counts, as received of figure_usage_device. arrived: messages of kind UPLINK and BACKFILL. sent: these and those lost by the counter. The rates sent / expected, arrived / sent and valid / arrived make valid / expected, exactly, for they are integers of one row. A device without a counter (counted is false) has sent = arrived: what the radio lost cannot be told apart and lowers the first rate. A device that sends more often than registered has more than 100 % in the first and less in the last. alive_s: seconds of active_s in which the last measurement was at most three intervals old, in calm mode 1.5; of a day that an older version summed up only the longest silence is taken off.';
