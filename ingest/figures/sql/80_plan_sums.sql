-- The actuals of a plan summed up: by project, network, gateway, area, technology, use and device, for several scopes at
-- once: what is counted costs seconds, to sum it up once more costs a few hundredths of one.

create function figure_plan_scopes(
    project_code text, first_day date, until_day date, now_ timestamptz, common jsonb, scopes jsonb
)
returns table (
    place bigint, level text, key text, name text, devices bigint, devices_counted bigint, expected bigint, sent bigint,
    arrived bigint, valid bigint, active_s double precision, alive_s double precision, readings bigint, flagged bigint,
    quarantined bigint, uplinks bigint, payload_bytes bigint, latency_samples bigint, latency_p50_s double precision,
    latency_p95_s double precision
)
language plpgsql stable rows 1000 set plan_cache_mode = force_custom_plan set jit = off
set work_mem = '64MB' set enable_mergejoin = off as $$
#variable_conflict use_column
declare
    project_name_ constant text = (select j.name from project j where j.code = project_code);
begin
    return query
    with counted as materialized (
        select row_number() over () as number, d.*
        from figure_plan_device(project_code, first_day, until_day, now_, common) d
    ),
    wanted as materialized (
        select s.place, s.scope from jsonb_array_elements(scopes) with ordinality s (scope, place)
    ),
    levelled as (
        select w.place, v.level, coalesce(v.key, '') as key, v.name, c.number
        from wanted w
        join counted c on figure_plan_allows(w.scope -> 'networks', c.network)
            and figure_plan_allows(w.scope -> 'gateways', c.gateway) and figure_plan_allows(w.scope -> 'areas', c.area)
            and figure_plan_allows(w.scope -> 'uses', c.use) and figure_plan_allows(w.scope -> 'devices', c.device)
            and figure_plan_allows(w.scope -> 'technologies', c.technology)
        cross join lateral (values
            ('project', project_code, project_name_), ('network', c.network, c.network_name),
            ('gateway', c.gateway, c.gateway_name), ('area', c.area, c.area), ('technology', c.technology, c.technology),
            ('use', c.use, c.use), ('device', c.device, c.device_name)
        ) v (level, key, name)
    ),
    member as materialized (     -- a number is quicker to group by than three names
        select dense_rank() over (order by l.place, l.level, l.key) as row_, l.* from levelled l
    ),
    class as (
        select m.row_, e.class, sum(e.times) as times
        from (
            select c.number, unnest(c.late_classes) as class, unnest(c.late_counts) as times from counted c
        ) e
        join (select m.row_, m.number from member m) m using (number)
        group by m.row_, e.class
    ),
    running as (
        select c.row_, c.class, sum(c.times) over so_far as up_to, sum(c.times) over whole as samples
        from class c
        window so_far as (partition by c.row_ order by c.class), whole as (partition by c.row_)
    ),
    late as (
        select r.row_, max(r.samples)::bigint as samples,
            power(10, (min(r.class) filter (where r.up_to >= 0.5 * r.samples) - 40) / 20.0)::double precision as p50_s,
            power(10, (min(r.class) filter (where r.up_to >= 0.95 * r.samples) - 40) / 20.0)::double precision as p95_s
        from running r group by r.row_
    ),
    summed as (
        select m.row_, min(m.place) as place, min(m.level) as level, min(m.key) as key, max(m.name) as name,
            count(distinct c.device_id) filter (where c.expected > 0) as devices,
            count(distinct c.device_id) filter (where c.counted) as devices_counted,
            sum(c.expected)::bigint as expected, sum(c.sent)::bigint as sent, sum(c.arrived)::bigint as arrived,
            sum(c.valid)::bigint as valid, sum(c.active_s) as active_s, sum(c.alive_s) as alive_s,
            sum(c.readings)::bigint as readings, sum(c.flagged)::bigint as flagged,
            sum(c.quarantined)::bigint as quarantined, sum(c.payload_bytes)::bigint as payload_bytes
        from member m join counted c using (number)
        group by m.row_
        union all
        select null, w.place, 'project', project_code, project_name_, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
        from wanted w where not exists (select from member m where m.place = w.place)
    )
    select
        s.place, s.level, s.key, coalesce(s.name, ''), s.devices, s.devices_counted, s.expected, s.sent, s.arrived, s.valid,
        s.active_s, s.alive_s, s.readings, s.flagged, s.quarantined, s.arrived, s.payload_bytes, coalesce(t.samples, 0),
        t.p50_s, t.p95_s
    from summed s left join late t using (row_);
end
$$;

comment on function figure_plan_scopes is
'複数の対象範囲の figure_plan を、実績(figure_plan_device)を1回だけ数えて求める。place: 一覧 scopes の何番目の範囲か(1から)。common: すべての範囲に共通の条件(season はここだけ)。値は figure_plan と同じ。
figure_plan of several scopes, for which what came (figure_plan_device) is counted once. place: the place of the scope in the list scopes, from 1. common: what holds for all of them; a season can be said there only. The values are those of figure_plan.';

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
    select s.level, s.key, s.name, s.devices, s.devices_counted, s.expected, s.sent, s.arrived, s.valid, s.active_s, s.alive_s,
        s.readings, s.flagged, s.quarantined, s.uplinks, s.payload_bytes, s.latency_samples, s.latency_p50_s,
        s.latency_p95_s
    from figure_plan_scopes(project_code, first_day, until_day, now_, scope, '[{}]') s
$$;

comment on function figure_plan is
'計画の実績(figure_plan_device)の合計。level = project(事業、1行), network(通信網), gateway(基地局), area(地区), technology(通信方式), use(分野), device(機器)。key はそのコードまたは名前、台帳になければ空。率は合計した整数の比で求める。期間の途中で通信網などが変わった機器は、それぞれに、そこにあった期間の分だけ入る。devices: 受信を1回以上期待した(expected が1以上の)機器の数。運用期間外・計画停止・台帳で無効のままだった機器は入らない。devices_counted: そのうち通番を送る機器の数。latency_p50_s, latency_p95_s: 遅延の中央値と95%点(秒)。階級の上端で表すため、0〜12%大きい(100万秒を超えるものは100万秒)。
The actuals of a plan (figure_plan_device) summed up by level: project (one row, even of no device), network, gateway, area, technology, use, device. key: its code or name, empty where the registry says none. Rates are those of the summed integers. A device that moved within the period is part of each by the time it was there. devices: those of which something was expected (expected of 1 or more); one that rested, was stopped or not enabled all the time is none of them. devices_counted: those of them that send a counter. latency_p50_s, latency_p95_s: median and 95 % point of the delay in seconds, told by the upper bound of its class and so up to 12 % too long, never too short (at most 10^6 s).';
