-- What gateways sent themselves (下り) in a period, where their network server tells it.

create function figure_report_gateway(project_code text, first_day date, until_day date, now_ timestamptz)
returns table (
    gateway text, gateway_name text, technology text, network_name text, airtime_regime text, reported bigint,
    sent bigint, timed bigint, airtime_s double precision, longest_ms double precision, sliding_s double precision,
    sliding_at timestamptz, whole boolean
)
language sql stable as $$
    with span as (
        select rollup_midnight(first_day) as from_,
            least(rollup_midnight(until_day), greatest(now_, rollup_midnight(first_day))) as to_
    )
    select
        g.code, g.name, n.kind, n.name, g.airtime_regime, said.reported, f.sent, f.timed, f.airtime_s, f.longest_ms,
        w.worst_s, w.worst_at, coalesce(r.begun_at <= f.first_at, false) and coalesce(
            p.done_until >= least(f.last_at, now_ - interval '1 hour'), false
        )
    from gateway g
    join network n using (network_id)
    join project o on o.project_id = n.project_id and o.code = project_code
    cross join span s
    cross join (select min(begun_at) as begun_at from watch_run) r
    left join watch_progress p on p.name = 'airtime'
    cross join lateral (
        select count(*) as sent, count(t.airtime_ms) as timed, sum(t.airtime_ms) / 1000 as airtime_s,
            max(t.airtime_ms) as longest_ms, min(t.time) as first_at, max(t.time) as last_at
        from figure_gateway_transmission t
        where t.gateway_id = g.gateway_id and t.time >= s.from_ and t.time < s.to_
    ) f
    left join lateral (
        select sum(e.sent)::bigint as reported from gateway_event e
        where f.sent > 0 and e.gateway_id = g.gateway_id and e.kind = 0
          and e.time >= greatest(s.from_, f.first_at) and e.time < s.to_
    ) said on true
    left join lateral (
        select a.worst_s, a.worst_at from watch_airtime a
        where a.transmitter = 'g:' || g.gateway_id and a.month >= date_trunc('month', first_day) and a.month < until_day
          and rollup_midnight(a.month) < now_
        order by a.worst_s desc, a.month limit 1
    ) w on true
$$;

comment on function figure_report_gateway is
'基地局の下り送信、期間(first_day から until_day の前日まで、日本時間、now_ まで)。この事業の基地局すべて。sent: 送ったと分かるフレームの数、timed: うち長さの分かるもの(figure_gateway_transmission)。airtime_s・longest_ms: 長さの分かるものの合計と最大。どれも知らされなければ sent・timed は0、時間は値なし(0秒とは言わない)。reported: 最初のフレームより後に基地局自身が報告した送信の回数(フレームが一つも知らされなければ値なし)。reported が sent より多ければ、知らされない送信(ビーコンなど)がある。sliding_s・sliding_at: 任意の60分の最大(監視の台帳)とその終わり。whole: 監視が最初のフレームより前から、最後のフレーム(または1時間前)まで見ていた。
Downlinks of every gateway of a project within a period. sent: frames that are known to have been sent; timed: those whose length is known (figure_gateway_transmission). airtime_s, longest_ms: sum and greatest of these; null where nobody tells, never 0. reported: frames that the gateway itself counted since the first of them (null where no frame is known); more than sent means that some are told by nobody, as beacons. sliding_s, sliding_at: the most in any 60 minutes by the ledger of the watch, and when these ended. whole: the watch saw all from before the first frame to the last one (or an hour ago).';
