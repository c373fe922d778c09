-- What the completeness of a period is counted from: per device and day, so that a year is read from 365 rows a device.

create function figure_slot(at timestamptz, interval_s integer, shift double precision) returns bigint
language sql immutable parallel safe as $$
    -- The epoch of a span is immutable, that of a moment is not: only so the server writes this into the query.
    select floor(date_part('epoch', at - timestamptz '2000-01-01 00:00+09') / interval_s + shift)::bigint
$$;

comment on function figure_slot is
'時刻を含む送信間隔1つ分の区間の番号。2000年1月1日0時(日本時間)から数え、shift(間隔に対する割合)だけ早く始まる。
The number of the slot of interval_s a moment lies in, counted from midnight of 1 January 2000 in Japan, where slots begin earlier by shift (a part of the interval).';

create function rollup_late_class(delay interval) returns smallint
language sql immutable parallel safe as $$
    select least(greatest(ceil(20 * log10(greatest(date_part('epoch', delay), 0.01))) + 40, 0), 160)::smallint
$$;

comment on function rollup_late_class is
'遅延(測定から受信まで)の階級。1桁を20に分け、階級 c は 10^((c-41)/20) 秒を超え 10^((c-40)/20) 秒以下。0.01秒以下は0、10^6秒を超えるものは160。
The class of a delay from measurement to receipt. Twenty to a power of ten: class c is above 10^((c-41)/20) s and up to 10^((c-40)/20) s; 0 is up to 0.01 s, 160 also what is above 10^6 s.';

