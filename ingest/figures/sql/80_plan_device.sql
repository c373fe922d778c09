-- What was expected of each device in each of its places, and what became of it.

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
    used as materialized (
        select u.*, date_part('epoch', u.ends - u.starts) as active_s,
            floor(date_part('epoch', u.ends - u.starts) / u.interval_s)::bigint as expected,
            figure_plan_silence(u.calm, u.interval_s) as silent_s
        from figure_plan_usage(project_code, from_, to_, scope) u
    ),
    slot as (                    -- as in figure_whole_slots, which the server would call for each stretch by itself
        select h.device_id, h.valid_from, h.calm, h.shift, sum(least(
            h.expected,
            greatest(h.hit - h.head - h.tail, 0) + case when h.whole < h.expected then greatest(h.head, h.tail) else 0 end
        ))::bigint as valid
        from (
            select u.device_id, u.valid_from, u.calm, u.expected, g.hit, g.shift, e.part_last - e.first_whole as whole,
                coalesce(g.hit_first < e.first_whole, false)::integer as head,
                coalesce(g.hit_last >= e.part_last, false)::integer as tail
            from used u
            cross join lateral (values
                (u.slots, u.slot_first, u.slot_last, 0::double precision), (u.halves, u.half_first, u.half_last, 0.5)
            ) g (hit, hit_first, hit_last, shift)
            cross join lateral (
                select figure_slot(u.starts - interval '1 microsecond', u.interval_s, g.shift) + 1 as first_whole,
                    figure_slot(u.ends, u.interval_s, g.shift) as part_last
            ) e
        ) h
        group by h.device_id, h.valid_from, h.calm, h.shift
    ),
    fitting as (                 -- a clock may lie at the border of the slots: the better of two grids counts
        select s.device_id, s.valid_from, sum(s.valid)::bigint as valid
        from (
            select s.device_id, s.valid_from, s.calm, max(s.valid) as valid
            from slot s group by s.device_id, s.valid_from, s.calm
        ) s
        group by s.device_id, s.valid_from
    ),
    summed as (
        select u.device_id, u.valid_from, sum(u.active_s) as active_s,
            sum(
                u.active_s - u.dead_s - greatest(date_part(
                    'epoch',
                    coalesce(u.first_at, u.ends) - greatest(u.starts, u.before_at + u.silent_s * interval '1 second')
                ), 0) - greatest(coalesce(date_part('epoch', u.ends - u.last_at) - u.silent_s, 0), 0)
            ) as alive_s,
            sum(u.expected)::bigint as expected, sum(u.uplinks)::bigint as uplinks, sum(u.readings)::bigint as readings,
            sum(u.flagged)::bigint as flagged, sum(u.payload_bytes)::bigint as payload_bytes,
            min(u.first_at) as first_at, max(u.last_at) as last_at, sum(u.lost)::bigint as lost
        from used u group by u.device_id, u.valid_from
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
        join used p on p.device_id = q.device_id and q.time >= p.starts and q.time < p.ends
        where q.time >= from_ and q.time < to_
        group by q.device_id, p.valid_from
    )
    select
        p.device_id, p.device, p.device_name, p.network, p.network_name, p.technology, p.gateway, p.gateway_name, p.area, p.use,
        nullif(p.valid_from, '-infinity'), p.valid_to, p.interval_s, p.calm_interval_s, p.enabled,
        s.lost is not null and coalesce(s.expected, 0) > 0,
        coalesce(s.active_s, 0), coalesce(s.alive_s, 0), coalesce(s.expected, 0),
        coalesce(s.uplinks, 0) + greatest(coalesce(s.lost, 0), 0), coalesce(s.uplinks, 0), coalesce(f.valid, 0),
        coalesce(s.readings, 0), coalesce(s.flagged, 0), coalesce(a.quarantined, 0), coalesce(s.payload_bytes, 0),
        s.first_at, s.last_at, t.classes, t.counts
    from placed p
    left join summed s on s.device_id = p.device_id and s.valid_from = p.valid_from
    left join fitting f on f.device_id = p.device_id and f.valid_from = p.valid_from
    left join late t on t.device_id = p.device_id and t.valid_from = p.valid_from
    left join aside a on a.device_id = p.device_id and a.valid_from = p.valid_from;
end
$$;

comment on function figure_plan_device is
'計画の実績、機器の場所ごとに1行(期間の途中で事業・通信網・基地局・地区・送信間隔などが変わった機器は行が分かれ、それぞれの期間だけを数える)。first_day から until_day の前日まで(日本時間)、now_ 時点。すべて動作しているはずの期間(figure_plan_stretch)の中だけを数える。
expected(期待受信数 E)= 途切れのない期間ごとの 秒数 ÷ その時の送信間隔(端数切捨て)の和。valid(有効受信数)= 有効な測定のある送信間隔1つ分の区間の数(figure_usage_device の received と同じ数え方。品質の確認で誤りとされた測定だけの区間は数えない。どの確認によるかは figure_quality)。arrived = 届いた測定メッセージ数(UPLINK と BACKFILL)。sent = arrived + 通番から数えた欠落。
送信率 = sent ÷ expected、無線到達率 = arrived ÷ sent、有効率 = valid ÷ arrived、データ取得率 = valid ÷ expected。3つの積は整数のまま正確にデータ取得率になる。通番のない機器(counted が偽)は sent = arrived: 無線で失われた分は区別できず、送信率に含まれる。登録より多く送る機器は送信率が100%を超え、その分だけ有効率が下がる。
alive_s: 動作時間のうち、最後の測定から送信間隔の3倍(平常時は1.5倍)以内の秒数。稼働率 = alive_s ÷ active_s。旧版で集計した日は、その日の最も長い途絶だけを引く。late_classes, late_counts: 遅延の階級(rollup_late_class)ごとのメッセージ数(まとめ送りと、時刻に注記のあるものを除く)。
The actuals of a plan: one row for each place of a device, so that one which moved counts in each by its days; from first_day to the day before until_day in Japan, as seen at now_. Everything counts within the stretches it was meant to send in (figure_plan_stretch) only. expected (E): floor(seconds / interval) of each stretch, by the interval of then. valid: slots with a measurement that counts, as received of figure_usage_device; not those whose readings all failed a test of quality (figure_quality says which). arrived: messages of kind UPLINK and BACKFILL. sent: these and those lost by the counter. The rates sent / expected, arrived / sent and valid / arrived make valid / expected, exactly, for they are integers of one row. A device without a counter (counted is false) has sent = arrived: what the radio lost cannot be told apart and lowers the first rate. A device that sends more often than registered has more than 100 % in the first and less in the last. alive_s: seconds of active_s in which the last measurement was at most three intervals old, in calm mode 1.5; of a day that an older version summed up only the longest silence is taken off.';
