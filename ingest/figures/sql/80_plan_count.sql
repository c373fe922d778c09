-- What was received in stretches of devices: from the days of the rollups where a stretch has whole days and they hold,
-- from what was measured at its edges. All stretches at once: a year of a project has thousands of edges.
-- The planner does not know how many days there are and would sort them on disk, several times: hence the settings.

create function figure_plan_silence(calm boolean, interval_s integer) returns double precision
language sql immutable parallel safe as $$
    select figure_patience_s(interval_s, case when calm then interval_s end, false)
$$;

comment on function figure_plan_silence is
'途絶とみなす秒数(figure_patience_s): 通常の区間と、平常時の区間(calm)の、それぞれの送信間隔から。
After how many seconds without a measurement a device is down (figure_patience_s), in a stretch of calm mode or any other, from the interval that holds in it.';

create function figure_plan_unsure(devices integer[]) returns table (device_id integer, spans tstzmultirange)
language sql stable rows 1 as $$
    select p.device_id, range_agg(tstzrange(rollup_midnight(p.first_day), rollup_midnight(p.until_day)))
    from rollup_pending_days p where p.device_id = any(devices) group by p.device_id
$$;

comment on function figure_plan_unsure is
'締め切った日のうち、集計表の値がまだ正しくない期間(rollup_pending_days)。
Of each device the closed days for which the sums do not hold yet.';

create function figure_plan_count(
    devices integer[], starts_ timestamptz[], ends_ timestamptz[], intervals integer[], calms boolean[]
)
returns table (
    part bigint, before_at timestamptz, readings bigint, flagged bigint, uplinks bigint, payload_bytes bigint,
    first_at timestamptz, last_at timestamptz, dead_s double precision, slots bigint, slot_first bigint,
    slot_last bigint, halves bigint, half_first bigint, half_last bigint, late_classes smallint[],
    late_counts bigint[], lost bigint
)
language plpgsql stable rows 1000 set plan_cache_mode = force_custom_plan set jit = off
set work_mem = '64MB' set enable_mergejoin = off set enable_nestloop = off as $$
#variable_conflict use_column
declare
    closed_ constant timestamptz = (select rollup_midnight(rollup_day_of(s.materialised_until)) from rollup_state s);
    -- The age at the beginning is told by what was measured before it.
    low_ constant date = (
        select min(rollup_day_of(p.starts) - ceil(figure_plan_silence(p.calm, p.interval_s) / 86400)::integer)
        from unnest(starts_, intervals, calms) p (starts, interval_s, calm)
    );
    high_ constant date = (select rollup_day_of(max(p.ends)) + 1 from unnest(ends_) p (ends));
    since_ constant timestamptz = rollup_midnight(low_);
    until_ constant timestamptz = rollup_midnight(high_);
