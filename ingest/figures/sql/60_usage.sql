-- How complete a period was: what was expected of each device, and what of it was received.

create function figure_whole_slots(
    hit bigint, hit_first bigint, hit_last bigint, starts timestamptz, ends timestamptz, interval_s integer,
    shift double precision
)
returns bigint language sql immutable as $$
    select least(
        span.expected,
        greatest(coalesce(hit, 0) - part.head - part.tail, 0)
            + case when grid.whole < span.expected then greatest(part.head, part.tail) else 0 end
    )
    from (select floor(extract(epoch from ends - starts)::double precision / interval_s)::bigint as expected) span
    cross join (
        select figure_slot(starts - interval '1 microsecond', interval_s, shift) + 1 as first_whole,
            figure_slot(ends, interval_s, shift) as part_last
    ) edge
    cross join lateral (select edge.part_last - edge.first_whole as whole) grid
    cross join lateral (
        select coalesce(hit_first < edge.first_whole, false)::integer as head,
            coalesce(hit_last >= edge.part_last, false)::integer as tail
    ) part
$$;

comment on function figure_whole_slots is
'動作期間 [starts, ends) の受信数。測定のあった区間の数 hit のうち、期間の両端で欠けた区間は、欠けた分を合わせて1区間になる場合に限り、どちらかに測定があれば1と数える。期間の長さ ÷ 送信間隔(端数切捨て)を超えない。
How many of the slots of an active span count as received, of hit with a measurement (hit_first and hit_last among them). The slots cut off by the edges count as one together, where they make up for one that the grid has not room for; so never more than floor(length / interval_s).';

create function figure_mode_usage(devices integer[], from_ timestamptz, to_ timestamptz)
returns table (device_id integer, expected bigint, received bigint)
language plpgsql stable rows 10 set plan_cache_mode = force_custom_plan set jit = off as $$
#variable_conflict use_column
begin
    return query
    with active as (
        select d.device_id, d.interval_s, d.calm_interval_s, range_agg(tstzrange(a.starts, a.ends)) as span
        from device d
        cross join lateral figure_active(d.season_from, d.season_to, d.installed_on, from_, to_) a
        where d.device_id = any(devices)
        group by d.device_id
    ),
    flood as materialized (
        select f.* from figure_flood(devices, from_, to_, true) f
    ),
    piece as materialized (
        select a.device_id, m.calm, m.interval_s, lower(r.span) as starts, upper(r.span) as ends
        from active a
        left join flood f using (device_id)
        cross join lateral (
            values (false, a.interval_s, a.span * coalesce(f.span, '{}')),
                (true, a.calm_interval_s, a.span - coalesce(f.span, '{}'))
        ) m (calm, interval_s, spans)
        cross join lateral unnest(m.spans) r (span)
    ),
    spoke as materialized (      -- moments at which a device spoke of itself only
        select u.device_id, u.time from uplink u
        where u.device_id = any(devices) and u.time >= from_ and u.time < to_
        group by u.device_id, u.time having count(*) filter (where u.kind in (0, 4)) = 0
    ),
    moment as materialized (
        select distinct r.device_id, r.time from reading_counted r
        where r.device_id = any(devices) and r.time >= from_ and r.time < to_
          and not exists (select from spoke s where s.device_id = r.device_id and s.time = r.time)
          and not exists (
              select from watch_flag f
              where f.grade = 4 and f.device_id = r.device_id and f.quantity_id = r.quantity_id
                and f.channel = r.channel and r.time >= f.starts and r.time <= f.ends
          )
    ),
    hit as (
        select p.device_id, p.calm, p.starts, p.ends, p.interval_s,
            count(distinct s.slot) as slots, min(s.slot) as slot_first, max(s.slot) as slot_last,
            count(distinct s.half) as halves, min(s.half) as half_first, max(s.half) as half_last
        from piece p
        left join moment m on m.device_id = p.device_id and m.time >= p.starts and m.time < p.ends
        left join lateral (
            select figure_slot(m.time, p.interval_s, 0) as slot, figure_slot(m.time, p.interval_s, 0.5) as half
        ) s on true
        group by p.device_id, p.calm, p.starts, p.ends, p.interval_s
    ),
    mode as (
        select h.device_id, sum(floor(extract(epoch from h.ends - h.starts) / h.interval_s))::bigint as expected,
            greatest(
                sum(figure_whole_slots(h.slots, h.slot_first, h.slot_last, h.starts, h.ends, h.interval_s, 0)),
                sum(figure_whole_slots(h.halves, h.half_first, h.half_last, h.starts, h.ends, h.interval_s, 0.5))
            )::bigint as received
        from hit h group by h.device_id, h.calm
    )
    select m.device_id, sum(m.expected)::bigint, sum(m.received)::bigint from mode m group by m.device_id;
