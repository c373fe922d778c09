-- The radios of a fleet side by side.

create function figure_chosen(projects text[], networks text[], gateways text[] default null)
returns table (
    device_id integer, project text, network text, network_name text, network_kind text, gateway text,
    gateway_name text, device text, device_name text, interval_s integer
)
language sql stable as $$
    select d.device_id, p.code, n.code, n.name, n.kind, g.code, g.name, d.code, d.name, d.interval_s
    from device d
    join project p using (project_id)
    join network n using (network_id)
    left join gateway g using (gateway_id)
    where p.code = any(projects) and (networks is null or n.code = any(networks))
      and (gateways is null or coalesce(g.code, '-') = any(gateways))
$$;

comment on function figure_chosen is
'事業・通信網・基地局(台帳のもの。なければ「-」)で選んだ機器。networks, gateways が NULL ならすべて。
The devices chosen by project, network and gateway (that of the registry; ''-'' where it names none). networks, gateways null: all.';

create function figure_radio(
    projects text[], networks text[], gateways text[], from_ timestamptz, to_ timestamptz
)
returns table (
    "time" timestamptz, network text, network_name text, network_kind text, devices bigint, received bigint,
    lost bigint, arrival_rate double precision, rssi_dbm double precision, rssi_worst real,
    snr_db double precision, snr_worst real, airtime_s double precision, payload_bytes bigint
)
language sql stable as $$
    with chosen as materialized (select c.* from figure_chosen(projects, networks, gateways) c),
    asked as (select coalesce(array_agg(c.device_id), '{}') as devices, to_ - from_ > interval '3 days' as long from chosen c),
    sums as (
        select rollup_midnight(u.day) as start, u.device_id, u.received, u.payload_bytes, u.airtime_ms, u.lost,
            u.rssi_worst, u.rssi_median, u.snr_worst, u.snr_median
        from asked cross join lateral rollup_uplink_days(
            asked.devices, rollup_day_of(from_), rollup_day_of(to_ - interval '1 microsecond') + 1
        ) u
        where asked.long
        union all
        select u.starts, u.device_id, u.received, u.payload_bytes, u.airtime_ms, u.lost,
            u.rssi_worst, u.rssi_median, u.snr_worst, u.snr_median
        from asked cross join lateral rollup_uplinks_between(asked.devices, rollup_hour_of(from_), to_) u
        where not asked.long
    )
    select
        s.start, c.network, c.network_name, c.network_kind,
        count(*) filter (where s.received > 0), sum(s.received)::bigint, sum(s.lost)::bigint,
        figure_completeness(
            sum(s.received) filter (where s.lost is not null),
            (sum(s.received) filter (where s.lost is not null) + greatest(sum(s.lost), 0))::bigint
        ),
        percentile_cont(0.5) within group (order by s.rssi_median), min(s.rssi_worst),
        percentile_cont(0.5) within group (order by s.snr_median), min(s.snr_worst),
        sum(s.airtime_ms) / 1000, sum(s.payload_bytes)::bigint
    from sums s join chosen c using (device_id)
    group by s.start, c.network, c.network_name, c.network_kind
    order by s.start, c.network
$$;

comment on function figure_radio is
'通信網別の電波の品質の時系列。幅は1時間、期間が3日を超えるときは1日(日本時間)。received: 測定メッセージ数。lost, arrival_rate(無線到達率): 通番のある機器だけで数える。rssi_dbm, snr_db: 機器ごとの中央値の中央値(5G・LTE では RSRP と SINR)。rssi_worst, snr_worst: 最悪値。airtime_s: 送信時間の合計。
Radio quality by network, by hour, or by day in Japan where the period is longer than three days. lost, arrival_rate: of devices that count their messages. rssi_dbm, snr_db: the median of the medians of the devices (RSRP and SINR in 5G and LTE). airtime_s: summed time on the air.';

create function figure_airtime(projects text[], networks text[], gateways text[], from_ timestamptz, to_ timestamptz)
returns table (
    project text, device text, device_name text, network_name text, network_kind text, gateway text, gateway_name text,
    worst_hour timestamptz, worst_s double precision, budget_used double precision, total_s double precision
)
language sql stable as $$
    with chosen as materialized (select c.* from figure_chosen(projects, networks, gateways) c),
    hours as (
        select u.device_id, u.starts as hour, u.airtime_ms
        from rollup_uplinks_between(
            (select coalesce(array_agg(c.device_id), '{}') from chosen c), rollup_hour_of(from_), to_
        ) u
        where u.airtime_ms > 0
    ),
    worst as (
        select distinct on (h.device_id) h.device_id, h.hour, h.airtime_ms as most, sum(h.airtime_ms) over device as total
        from hours h
        window device as (partition by h.device_id)
        order by h.device_id, h.airtime_ms desc, h.hour desc
    )
    select
        c.project, c.device, c.device_name, c.network_name, c.network_kind, c.gateway, c.gateway_name,
        w.hour, w.most / 1000, w.most / 3600, w.total / 1000
    from worst w join chosen c using (device_id)