begin
    if cardinality(devices) = 0 or devices is null then
        return;
    end if;
    return query
    with part as materialized (
        select p.*, figure_plan_silence(p.calm, p.interval_s) as silent_s, rollup_day_of(p.starts) as day_of,
            not p.calm and p.interval_s = d.interval_s and d.calm_interval_s is null as tabled
        from unnest(devices, starts_, ends_, intervals, calms) with ordinality
            p (device_id, starts, ends, interval_s, calm, part)
        join device d using (device_id)
    ),
    unsure as materialized (
        select x.device_id, range_agg(x.spans) as spans
        from (
            select u.device_id, u.spans from figure_plan_unsure(devices) u
            union all
            select u.device_id, range_agg(tstzrange(rollup_midnight(u.day), rollup_midnight(u.day + 1)))
            from rollup_usage_day u join device d on d.device_id = u.device_id and d.interval_s <> u.interval_s
            where u.device_id = any(devices) and u.day >= low_ and u.day < high_
            group by u.device_id
        ) x
        group by x.device_id
    ),
    span as materialized (       -- what is counted, with the whole days of it that are taken from the tables
        select s.part, s.device_id, s.what, s.starts, s.ends,
            case
                when s.tabled and s.first < least(s.last, closed_)
                then tstzmultirange(tstzrange(s.first, least(s.last, closed_))) - coalesce(u.spans, '{}')
                else '{}'
            end as whole
        from (
            select p.part, p.device_id, x.what, x.tabled, x.starts, x.ends,
                rollup_midnight(
                    rollup_day_of(x.starts) + case when rollup_midnight(rollup_day_of(x.starts)) < x.starts then 1 else 0 end
                ) as first,
                rollup_midnight(rollup_day_of(x.ends)) as last
            from part p
            cross join lateral (values
                ('count', p.tabled, p.starts, p.ends), ('lost', true, p.starts, p.ends),
                ('before', true, rollup_midnight(p.day_of - ceil(p.silent_s / 86400)::integer), p.starts)
            ) x (what, tabled, starts, ends)
        ) s
        left join unsure u using (device_id)
    ),
    piece as materialized (      -- what is left of it to be counted on the spot
        select row_number() over () as piece, s.part, s.what, s.device_id, lower(r) as starts, upper(r) as ends
        from span s
        cross join lateral unnest(tstzmultirange(tstzrange(s.starts, s.ends)) - s.whole) r
    ),
    day as materialized (
        select s.part, u.readings, u.flagged, u.uplinks, u.payload_bytes, u.measured_first, u.measured_last, u.dead_s,
            u.gap_s, u.slots, u.slot_first, u.slot_last, u.halves, u.half_first, u.half_last, u.late_classes, u.late_counts
        from (
            select s.part, s.device_id, s.whole, rollup_day_of(lower(s.whole)) as first_day,
                rollup_day_of(upper(s.whole)) as until_day
            from span s where s.what = 'count' and not isempty(s.whole)
        ) s
        join rollup_usage_day u on u.device_id = s.device_id and u.day >= s.first_day and u.day < s.until_day
        where u.device_id = any(devices) and u.day >= low_ and u.day < high_ and s.whole @> rollup_midnight(u.day)
    ),
    heard as materialized (
        select p.piece, p.part, p.what, h.*
        from piece p
        cross join lateral (
            select u.time, count(*) filter (where u.kind in (0, 4)) as uplinks, sum(u.payload_bytes) as payload_bytes,
                min(u.received_at) filter (where u.kind = 0 and coalesce(u.quality, 0) = 0) as prompt_at
            from uplink u
            where u.device_id = p.device_id and u.time >= p.starts and u.time < p.ends
              and u.time >= since_ and u.time < until_
            group by u.time
        ) h
        where p.what in ('count', 'before')
    ),
    spoke as materialized (      -- moments at which a device spoke of itself only
        select h.piece, h.time from heard h where h.uplinks = 0
    ),
    failed as materialized (     -- as in rollup_usage
        select f.device_id, f.quantity_id, f.channel, range_agg(tstzrange(f.starts, f.ends, '[]')) as spans
        from watch_flag f
        where f.grade = 4 and f.ends >= since_ and f.starts < until_ and f.device_id = any(devices)
        group by f.device_id, f.quantity_id, f.channel
    ),
    placed as (                  -- one row for each distinct time of a device
        select m.*, p.silent_s, p.interval_s, figure_slot(m.time, p.interval_s, 0) as slot,
            figure_slot(m.time, p.interval_s, 0.5) as half, lag(m.time) over earlier as before,
            max(m.time) filter (where m.sound) over (earlier rows between unbounded preceding and 1 preceding) as before_sound
        from (
            select p.piece, p.part, p.what, r.*, h.piece is null as measured
            from piece p
            cross join lateral (
                select r.time, count(*) as readings, count(*) filter (where r.quality <> 0) as flagged,
                    bool_or(f.spans is null or not r.time <@ f.spans) as sound
                from reading_counted r
                left join failed f using (device_id, quantity_id, channel)
                where r.device_id = p.device_id and r.time >= p.starts and r.time < p.ends
                  and r.time >= since_ and r.time < until_
                group by r.time
            ) r
            left join spoke h on h.piece = p.piece and h.time = r.time
            where p.what in ('count', 'before')
        ) m
        join part p using (part)
        window earlier as (partition by m.piece, m.measured order by m.time)
    ),
    spot as materialized (
        select p.piece, p.part, p.what, sum(p.readings) as readings, sum(p.flagged) as flagged,
            min(p.time) filter (where p.measured) as measured_first, max(p.time) filter (where p.measured) as measured_last,
            coalesce(
                sum(greatest(date_part('epoch', p.time - p.before) - p.silent_s, 0)) filter (where p.measured), 0
            ) as dead_s,
            count(*) filter (
                where p.measured and p.sound and p.slot is distinct from figure_slot(p.before_sound, p.interval_s, 0)
            ) as slots,
            min(p.slot) filter (where p.measured and p.sound) as slot_first,
            max(p.slot) filter (where p.measured and p.sound) as slot_last,
            count(*) filter (
                where p.measured and p.sound and p.half is distinct from figure_slot(p.before_sound, p.interval_s, 0.5)
            ) as halves,
            min(p.half) filter (where p.measured and p.sound) as half_first,
            max(p.half) filter (where p.measured and p.sound) as half_last
        from placed p group by p.piece, p.part, p.what
    ),
    message as (
        select h.piece, h.part, sum(h.uplinks)::bigint as uplinks, sum(h.payload_bytes)::bigint as payload_bytes
        from heard h where h.what = 'count' group by h.piece, h.part
    ),
    late as (
        select l.piece, array_agg(l.class order by l.class) as classes, array_agg(l.times order by l.class) as counts
        from (
            select h.piece, rollup_late_class(h.prompt_at - h.time) as class, count(*) as times
            from heard h where h.what = 'count' and h.prompt_at is not null
            group by 1, 2
        ) l
        group by l.piece
    ),
    counted as (                 -- as in rollup_uplinks
        select p.piece, p.part, u.counter, case when u.counter is not null then coalesce(
            case when lag(u.time) over counted is not null then
                rollup_counter_since(lag(u.counter) over counted, lag(u.session) over counted, u.counter, u.session)
            end,
            rollup_counter_before(p.device_id, u.time, u.counter, u.session)
        ) end as previous
        from piece p
        cross join lateral (
            select v.time, v.received_at, v.message_id, v.counter, v.kind, v.link ->> 'dev_addr' as session
            from uplink v
            where v.device_id = p.device_id and v.time >= p.starts and v.time < p.ends
              and v.time >= since_ and v.time < until_
            offset 0
        ) u
        where p.what = 'lost'
        window counted as (
            partition by p.piece, u.counter is null and u.kind <> 2 order by u.time, u.received_at, u.message_id
        )
    )
    select d.part::bigint, null::timestamptz, d.readings::bigint, d.flagged::bigint, d.uplinks::bigint, d.payload_bytes,
        d.measured_first, d.measured_last, coalesce(d.dead_s, greatest(d.gap_s - p.silent_s, 0)), d.slots::bigint,
        d.slot_first, d.slot_last, d.halves::bigint, d.half_first, d.half_last, d.late_classes, d.late_counts::bigint[],
        null::bigint
    from day d join part p using (part)
    union all
    select part, null, coalesce(s.readings, 0)::bigint, coalesce(s.flagged, 0)::bigint, coalesce(m.uplinks, 0),
        coalesce(m.payload_bytes, 0), s.measured_first, s.measured_last, coalesce(s.dead_s, 0), coalesce(s.slots, 0),
        s.slot_first, s.slot_last, coalesce(s.halves, 0), s.half_first, s.half_last, l.classes, l.counts, null
    from (select s.* from spot s where s.what = 'count') s
    full join message m using (piece, part)
    left join late l using (piece)
    union all
    select c.part, null, 0, 0, 0, 0, null, null, 0, 0, null, null, 0, null, null, null, null,
        sum(rollup_lost(c.previous, c.counter))::bigint
    from counted c group by c.part
    union all
    select s.part, null, 0, 0, 0, 0, null, null, 0, 0, null, null, 0, null, null, null, null, sum(u.lost)::bigint
    from span s
    join uplink_day u on u.device_id = s.device_id and s.whole @> rollup_midnight(u.day)
    where s.what = 'lost' and u.device_id = any(devices) and u.day >= low_ and u.day < high_
    group by s.part
    union all
    select b.part, max(b.at), 0, 0, 0, 0, null, null, 0, 0, null, null, 0, null, null, null, null, null
    from (
        select s.part, s.measured_last as at from spot s where s.what = 'before'
        union all
        select s.part, u.at
        from span s
        cross join lateral (
            select max(u.measured_last) as at from rollup_usage_day u
            where u.device_id = s.device_id and u.day >= rollup_day_of(lower(s.whole)) and u.day < rollup_day_of(upper(s.whole))
              and u.day >= low_ and u.day < high_ and s.whole @> rollup_midnight(u.day)
        ) u
        where s.what = 'before' and not isempty(s.whole)
    ) b
    where b.at is not null group by b.part;