create function rollup_usage(
    devices integer[], from_ timestamptz, to_ timestamptz, every_s integer default null, silent_s double precision default null
)
returns table (
    day date, device_id integer, interval_s integer, readings integer, flagged integer,
    first_at timestamptz, last_at timestamptz, uplinks integer, payload_bytes bigint,
    measured_first timestamptz, measured_last timestamptz, gap_s double precision,
    slots integer, slot_first bigint, slot_last bigint, halves integer, half_first bigint, half_last bigint,
    dead_s double precision, late_classes smallint[], late_counts integer[]
)
language plpgsql stable set plan_cache_mode = force_custom_plan set jit = off as $$
#variable_conflict use_column
begin
    return query
    with heard as materialized (
        select u.device_id, u.time, count(*) filter (where u.kind in (0, 4)) as uplinks,
            sum(u.payload_bytes) as payload_bytes,
            min(u.received_at) filter (where u.kind = 0 and coalesce(u.quality, 0) = 0) as prompt_at
        from uplink u
        where u.time >= from_ and u.time < to_ and (devices is null or u.device_id = any(devices))
        group by u.device_id, u.time
    ),
    messages as (
        select h.device_id, rollup_day_of(h.time) as day, sum(h.uplinks)::integer as uplinks,
            sum(h.payload_bytes)::bigint as payload_bytes
        from heard h group by 1, 2
    ),
    late as (
        select l.device_id, l.day, array_agg(l.class order by l.class) as classes,
            array_agg(l.times order by l.class) as counts
        from (
            select h.device_id, rollup_day_of(h.time) as day, rollup_late_class(h.prompt_at - h.time) as class,
                count(*)::integer as times
            from heard h where h.prompt_at is not null
            group by 1, 2, 3
        ) l
        group by l.device_id, l.day
    ),
    spoke as materialized (      -- moments at which a device spoke of itself only: few, and looked through often
        select h.device_id, h.time from heard h where h.uplinks = 0
    ),
    failed as materialized (     -- few: they take a moment's readings out of the slots, and out of nothing else
        select f.device_id, f.quantity_id, f.channel, range_agg(tstzrange(f.starts, f.ends, '[]')) as spans
        from watch_flag f
        where f.grade = 4 and f.ends >= from_ and f.starts < to_ and (devices is null or f.device_id = any(devices))
        group by f.device_id, f.quantity_id, f.channel
    ),
    moment as (                  -- one row for each distinct time of a device
        select r.device_id, r.time, rollup_day_of(r.time) as day, r.readings, r.flagged, h.device_id is null as measured,
            r.sound
        from (
            select r.device_id, r.time, count(*) as readings, count(*) filter (where r.quality <> 0) as flagged,
                bool_or(f.spans is null or not r.time <@ f.spans) as sound
            from reading_counted r
            left join failed f using (device_id, quantity_id, channel)
            where r.time >= from_ and r.time < to_ and (devices is null or r.device_id = any(devices))
            group by r.device_id, r.time
        ) r
        left join spoke h on h.device_id = r.device_id and h.time = r.time
    ),
    placed as (
        select m.*, d.interval_s, figure_slot(m.time, d.interval_s, 0) as slot,
            figure_slot(m.time, d.interval_s, 0.5) as half,
            coalesce(silent_s, figure_patience_s(d.interval_s, null, false)) as silent_s,
            lag(m.time) over earlier as before,
            max(m.time) filter (where m.sound) over (earlier rows between unbounded preceding and 1 preceding) as before_sound
        from moment m
        join (select e.device_id, coalesce(every_s, e.interval_s) as interval_s from device e) d using (device_id)
        window earlier as (partition by m.device_id, m.day, m.measured order by m.time)
    ),
    counted as (
        select
            p.device_id, p.day, p.interval_s,
            sum(p.readings)::integer as readings, sum(p.flagged)::integer as flagged,
            min(p.time) as first_at, max(p.time) as last_at,
            min(p.time) filter (where p.measured) as measured_first,
            max(p.time) filter (where p.measured) as measured_last,
            date_part('epoch', max(p.time - p.before) filter (where p.measured)) as gap_s,
            coalesce(
                sum(greatest(date_part('epoch', p.time - p.before) - p.silent_s, 0)) filter (where p.measured), 0
            ) as dead_s,
            (count(*) filter (
                where p.measured and p.sound and p.slot is distinct from figure_slot(p.before_sound, p.interval_s, 0)
            ))::integer as slots,
            min(p.slot) filter (where p.measured and p.sound) as slot_first,
            max(p.slot) filter (where p.measured and p.sound) as slot_last,
            (count(*) filter (
                where p.measured and p.sound and p.half is distinct from figure_slot(p.before_sound, p.interval_s, 0.5)
            ))::integer as halves,
            min(p.half) filter (where p.measured and p.sound) as half_first,
            max(p.half) filter (where p.measured and p.sound) as half_last
        from placed p group by p.device_id, p.day, p.interval_s
    )
    select
        day, device_id, coalesce(c.interval_s, every_s, d.interval_s), coalesce(c.readings, 0), coalesce(c.flagged, 0),
        c.first_at, c.last_at, coalesce(m.uplinks, 0), coalesce(m.payload_bytes, 0),
        c.measured_first, c.measured_last, c.gap_s,
        coalesce(c.slots, 0), c.slot_first, c.slot_last, coalesce(c.halves, 0), c.half_first, c.half_last,
        coalesce(c.dead_s, 0), l.classes, l.counts
    from counted c
    full join messages m using (day, device_id)
    join device d using (device_id)
    left join late l using (day, device_id);
end
$$;