$$;

comment on function figure_airtime is
'機器別の送信時間。worst_hour, worst_s: 最も長く送信した1時間(毎時0分から)とその秒数。budget_used: 920MHz帯で多い上限「1時間あたり360秒」に対する%(上限は周波数と方式で異なり、上限のない帯域もある)。任意の60分間では毎時の値の2倍まであり得る。送信時間を知らせない機器の行はない。
Time on the air by device. worst_hour, worst_s: the clock hour in which it sent longest. budget_used: percent of 360 seconds an hour, the limit of most of the 920 MHz band (others have another limit or none). In any 60 minutes it may be up to twice the worst clock hour. No row for a device whose messages do not tell it.';

create function figure_recent_from(from_ timestamptz, to_ timestamptz) returns timestamptz
language sql immutable parallel safe as $$
    select greatest(from_, to_ - interval '24 hours')
$$;

comment on function figure_recent_from is
'1件ずつ数える図で使う期間の始まり: 期間の最後の24時間まで。
Where figures that look at single messages begin: they show at most the last 24 hours of a period.';

create function figure_latency(projects text[], networks text[], gateways text[], from_ timestamptz, to_ timestamptz)
returns table (
    "time" timestamptz, network text, network_name text, network_kind text, messages bigint,
    p50_s double precision, p95_s double precision
)
language plpgsql stable set plan_cache_mode = force_custom_plan set jit = off as $$
#variable_conflict use_column
declare
    since_ constant timestamptz = figure_recent_from(from_, to_);
begin
    return query
    select
        rollup_hour_of(u.time), c.network, c.network_name, c.network_kind, count(*),
        percentile_cont(0.5) within group (order by extract(epoch from u.received_at - u.time)::double precision),
        percentile_cont(0.95) within group (order by extract(epoch from u.received_at - u.time)::double precision)
    from uplink u join figure_chosen(projects, networks, gateways) c using (device_id)
    where u.time >= since_ and u.time < to_ and u.kind = 0 and coalesce(u.quality, 0) = 0
    group by 1, 2, 3, 4
    order by 1, 2;
end
$$;

comment on function figure_latency is
'通信網別・1時間ごとの遅延: 測定から受信までの秒数の中央値と95%点。期間の最後の24時間まで。まとめ送りと、時刻に注記のあるメッセージは数えない。
Delay from measurement to receipt by network and hour, median and 95th percentile, in seconds; at most the last 24 hours of the period. Backfills and messages whose time is remarked upon do not count.';

create function figure_gateway_traffic(projects text[], networks text[], from_ timestamptz, to_ timestamptz)
returns table (
    project text, network_name text, network_kind text, gateway text, gateway_name text, messages bigint,
    devices bigint, heard_by double precision, airtime_s double precision, last_at timestamptz
)
language plpgsql stable set plan_cache_mode = force_custom_plan set jit = off as $$
#variable_conflict use_column
declare
    since_ constant timestamptz = figure_recent_from(from_, to_);
begin
    return query
    select
        p.code, n.name, n.kind, g.code, g.name, t.messages, t.devices, t.heard_by, t.airtime_s, t.last_at
    from (
        select d.gateway_id, sum(d.messages)::bigint as messages, count(*) as devices,
            sum(d.heard_by)::double precision / nullif(sum(d.counted), 0) as heard_by,
            sum(d.airtime_ms) / 1000 as airtime_s, max(d.last_at) as last_at
        from (
            select u.gateway_id, u.device_id, count(*) as messages, sum(u.gateway_count) as heard_by,
                count(u.gateway_count) as counted, sum(u.airtime_ms)::double precision as airtime_ms,
                max(u.received_at) as last_at
            from uplink u
            where u.time >= since_ and u.time < to_ and u.gateway_id is not null
            group by u.gateway_id, u.device_id
        ) d
        group by d.gateway_id
    ) t
    join gateway g using (gateway_id)
    join network n using (network_id)
    join project p using (project_id)
    where p.code = any(projects) and (networks is null or n.code = any(networks));
end
$$;

comment on function figure_gateway_traffic is
'基地局別の受信。期間の最後の24時間まで。その基地局が最もよく受けたメッセージの数、機器の数、1件を同時に受けた基地局数の平均(heard_by)、送信時間の合計(配下の電波の混み具合)。
What each gateway heard best in at most the last 24 hours of the period: messages, devices, mean number of gateways that heard a message (heard_by), summed time on the air.';

create function figure_handover(projects text[], networks text[], gateways text[], from_ timestamptz, to_ timestamptz)
returns table (
    project text, device text, device_name text, network_name text, network_kind text, handovers bigint, cells bigint,
    last_cell text, messages bigint
)
language plpgsql stable set plan_cache_mode = force_custom_plan set jit = off as $$
#variable_conflict use_column
declare
    since_ constant timestamptz = figure_recent_from(from_, to_);
