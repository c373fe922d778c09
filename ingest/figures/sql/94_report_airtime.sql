-- The radio of every device of a period: which rule it keeps to, where it stands, and how long it was on the air.

create function figure_report_radio(project_code text, first_day date, until_day date, now_ timestamptz)
returns table (
    device text, device_name text, technology text, network_name text, latest boolean, airtime_regime text,
    site_class text, technical_conformity text
)
language sql stable as $$
    with span as (
        select rollup_midnight(first_day) as from_,
            least(rollup_midnight(until_day), greatest(now_, rollup_midnight(first_day))) as to_
    ),
    place as (
        select l.device_id, n.kind, l.project_id, max(l.valid_from) as since,
            (array_agg(n.name order by l.valid_from desc))[1] as network_name
        from device_placement l
        join project p on p.project_id = l.project_id and p.code = project_code
        join network n on n.network_id = l.network_id
        cross join span s
        where l.valid_from < s.to_ and (l.valid_to is null or l.valid_to > s.from_)
        group by l.device_id, n.kind, l.project_id
    )
    select d.code, d.name, p.kind, p.network_name, c.latest, case when c.latest then d.airtime_regime end, d.site_class,
        (
            select a.technical_conformity from asset a
            where a.device_id = d.device_id and a.project_id = p.project_id and a.technical_conformity <> ''
            order by a.disposed_on desc nulls first, a.asset_id desc limit 1
        )
    from place p
    join device d on d.device_id = p.device_id
    join network m on m.network_id = d.network_id
    cross join lateral (select d.project_id = p.project_id and m.kind = p.kind as latest) c
$$;

comment on function figure_report_radio is
'期間(first_day から until_day の前日まで、日本時間、now_ まで)にこの事業にあった機器と、その通信方式。途中で通信方式の変わった機器は方式ごとに1行。latest: 台帳の今の通信方式か。airtime_regime(送信時間の区分): 台帳には今の区分だけがあるため、前の通信方式の行は空。site_class(設置環境): 台帳の今のもの。technical_conformity: 資産の行にある技適番号。
The devices of a project within a period, one row for each radio technology a device had in it. latest: the technology the registry has now. airtime_regime: the registry knows only the one of now, so it is null in the row of an earlier technology. site_class: that of now. technical_conformity: of its line in the ledger of assets.';

create function figure_report_airtime(
    project_code text, first_day date, until_day date, now_ timestamptz, pair_from_s double precision default 18
)
returns table (
    device text, technology text, month date, received bigint, lost bigint, timed bigint, airtime_s double precision,
    estimated_s double precision, longest_ms double precision, worst_hour timestamptz, worst_s double precision,
    worst_heard_s double precision, two_hours_s double precision
)
language plpgsql stable rows 1000 set plan_cache_mode = force_custom_plan set jit = off set work_mem = '64MB' as $$
#variable_conflict use_column
declare
    from_ constant timestamptz = rollup_midnight(first_day);
    to_ constant timestamptz = least(rollup_midnight(until_day), greatest(now_, from_));
    open_ constant timestamptz = (select s.materialised_until from rollup_state s);
    month_ date = date_trunc('month', first_day);
    starts_ timestamptz;
    ends_ timestamptz;
    first_ bigint;
begin
    -- Month by month: a year of hours of a large fleet would not fit into memory.
    while rollup_midnight(month_) < to_ loop
        starts_ = greatest(rollup_midnight(month_), from_);
        ends_ = least(rollup_midnight((month_ + interval '1 month')::date), to_);
        first_ = date_part('epoch', starts_);
        return query
        with placed as materialized (
            select l.device_id, l.valid_from, coalesce(l.valid_to, 'infinity') as valid_to, n.kind,
                ceil(3600.0::double precision / l.interval_s) as an_hour,
                dense_rank() over (order by l.device_id, n.kind) as place
            from device_placement l
            join project p on p.project_id = l.project_id and p.code = project_code
            join network n on n.network_id = l.network_id
            where l.valid_from < ends_ and (l.valid_to is null or l.valid_to > starts_)
        ),
        -- As rollup_uplinks_between, without laying down a row of every hour.
        hour as not materialized (
            select h.device_id, h.hour as starts, h.received, h.lost, h.airtime_ms
            from uplink_hour h
            where h.hour >= starts_ and h.hour < least(ends_, open_)
              and (h.device_id, h.hour) not in (select p.device_id, p.hour from rollup_pending p)
            union all
            select c.device_id, c.starts, c.received, c.lost, c.airtime_ms
            from rollup_pending_span s
            cross join lateral rollup_uplinks(
                array[s.device_id], greatest(s.starts, starts_), least(s.ends, ends_), '1 hour'
            ) c
            where s.starts < ends_ and s.ends > starts_ and s.device_id in (select l.device_id from placed l)
            union all
            select c.device_id, c.starts, c.received, c.lost, c.airtime_ms
            from rollup_uplinks(
                (select array_agg(distinct l.device_id) from placed l), greatest(open_, starts_), ends_, '1 hour'
            ) c
            where open_ < ends_
        ),
        reckoned as not materialized (
            select l.place, h.starts, h.received, h.lost, h.airtime_ms, case when h.received > 0 and h.lost > 0
                then h.airtime_ms * (1 + least(h.lost, greatest(h.received, l.an_hour)) / h.received)
                else h.airtime_ms end as here_ms
            from hour h (hour_of, starts, received, lost, airtime_ms)
            join placed l on l.device_id = h.hour_of and h.starts >= l.valid_from and h.starts < l.valid_to
        ),
        summed as materialized (
            select r.place, sum(r.received)::bigint as received, sum(r.lost)::bigint as lost,
                coalesce(sum(r.received) filter (where r.airtime_ms > 0), 0)::bigint as timed,
                nullif(sum(r.airtime_ms), 0) as heard_ms, max(r.airtime_ms / nullif(r.received, 0)) as longest_ms,
                max(r.airtime_ms) as most_ms,
                -- The greatest one and its hour in one number: microseconds x 1024 + hours to the end of the month.
                max(round(1000 * r.here_ms)::bigint * 1024
                    + 1023 - (date_part('epoch', r.starts)::bigint - first_) / 3600) as worst
            from reckoned r
            group by r.place
        ),
        pair as (                -- only of those that sent long: nobody else comes near to a limit
            select p.place, max(p.here_ms + p.after_ms) as most_ms
            from (
                select r.place, r.here_ms, case
                    when lead(r.starts) over same = r.starts + interval '1 hour' then lead(r.here_ms) over same else 0
                end as after_ms
                from reckoned r
                where r.place in (select s.place from summed s where (s.worst >> 10) > pair_from_s * 1e6)
                window same as (partition by r.place order by r.starts)
            ) p
            group by p.place
        )
        select d.code, l.kind, month_, s.received, s.lost, s.timed, s.heard_ms / 1000,
            case when s.timed > 0 then s.heard_ms / 1000 / s.timed * (s.received + greatest(coalesce(s.lost, 0), 0)) end,
            s.longest_ms, starts_ + (1023 - (s.worst & 1023)) * interval '1 hour', (s.worst >> 10) / 1e6::double precision,
            s.most_ms / 1000, coalesce(p.most_ms / 1000, 2 * (s.worst >> 10) / 1e6::double precision)
        from summed s
        join (select distinct l.place, l.device_id, l.kind from placed l) l using (place)
        join device d on d.device_id = l.device_id
        left join pair p using (place);
        month_ = (month_ + interval '1 month')::date;
    end loop;