comment on function rollup_usage is
'データ取得率の元になる1日(日本時間)ごとの数。期間 [from_, to_) の端の日は期間内の部分だけ。
readings, flagged, first_at, last_at: 有効な測定値。uplinks, payload_bytes: メッセージ。measured_first, measured_last, gap_s: 測定(状態通知・参加要求だけの時刻を除く)の最初と最後、その日の中で最も長い間隔。slots, halves: 測定のある区間の数、区切りの2通り(figure_slot の 0 と 0.5)。品質の確認で誤り(watch_flag の grade 4)とされた測定しかない区間は数えない。slot_first などは最初と最後の区間の番号で、日をまたぐ区間を2回数えないために使う。
dead_s: その日の測定の間隔のうち silent_s(なければ送信間隔の3倍)を超えた秒数の和。late_classes, late_counts: 遅延の階級(rollup_late_class)とそのメッセージ数。まとめ送りと時刻に注記のあるものは除く。every_s: 台帳の送信間隔の代わりに使う間隔。
What the completeness is counted from, by day in Japan; of the days at the edges of [from_, to_) only what lies within. measured_*, gap_s: measurements (not the moments at which a device only spoke of itself), and the longest time between two of them within the day. slots, halves: slots with a measurement, by the two positions of the grid (figure_slot with 0 and 0.5), without those of which every reading failed a test of quality (watch_flag, grade 4); the numbers of the first and last of them tell a slot that reaches over midnight. dead_s: by how many seconds measurements of the day lay farther apart than silent_s (null: three intervals), summed up. late_classes, late_counts: classes of delay (rollup_late_class) and messages in them, without backfills and without those whose time is remarked upon. every_s: to be used instead of the interval of the registry.';

create function rollup_usage_between(devices integer[], from_ timestamptz, to_ timestamptz)
returns table (
    day date, device_id integer, interval_s integer, readings integer, flagged integer,
    first_at timestamptz, last_at timestamptz, uplinks integer, payload_bytes bigint,
    measured_first timestamptz, measured_last timestamptz, gap_s double precision,
    slots integer, slot_first bigint, slot_last bigint, halves integer, half_first bigint, half_last bigint,
    dead_s double precision, late_classes smallint[], late_counts integer[]
)
language plpgsql stable set plan_cache_mode = force_custom_plan set jit = off as $$
#variable_conflict use_column
declare
    whole_from date = rollup_day_of(from_);
    whole_until date = rollup_day_of(to_);
    closed_until date;
    from_here timestamptz;
begin
    if rollup_midnight(whole_from) < from_ then
        whole_from = whole_from + 1;
    end if;
    closed_until = (select least(whole_until, rollup_day_of(s.materialised_until)) from rollup_state s);
    if whole_from < closed_until then
        return query
        with anew as materialized (      -- days whose rows do not hold: something came later, or the interval changed
            select p.device_id, greatest(p.first_day, whole_from) as first_day, least(p.until_day, closed_until) as until_day
            from rollup_pending_days p
            where p.device_id = any(devices) and p.first_day < closed_until and p.until_day > whole_from
            union
            select u.device_id, u.day, u.day + 1
            from rollup_usage_day u join device d on d.device_id = u.device_id and d.interval_s <> u.interval_s
            where u.device_id = any(devices) and u.day >= whole_from and u.day < closed_until
        ),
        days as (
            select distinct a.device_id, day::date as day
            from anew a cross join lateral generate_series(a.first_day, a.until_day - 1, interval '1 day') day
        )
        select u.day, u.device_id, u.interval_s, u.readings, u.flagged, u.first_at, u.last_at, u.uplinks, u.payload_bytes,
            u.measured_first, u.measured_last, u.gap_s, u.slots, u.slot_first, u.slot_last,
            u.halves, u.half_first, u.half_last, u.dead_s, u.late_classes, u.late_counts
        from rollup_usage_day u
        where u.device_id = any(devices) and u.day >= whole_from and u.day < closed_until
          and not exists (select from days where days.device_id = u.device_id and days.day = u.day)
        union all
        select c.*
        from days
        cross join lateral rollup_usage(
            array[days.device_id], rollup_midnight(days.day), rollup_midnight(days.day + 1)
        ) c;
        from_here = rollup_midnight(closed_until);
        if rollup_midnight(whole_from) > from_ then
            return query select c.* from rollup_usage(devices, from_, rollup_midnight(whole_from)) c;
        end if;
    else
        from_here = from_;
    end if;
    if from_here < to_ then
        return query select c.* from rollup_usage(devices, from_here, to_) c;
    end if;
end
$$;

comment on function rollup_usage_between is
'rollup_usage と同じ数を、集計済みの日は表から、それ以外はその場で計算して返す。
The same as rollup_usage: from the table for days that are closed, computed on the spot for the others.';