begin
    return query
    select
        c.project, c.device, c.device_name, c.network_name, c.network_kind,
        count(*) filter (where m.cell <> m.before), count(distinct m.cell),
        (array_agg(m.cell order by m.time desc))[1], count(*)
    from (
        select l.*, lag(l.cell) over (partition by l.device_id order by l.time) as before
        from (
            select u.device_id, u.time,
                coalesce(u.link #>> '{halow,bssid}', u.link #>> '{nr,nci}', u.link #>> '{lte,eci}') as cell
            from uplink u
            where u.time >= since_ and u.time < to_ and u.link is not null
              and u.device_id = any(array(
                  select f.device_id from figure_chosen(projects, networks, gateways) f where f.network_kind <> 'lpwa'
              ))
        ) l
        where l.cell is not null
    ) m
    join figure_chosen(projects, networks, gateways) c using (device_id)
    group by c.project, c.device, c.device_name, c.network_name, c.network_kind;
end
$$;

comment on function figure_handover is
'接続先の切替え: 機器別に、接続先(HaLow のアクセスポイント、5G・LTE のセル)が変わった回数、使った接続先の数、最後の接続先。期間の最後の24時間まで。
How often a device changed its access point (HaLow) or cell (5G, LTE), how many it used and which was the last; at most the last 24 hours of the period.';

create view figure_gateway_stats as
select
    e.gateway_id, e.time, e.wanted, e.sent, (e.more #>> '{tx_per_status,DUTY_CYCLE_OVERFLOW}')::bigint as over_duty
from gateway_event e
where e.kind = 0;

comment on view figure_gateway_stats is
'基地局自身の報告1件ごとの送信の回数(前の報告からの増分)。over_duty: 送信時間の枠を超えるとして断った回数。
What a gateway sent since its report before, one row a report. over_duty: refused by the gateway for its duty cycle.';

create function figure_gateway_sent(projects text[], networks text[], gateways text[], from_ timestamptz, to_ timestamptz)
returns table (
    project text, network_name text, gateway text, gateway_name text, wanted bigint, sent bigint, not_sent bigint,
    over_duty bigint, worst_hour timestamptz, worst_sent bigint, last_at timestamptz, timed bigint, airtime_s double precision
)
language plpgsql stable set plan_cache_mode = force_custom_plan set jit = off as $$
#variable_conflict use_column
declare
    since_ constant timestamptz = figure_recent_from(from_, to_);
begin
    return query
    select
        p.code, n.name, g.code, g.name, sum(h.wanted)::bigint, sum(h.sent)::bigint, sum(h.wanted - h.sent)::bigint,
        sum(h.over_duty)::bigint, (array_agg(h.hour order by h.sent desc, h.hour))[1], max(h.sent), max(h.last_at),
        max(f.timed), max(f.airtime_s)
    from (
        select e.gateway_id, rollup_hour_of(e.time) as hour, sum(e.wanted) as wanted, sum(e.sent) as sent,
            sum(e.over_duty) as over_duty, max(e.time) as last_at
        from figure_gateway_stats e
        where e.time >= since_ and e.time < to_
        group by e.gateway_id, rollup_hour_of(e.time)
    ) h
    join gateway g using (gateway_id)
    join network n using (network_id)
    join project p using (project_id)
    left join lateral (
        select count(t.airtime_ms) as timed, sum(t.airtime_ms) / 1000 as airtime_s from figure_gateway_transmission t
        where t.gateway_id = g.gateway_id and t.time >= since_ and t.time < to_
    ) f on true
    where p.code = any(projects) and (networks is null or n.code = any(networks)) and (gateways is null or g.code = any(gateways))
    group by p.code, n.name, g.code, g.name;
end
$$;

comment on function figure_gateway_sent is
'基地局別の送信(下り)の回数。期間の最後の24時間まで、基地局自身の報告による。wanted: 頼まれた回数、sent: 送った回数、not_sent: その差、over_duty: 送信時間の枠を超えるとして基地局が断った回数(知らせる基地局だけ)、worst_hour と worst_sent: 最も多く送った1時間(毎時0分から)とその回数。報告は回数だけ。timed と airtime_s: 通信サーバーが長さを知らせたフレームの数と秒数(figure_gateway_transmission)。知らされなければ airtime_s は値なし。timed が sent より少なければ下限。
What gateways sent (downlink), in at most the last 24 hours of the period, by their own reports: asked for (wanted), sent, not sent, refused by the gateway for its duty cycle (over_duty, where it tells), and the clock hour with most (worst_hour, worst_sent). Its reports are counts only. timed, airtime_s: frames whose length the network server tells, and their seconds on the air (figure_gateway_transmission); airtime_s is null where nobody tells, and a lower bound where timed is less than sent.';