end
$$;

comment on function figure_report_airtime is
'920MHz送信時間台帳: 機器・通信方式・月ごとの送信。received: 受信した測定メッセージ数。lost: 通番の差から数えた欠落(通番のない機器は値なし)。送信回数 = received + lost(同じ通番の再送は数えられないので下限。通番がなければ received だけの下限)。timed: 送信時間の分かる受信の数。airtime_s: 受信したものの送信時間の合計(受信時に拡散率・帯域幅・データ長から LoRa の式で求めたもの、または機器や通信サーバーの申告)。分からなければ値なし。estimated_s: 送信回数すべての推定 = airtime_s ÷ timed × 送信回数。longest_ms: 1時間ごとに平均した1回の送信時間の最大。worst_hour, worst_s: 最も長く送信した1時間(毎時0分から)とその推定秒数。長い途絶の後の1時間には、その時間に送れた数(受信数と、送信間隔から見た1時間の数の大きい方)までの欠落を加える。worst_heard_s: 受信したものだけの最大。two_hours_s: 連続する2時間の推定の最大(任意の60分間はこれを超えない)。worst_s が pair_from_s 秒以下の月は、その2倍。
The ledger of airtime: messages of each device, technology and month. received: messages of measurements; lost: by the counter (null without one). Sent = received + lost, a lower bound: a frame repeated under its counter is not seen. timed: of the received those of hours whose time on the air is known. airtime_s: of what was received: by the LoRa formula at receipt from spreading factor, bandwidth and size, or as device or network server told; null where nobody told. estimated_s: of everything sent = airtime_s / timed x sent. longest_ms: the greatest mean of one message over an hour. worst_hour, worst_s: the clock hour with the longest estimate; of what was lost before its first message as many count as it could send in an hour: what was received, or by its interval, whichever is more. worst_heard_s: of what was received alone. two_hours_s: the longest two clock hours in a row, which no 60 minutes exceed; twice worst_s where that is pair_from_s seconds or less.';

create function figure_airtime_sliding(project_code text, first_day date, until_day date, now_ timestamptz)
returns table (
    device text, month date, seconds double precision, ended_at timestamptz, estimated boolean, limit_s double precision,
    whole boolean
)
language sql stable as $$
    select d.code, w.month, w.worst_s, w.worst_at, w.estimated, w.limit_s,
        coalesce(r.begun_at <= rollup_midnight(w.month), false) and coalesce(
            g.done_until >= least(rollup_midnight((w.month + interval '1 month')::date), now_ - interval '1 hour'), false
        )
    from watch_airtime w
    cross join (select min(begun_at) as begun_at from watch_run) r
    left join watch_progress g on g.name = 'airtime'
    join project p on p.project_id = w.project_id and p.code = project_code
    join device d on d.device_id = w.device_id
    where w.month >= date_trunc('month', first_day) and w.month < until_day and rollup_midnight(w.month) < now_
$$;

comment on function figure_airtime_sliding is
'任意の60分間の送信時間の最大、機器・月ごと(監視の台帳 watch_airtime)。seconds: 最大の秒数。ended_at: その60分の終わり。estimated: 通番から数えた欠落を、前のフレームとの間に均等に置いて加えた推定か(送信機が自ら知らせる値なら偽)。毎時0分からの1時間の最大(figure_report_airtime の worst_s)はこれを超えない(推定の欠落の置き方による差を除く)。whole: 監視がその月の初めより前から動いていて、月の終わり(途中なら1時間前)まで見た。監視が動いていなかった月の行はない。
The most time on the air within any 60 minutes, by device and month, from the ledger of the watch (watch_airtime). ended_at: when these ended. estimated: by frames, with losses that the counter tells of spread over the time since the frame before; false where the transmitter says it itself. No clock hour (worst_s of figure_report_airtime) has more, but for where lost frames are put. whole: the watch began before the month and has seen it to its end (of a month that lasts: until an hour ago). No row of a month in which the watch did not run.';
