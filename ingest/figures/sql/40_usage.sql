-- How complete a period was: what was expected of each device, and what of it was received.

create function figure_usage_device(project_code text, from_ timestamptz, to_ timestamptz, now_ timestamptz)
returns table (
    device_id integer, network text, network_name text, network_kind text, device text, device_name text,
    model text, use text, enabled boolean, interval_s integer, active_s double precision,
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
    measured as materialized (   -- one row for each distinct measurement time of a device
        select r.device_id, r.time, count(*) as readings, count(*) filter (where r.quality <> 0) as flagged
        from reading r
        where r.time >= from_ and r.time < to_ and r.device_id in (select c.device_id from chosen c)
        group by r.device_id, r.time
    ),
    stored as (
        select m.device_id, sum(m.readings)::bigint as readings, sum(m.flagged)::bigint as flagged,
            min(m.time) as first_at, max(m.time) as last_at
        from measured m group by m.device_id
    ),
    heard as (
        select u.device_id, count(*) filter (where u.kind in (0, 4)) as uplinks, sum(u.payload_bytes) as payload_bytes
        from uplink u
        where u.time >= from_ and u.time < to_ and u.device_id in (select c.device_id from chosen c)
        group by u.device_id
    ),
    housekeeping as (            -- moments at which a device only spoke of itself (status, join): no measurement
        select u.device_id, u.time from uplink u
        where u.time >= from_ and u.time < to_ and u.device_id in (select c.device_id from chosen c)
        group by u.device_id, u.time having bool_and(u.kind not in (0, 4))
    ),
    aside as (
        select q.device_id, count(*) as quarantined from quarantine q
        where q.time >= from_ and q.time < to_ and q.replayed_at is null
        group by q.device_id
    ),
    span as materialized (
        select c.device_id, c.interval_s, a.starts, a.ends,
            extract(epoch from a.ends - a.starts)::double precision as seconds,
            coalesce(
                sum(extract(epoch from a.ends - a.starts)) over (
                    partition by c.device_id order by a.starts rows between unbounded preceding and 1 preceding
                ), 0
            )::double precision as before_s
        from chosen c
        cross join lateral figure_active(c.season_from, c.season_to, c.installed_on, from_, least(to_, now_)) a
        where c.enabled or c.device_id in (select s.device_id from stored s)
    ),
    active as (
        select s.device_id, sum(s.seconds) as active_s, floor(sum(s.seconds) / s.interval_s)::bigint as expected
        from span s group by s.device_id, s.interval_s
    ),
    placed as materialized (     -- measurements inside the active time; position: active seconds before them
        select s.device_id, s.starts, m.time, s.interval_s, a.expected,
            s.before_s + extract(epoch from m.time - s.starts)::double precision as position_s
        from measured m
        join span s on s.device_id = m.device_id and m.time >= s.starts and m.time < s.ends
        join active a on a.device_id = s.device_id
        where not exists (select from housekeeping h where h.device_id = m.device_id and h.time = m.time)
    ),
    covered as (
        select p.device_id, greatest(
            count(distinct floor(p.position_s / p.interval_s)),
            count(distinct floor(p.position_s / p.interval_s + 0.5)::bigint % p.expected)
        ) as received
        from placed p where p.expected > 0 and p.position_s < p.expected * p.interval_s
        group by p.device_id
    ),
    silence as (
        select gap.device_id, max(gap.seconds) as longest_s
        from (
            select edge.device_id, extract(
                epoch from edge.time - lag(edge.time) over (partition by edge.device_id, edge.starts order by edge.time)
            )::double precision as seconds
            from (
                select s.device_id, s.starts, s.starts as time from span s
                union all select s.device_id, s.starts, s.ends from span s
                union all select p.device_id, p.starts, p.time from placed p
            ) edge
        ) gap group by gap.device_id
    )
    select
        c.device_id, c.network, c.network_name, c.network_kind, c.code, c.name, c.model, c.use, c.enabled, c.interval_s,
        coalesce(active.active_s, 0),
        coalesce(active.expected, 0),
        coalesce(covered.received, 0),
        figure_completeness(coalesce(covered.received, 0), coalesce(active.expected, 0)),
        figure_reference_only(coalesce(covered.received, 0), coalesce(active.expected, 0)),
        coalesce(heard.uplinks, 0),
        coalesce(stored.readings, 0),
        coalesce(stored.flagged, 0),
        coalesce(aside.quarantined, 0),
        coalesce(heard.payload_bytes, 0),
        stored.first_at,
        stored.last_at,
        silence.longest_s
    from chosen c
    left join active using (device_id)
    left join covered using (device_id)
    left join heard using (device_id)
    left join stored using (device_id)
    left join aside using (device_id)
    left join silence using (device_id)
$$;

comment on function figure_usage_device is
'機器別の利用実績。期間 [from_, to_)、now_ 時点。
active_s: 動作しているはずの秒数(figure_active、now_ まで)。expected(期待受信数)= 動作秒数 ÷ 送信間隔、端数切捨て。
received(受信数)= 動作時間を送信間隔の長さの区間に区切り、保存された測定が1件以上ある区間の数。区切りの起点は開始時刻と半間隔ずらしの2通りを数え、多い方を採る(区間の境で送る機器の±数秒の揺れで欠測としないため)。端数の区間は期待にも受信にも数えない。再送・重複・同じ区間の複数の測定は1と数えるので expected を超えない。まとめ送りは届いた時刻ではなく個々の測定時刻で数える。状態通知・参加要求だけの時刻は測定に数えない。
completeness(データ取得率)= received ÷ expected。台帳で停止中の機器は、期間内に1件も保存がなければ期待受信数0、あれば期間全体を期待する(停止の日付が台帳にないため)。
uplinks: 測定メッセージ数(UPLINK と BACKFILL)。readings, flagged: 保存された測定値と、うち注記つき。quarantined: 隔離中で未処理の件数。payload_bytes: 全種のメッセージのバイト数。longest_silence_s: 動作時間内で測定のない最も長い時間(両端を含む)。
Usage of each device in [from_, to_) as seen at now_. active_s: seconds it was meant to work (figure_active, up to now_). expected: floor(active_s / interval_s). received: the active time is cut into slots of interval_s; slots with at least one stored measurement count, of two positions of the grid (from the start, and moved by half an interval) the one that finds more, so that a few seconds of jitter at the edge of a slot are not a loss; the last, incomplete slot is neither expected nor received. Retransmissions, duplicates and several measurements in one slot count once: received never exceeds expected, without being capped. A backfill counts at its measurement times, whenever it arrived. Messages in which a device only speaks of itself (status, join) are no measurement. A disabled device is expected to have worked through the period if anything of it was stored in it, else nothing is expected: the registry does not hold the day it was switched off.
uplinks: messages of kind UPLINK and BACKFILL by their time. readings, flagged: stored readings by measurement time, and those with a remark. quarantined: parts set aside and not replayed. payload_bytes: of messages of any kind. longest_silence_s: longest time without a measurement inside active time, its edges included.';