end
$$;

comment on function figure_plan_count is
'機器の期間 [starts, ends) で受信したもの。期間は配列で渡し、part はその番号。月の境をまたがない期間だけを渡す。1つの期間に複数の行があり、測定のある行どうしは重ならない: まとめ方は figure_plan_usage。集計済みの日は表(rollup_usage_day, uplink_day)から、そのほかは測定そのものから、rollup_usage と rollup_uplinks と同じ数え方で数える。
What was received in stretches [starts, ends) of devices, given as arrays; part: the place of one in them. None reaches over the end of a month. A stretch has several rows, and those with measurements do not overlap in time; figure_plan_usage puts them together. Closed days are taken from the tables where they hold; the rest is counted as rollup_usage and rollup_uplinks count it.';

create function figure_plan_usage(project_code text, from_ timestamptz, to_ timestamptz, scope jsonb)
returns table (
    device_id integer, valid_from timestamptz, starts timestamptz, ends timestamptz, interval_s integer, calm boolean,
    before_at timestamptz, readings bigint, flagged bigint, uplinks bigint, payload_bytes bigint, first_at timestamptz,
    last_at timestamptz, dead_s double precision, slots bigint, slot_first bigint, slot_last bigint, halves bigint,
    half_first bigint, half_last bigint, late_classes smallint[], late_counts bigint[], lost bigint
)
language plpgsql stable rows 1000 set plan_cache_mode = force_custom_plan set jit = off
set work_mem = '64MB' set enable_mergejoin = off as $$
#variable_conflict use_column
declare
    devices_ constant integer[] = array(
        select distinct p.device_id from figure_plan_placed(project_code, from_, to_, scope) p
    );
    since_ constant timestamptz = rollup_midnight(date_trunc('month', rollup_day_of(from_)::timestamp)::date);