end
$$;

comment on function figure_mode_usage is
'送信間隔が2つある機器の期待受信数と受信数、期間 [from_, to_)。動作しているはずの期間(figure_active)を、出水時(figure_flood)とそれ以外に分け、それぞれの送信間隔で figure_usage_device のとおりに数える。測定値そのものから数えるので、測定値が保存期間を過ぎて削除された日は受信数に入らない。
Expected and received of gauges of two intervals: the time in which they were meant to work (figure_active) falls into times of flood (figure_flood) and calm ones, and each is counted by its own interval, as figure_usage_device does. Counted from the readings themselves, on the spot: no kept sum depends on the second interval or on active_level_m, so a change of these in the registry holds at once and nothing is summed up again. Days whose readings were let go count as not received.';

create function figure_usage_device(project_code text, from_ timestamptz, to_ timestamptz, now_ timestamptz)
returns table (
    device_id integer, network text, network_name text, network_kind text, device text, device_name text,
    model text, use text, enabled boolean, interval_s integer, calm_interval_s integer, active_s double precision,
    expected bigint, received bigint, completeness double precision, reference_only boolean,
    uplinks bigint, readings bigint, flagged bigint, quarantined bigint, payload_bytes bigint,
    first_at timestamptz, last_at timestamptz, longest_silence_s double precision
)
language sql stable as $$
    with chosen as materialized (
        select d.*, n.code as network, n.name as network_name, n.kind as network_kind
        from device d join network n using (network_id) join project p on p.project_id = d.project_id
        where p.code = project_code
    ),
    asked as (
        select coalesce(array_agg(c.device_id), '{}') as devices, least(to_, greatest(now_, from_)) as seen_to from chosen c
    ),
    day as materialized (        -- what is seen at now_, by device and day
        select d.* from asked cross join lateral rollup_usage_between(asked.devices, from_, asked.seen_to) d
    ),
    later as (                   -- stored with a time after now_: counted, but not expected
        select d.* from asked cross join lateral rollup_usage_between(asked.devices, asked.seen_to, to_) d
        where asked.seen_to < to_
    ),
    stored as (
        select a.device_id, sum(a.readings)::bigint as readings, sum(a.flagged)::bigint as flagged,
            min(a.first_at) as first_at, max(a.last_at) as last_at,
            sum(a.uplinks)::bigint as uplinks, sum(a.payload_bytes)::bigint as payload_bytes
        from (select * from day union all select * from later) a group by a.device_id
    ),
    aside as (
        select q.device_id, sum(q.parts)::bigint as quarantined
        from figure_quarantine_count q
        where q.time >= from_ and q.time < to_
        group by q.device_id
    ),
    span as materialized (
        select c.device_id, c.interval_s, c.calm_interval_s, a.starts, a.ends, extract(epoch from a.ends - a.starts)::double precision as seconds
        from chosen c
        cross join lateral figure_active(c.season_from, c.season_to, c.installed_on, from_, least(to_, now_)) a
        where c.enabled or c.device_id in (select s.device_id from stored s where s.readings > 0)
    ),
    placed as (                  -- the days inside the active time, each beside the one before it
        select s.device_id, s.starts, d.measured_first, d.measured_last, d.gap_s,
            d.slots, d.slot_first, d.slot_last, d.halves, d.half_first, d.half_last,
            lag(d.slot_last) over earlier as slot_before, lag(d.half_last) over earlier as half_before,
            lag(d.measured_last) over earlier as measured_before
        from span s
        join day d on d.device_id = s.device_id and d.measured_first >= s.starts and d.measured_first < s.ends
        window earlier as (partition by s.device_id, s.starts order by d.measured_first)
    ),
    filled as (
        select p.device_id, p.starts,
            count(*) filter (where p.slot_first = p.slot_before) as slots_twice,
            count(*) filter (where p.half_first = p.half_before) as halves_twice,
            sum(p.slots) as slots, min(p.slot_first) as slot_first, max(p.slot_last) as slot_last,
            sum(p.halves) as halves, min(p.half_first) as half_first, max(p.half_last) as half_last,
            max(p.measured_last) as last_at,
            greatest(
                max(p.gap_s), extract(epoch from max(p.measured_first - coalesce(p.measured_before, p.starts)))
            ) as gap_s
        from placed p group by p.device_id, p.starts
    ),
    moded as materialized (
        select m.* from asked cross join lateral figure_mode_usage(
            array(select distinct s.device_id from span s where s.calm_interval_s is not null), from_, least(asked.seen_to, now_)
        ) m
        where exists (select from span s where s.calm_interval_s is not null)
    ),
    covered as (
        select s.device_id, sum(s.seconds) as active_s, sum(floor(s.seconds / s.interval_s))::bigint as expected,
            greatest(
                sum(figure_whole_slots(
                    (f.slots - f.slots_twice)::bigint, f.slot_first, f.slot_last, s.starts, s.ends, s.interval_s, 0
                )),
                sum(figure_whole_slots(
                    (f.halves - f.halves_twice)::bigint, f.half_first, f.half_last, s.starts, s.ends, s.interval_s, 0.5
                ))
            )::bigint as received,
            max(greatest(f.gap_s, extract(epoch from s.ends - coalesce(f.last_at, s.starts))))::double precision as longest_s
        from span s left join filled f using (device_id, starts)
        group by s.device_id
    )
    select
        c.device_id, c.network, c.network_name, c.network_kind, c.code, c.name, c.model, c.use, c.enabled, c.interval_s,
        c.calm_interval_s, coalesce(covered.active_s, 0),
        counts.expected,
        counts.received,
        figure_completeness(counts.received, counts.expected),
        figure_reference_only(counts.received, counts.expected),
        coalesce(stored.uplinks, 0),
        coalesce(stored.readings, 0),
        coalesce(stored.flagged, 0),
        coalesce(aside.quarantined, 0),
        coalesce(stored.payload_bytes, 0),
        stored.first_at,
        stored.last_at,
        covered.longest_s
    from chosen c
    left join covered using (device_id)
    left join moded using (device_id)
    cross join lateral (
        select coalesce(moded.expected, covered.expected, 0) as expected,
            coalesce(moded.received, covered.received, 0) as received
    ) counts
    left join stored using (device_id)
    left join aside using (device_id)
