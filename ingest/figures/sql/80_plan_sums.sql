-- The actuals of a plan summed up: by project, network, gateway, area, technology, use and device.

create function figure_plan(
    project_code text, first_day date, until_day date, now_ timestamptz, scope jsonb default null
)
returns table (
    level text, key text, name text, devices bigint, devices_counted bigint, expected bigint, sent bigint, arrived bigint,
    valid bigint, active_s double precision, alive_s double precision, readings bigint, flagged bigint, quarantined bigint,
    uplinks bigint, payload_bytes bigint, latency_samples bigint, latency_p50_s double precision,
    latency_p95_s double precision
)
language sql stable as $$
    with place as materialized (
        select d.* from figure_plan_device(project_code, first_day, until_day, now_, scope) d
    ),
    levelled as materialized (
        select v.level, coalesce(v.key, '') as key, v.name, p.*
        from place p
        cross join lateral (values
            ('project', project_code, (select j.name from project j where j.code = project_code)),
            ('network', p.network, p.network_name), ('gateway', p.gateway, p.gateway_name), ('area', p.area, p.area),
            ('technology', p.technology, p.technology), ('use', p.use, p.use), ('device', p.device, p.device_name)
        ) v (level, key, name)
    ),
    class as (
        select l.level, l.key, e.class, sum(e.times) as times
        from levelled l cross join lateral unnest(l.late_classes, l.late_counts) e (class, times)
        group by l.level, l.key, e.class
    ),
    running as (
        select c.level, c.key, c.class, sum(c.times) over so_far as up_to, sum(c.times) over whole as samples
        from class c
        window so_far as (partition by c.level, c.key order by c.class), whole as (partition by c.level, c.key)
    ),
    late as (
        select r.level, r.key, max(r.samples)::bigint as samples,
            power(10, (min(r.class) filter (where r.up_to >= 0.5 * r.samples) - 40) / 20.0)::double precision as p50_s,
            power(10, (min(r.class) filter (where r.up_to >= 0.95 * r.samples) - 40) / 20.0)::double precision as p95_s
        from running r group by r.level, r.key
    ),
    summed as (
        select l.level, l.key, max(l.name) as name, count(distinct l.device_id) filter (where l.expected > 0) as devices,
            count(distinct l.device_id) filter (where l.counted) as devices_counted,
            sum(l.expected)::bigint as expected, sum(l.sent)::bigint as sent, sum(l.arrived)::bigint as arrived,
            sum(l.valid)::bigint as valid, sum(l.active_s) as active_s, sum(l.alive_s) as alive_s,
            sum(l.readings)::bigint as readings, sum(l.flagged)::bigint as flagged,
            sum(l.quarantined)::bigint as quarantined, sum(l.payload_bytes)::bigint as payload_bytes
        from levelled l group by l.level, l.key
        union all
        select 'project', project_code, (select j.name from project j where j.code = project_code), 0, 0, 0, 0, 0, 0, 0, 0,
            0, 0, 0, 0
        where not exists (select from place)
    )
    select
        s.level, s.key, coalesce(s.name, ''), s.devices, s.devices_counted, s.expected, s.sent, s.arrived, s.valid, s.active_s,
        s.alive_s, s.readings, s.flagged, s.quarantined, s.arrived, s.payload_bytes, coalesce(t.samples, 0), t.p50_s, t.p95_s
    from summed s left join late t using (level, key)
$$;

comment on function figure_plan is
'計画の実績(figure_plan_device)の合計。level = project(事業、1行), network(通信網), gateway(基地局), area(地区), technology(通信方式), use(分野), device(機器)。key はそのコードまたは名前、台帳になければ空。率は合計した整数の比で求める。期間の途中で通信網などが変わった機器は、それぞれに、そこにあった期間の分だけ入る。devices: 受信を1回以上期待した(expected が1以上の)機器の数。運用期間外・計画停止・台帳で無効のままだった機器は入らない。devices_counted: そのうち通番を送る機器の数。latency_p50_s, latency_p95_s: 遅延の中央値と95%点(秒)。階級の上端で表すため、0〜12%大きい(100万秒を超えるものは100万秒)。
The actuals of a plan (figure_plan_device) summed up by level: project (one row, even of no device), network, gateway, area, technology, use, device. key: its code or name, empty where the registry says none. Rates are those of the summed integers. A device that moved within the period is part of each by the time it was there. devices: those of which something was expected (expected of 1 or more); one that rested, was stopped or not enabled all the time is none of them. devices_counted: those of them that send a counter. latency_p50_s, latency_p95_s: median and 95 % point of the delay in seconds, told by the upper bound of its class and so up to 12 % too long, never too short (at most 10^6 s).';