begin
    return query
    with stretch as materialized (
        select row_number() over () as stretch, s.* from figure_plan_stretch(project_code, from_, to_, scope) s
    ),
    month as materialized (
        select rollup_midnight(g.day::date) as begins, rollup_midnight((g.day + interval '1 month')::date) as until
        from generate_series(
            date_trunc('month', rollup_day_of(from_)::timestamp), rollup_day_of(to_)::timestamp, interval '1 month'
        ) g (day)
    ),
    unsure as materialized (
        select u.* from figure_plan_unsure(devices_) u
    ),
    segment as materialized (    -- cut where a month begins: so kept ones are found again
        select s.stretch, s.device_id, s.interval_s, s.calm, m.begins as month, greatest(s.starts, m.begins) as starts,
            least(s.ends, m.until) as ends, u.spans as unsure
        from stretch s
        join month m on m.begins < s.ends and m.until > s.starts
        left join unsure u using (device_id)
    ),
    found as materialized (      -- each with what is kept of it
        select s.stretch, s.device_id, s.interval_s, s.calm, s.month, s.starts, s.ends, k.device_id is not null as kept,
            k.before_at, k.readings, k.flagged, k.uplinks, k.payload_bytes, k.first_at, k.last_at, k.dead_s, k.slots,
            k.slot_first, k.slot_last, k.halves, k.half_first, k.half_last, k.late_classes, k.late_counts, k.lost
        from segment s
        left join (
            select r.* from rollup_stretch r
            where r.device_id = any(devices_) and r.starts >= since_ and r.starts < to_
        ) k on k.device_id = s.device_id and k.starts = s.starts and k.ends = s.ends and k.interval_s = s.interval_s
            and k.calm = s.calm
            and not coalesce(s.unsure && tstzrange(
                k.starts - figure_plan_silence(k.calm, k.interval_s) * interval '1 second', k.ends
            ), false)
    ),
    missing as materialized (
        select row_number() over (partition by f.month) as place, f.stretch, f.device_id, f.interval_s, f.calm, f.month,
            f.starts, f.ends
        from found f where not f.kept
    ),
    counted as materialized (
        select a.month, c.*
        from (
            select m.month, array_agg(m.device_id order by m.place) as devices, array_agg(m.starts order by m.place) as starts,
                array_agg(m.ends order by m.place) as ends, array_agg(m.interval_s order by m.place) as intervals,
                array_agg(m.calm order by m.place) as calms
            from missing m group by m.month
        ) a
        cross join lateral figure_plan_count(a.devices, a.starts, a.ends, a.intervals, a.calms) c
    ),
    chunk as not materialized (
        select m.stretch, m.starts, c.before_at, c.readings, c.flagged, c.uplinks, c.payload_bytes, c.first_at,
            c.last_at, c.dead_s, c.slots, c.slot_first, c.slot_last, c.halves, c.half_first, c.half_last,
            c.late_classes, c.late_counts, c.lost
        from counted c join missing m on m.month = c.month and m.place = c.part
        union all
        select f.stretch, f.starts, f.before_at, f.readings, f.flagged, f.uplinks, f.payload_bytes, f.first_at,
            f.last_at, f.dead_s, f.slots, f.slot_first, f.slot_last, f.halves, f.half_first, f.half_last,
            f.late_classes, f.late_counts, f.lost
        from found f where f.kept
    ),
    beside as (                  -- each chunk beside the one before it; those without a measurement come last
        select c.*, c.slot_first = lag(c.slot_last) over earlier as slot_twice,
            c.half_first = lag(c.half_last) over earlier as half_twice,
            date_part('epoch', c.first_at - lag(c.last_at) over earlier) - c.silent_s as gone_s
        from (
            select k.stretch, s.starts = k.starts as at_first, figure_plan_silence(s.calm, s.interval_s) as silent_s,
                k.before_at, k.readings, k.flagged, k.uplinks, k.payload_bytes, k.first_at, k.last_at,
                k.dead_s, k.slots, k.slot_first, k.slot_last, k.halves, k.half_first, k.half_last, k.lost
            from chunk k join stretch s using (stretch)
        ) c
        window earlier as (partition by c.stretch order by c.first_at)
    ),
    summed as (
        select b.stretch, max(b.before_at) filter (where b.at_first) as before_at, sum(b.readings) as readings,
            sum(b.flagged) as flagged, sum(b.uplinks) as uplinks, sum(b.payload_bytes) as payload_bytes,
            min(b.first_at) as first_at, max(b.last_at) as last_at,
            sum(b.dead_s) + coalesce(sum(b.gone_s) filter (where b.gone_s > 0), 0) as dead_s,
            sum(b.slots) - count(*) filter (where b.slot_twice) as slots,
            min(b.slot_first) as slot_first, max(b.slot_last) as slot_last,
            sum(b.halves) - count(*) filter (where b.half_twice) as halves,
            min(b.half_first) as half_first, max(b.half_last) as half_last, sum(b.lost) as lost
        from beside b group by b.stretch
    ),
    late as (
        select l.stretch, array_agg(l.class order by l.class) as classes, array_agg(l.times order by l.class) as counts
        from (
            select e.stretch, e.class, sum(e.times)::bigint as times
            from (select c.stretch, unnest(c.late_classes) as class, unnest(c.late_counts) as times from chunk c) e
            group by e.stretch, e.class
        ) l
        group by l.stretch
    )
    select s.device_id, s.valid_from, s.starts, s.ends, s.interval_s, s.calm, m.before_at,
        coalesce(m.readings, 0)::bigint, coalesce(m.flagged, 0)::bigint, coalesce(m.uplinks, 0)::bigint,
        coalesce(m.payload_bytes, 0)::bigint, m.first_at, m.last_at, coalesce(m.dead_s, 0),
        coalesce(m.slots, 0)::bigint, m.slot_first, m.slot_last, coalesce(m.halves, 0)::bigint, m.half_first, m.half_last,
        l.classes, l.counts, m.lost::bigint
    from stretch s
    left join summed m using (stretch)
    left join late l using (stretch);
end
$$;

comment on function figure_plan_usage is
'figure_plan_stretch の期間ごとの受信(rollup_usage と rollup_uplinks の数)。月ごとに分け、保存済みの月(rollup_stretch)は表から、ほかは figure_plan_count で数えて、つなぐ。before_at: 期間より前の最後の測定。first_at, last_at: 期間内の最初と最後の測定。dead_s: 期間内の測定の間隔のうち、途絶とみなす長さを超えた秒数の和(両端は含まない)。
What was received in each stretch of figure_plan_stretch, in the counts of rollup_usage and rollup_uplinks. It is counted by months: those that are kept (rollup_stretch) are read, the others counted by figure_plan_count, and put together. before_at: the last measurement before the stretch. dead_s: by how many seconds measurements of the stretch lay farther apart than the silence that is allowed, summed up, without its two ends.';