$$;

comment on function figure_usage_device is
'機器別の利用実績。期間 [from_, to_)、now_ 時点。
active_s: 動作しているはずの秒数(figure_active、now_ まで)。expected(期待受信数)= 動作秒数 ÷ 送信間隔、端数切捨て(動作期間が途中の休止で分かれるときは、期間ごとに切り捨てて合計)。送信間隔が2つある機器では、出水時とそれ以外をそれぞれの間隔で数えて合計する(figure_mode_usage)。
received(受信数)= 時間を送信間隔の長さの区間に区切り、有効な測定が1件以上ある区間の数。有効な測定: reading_counted のうち、品質の確認(watch_flag)で誤り(grade 4)とされていないもの。区切りの起点は2000年1月1日0時(日本時間)とその半間隔ずらしの2通りを数え、多い方を採る(区間の境で送る機器の±数秒の揺れで欠測としないため)。動作期間の端で欠けた区間の扱いは figure_whole_slots のとおり。再送・重複・同じ区間の複数の測定は1と数えるので expected を超えない。まとめ送りは届いた時刻ではなく個々の測定時刻で数える。状態通知・参加要求だけの時刻は測定に数えない。
completeness(データ取得率)= received ÷ expected。台帳で停止中の機器は、期間内に1件も保存がなければ期待受信数0、あれば期間全体を期待する(停止の日付が台帳にないため)。
uplinks: 測定メッセージ数(UPLINK と BACKFILL)。readings, flagged: 保存された測定値と、うち注記つき。quarantined: 隔離中で未処理の件数。payload_bytes: 全種のメッセージのバイト数。longest_silence_s: 動作時間内で測定のない最も長い時間(両端を含む)。
Usage of each device in [from_, to_) as seen at now_. active_s: seconds it was meant to work (figure_active, up to now_). expected: floor(active_s / interval_s), floored for each part where the active time is interrupted; of a gauge of two intervals each mode by its own (figure_mode_usage). received: time is cut into slots of interval_s; slots with at least one measurement that counts (reading_counted) and did not fail a test of quality (watch_flag, grade 4), of two positions of the grid (from midnight of 1 January 2000 in Japan, and moved by half an interval) the one that finds more, so that a few seconds of jitter at the edge of a slot are not a loss. Slots cut off by the edges of the active time: see figure_whole_slots. Retransmissions, duplicates and several measurements in one slot count once: received never exceeds expected, without being capped. A backfill counts at its measurement times, whenever it arrived. Messages in which a device only speaks of itself (status, join) are no measurement. A disabled device is expected to have worked through the period if anything of it was stored in it, else nothing is expected: the registry does not hold the day it was switched off.
uplinks: messages of kind UPLINK and BACKFILL by their time. readings, flagged: stored readings by measurement time, and those with a remark. quarantined: parts set aside and not replayed. payload_bytes: of messages of any kind. longest_silence_s: longest time without a measurement inside active time, its edges included.';
