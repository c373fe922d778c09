-- Radio technologies side by side: the same sums for each, and for each class of sites.

create function figure_report_technology_scope(
    project_code text, first_day date, until_day date, now_ timestamptz
)
returns table (place bigint, technology text, site_class text, scope jsonb)
language sql stable as $$
    select row_number() over (order by s.technology, s.site_class), s.technology, s.site_class,
        jsonb_build_object('technologies', jsonb_build_array(s.technology), 'devices', s.devices)
    from (
        select r.technology, 'all' as site_class, '[]'::jsonb as devices
        from figure_report_radio(project_code, first_day, until_day, now_) r
        group by r.technology
        union all
        select r.technology, coalesce(r.site_class, '-'), jsonb_agg(r.device order by r.device)
        from figure_report_radio(project_code, first_day, until_day, now_) r
        group by r.technology, coalesce(r.site_class, '-')
    ) s
$$;

comment on function figure_report_technology_scope is
'通信方式の比較の対象範囲: 通信方式ごとの全体(site_class = all)と、設置環境(台帳の今のもの。記載がなければ「-」)ごと。scope: figure_plan と figure_outage_sums の範囲。
What technologies are compared over: each technology as a whole (site_class = all), and by the class of its sites as the registry has it now (''-'': not said). scope: as figure_plan and figure_outage_sums take it.';

create function figure_report_technology(project_code text, first_day date, until_day date, now_ timestamptz)
returns table (
    technology text, site_class text, devices bigint, devices_counted bigint, expected bigint, sent bigint,
    arrived bigint, valid bigint, active_s double precision, alive_s double precision, counted_sent bigint,
    counted_arrived bigint, median_rate double precision, low_rate double precision, latency_samples bigint,
    latency_p50_s double precision, latency_p95_s double precision
)
language sql stable as $$
    with scope as materialized (
        select s.* from figure_report_technology_scope(project_code, first_day, until_day, now_) s
    ),
    sums as materialized (
        select f.* from figure_plan_scopes(
            project_code, first_day, until_day, now_, null,
            (select coalesce(jsonb_agg(s.scope order by s.place), '[]') from scope s)
        ) f
        where f.level in ('project', 'device')
    ),
    each as (
        select f.place, sum(f.sent) filter (where f.devices_counted > 0)::bigint as counted_sent,
            sum(f.arrived) filter (where f.devices_counted > 0)::bigint as counted_arrived,
            percentile_cont(0.5) within group (order by f.valid::double precision / nullif(f.expected, 0)) as median_rate,
            percentile_cont(0.05) within group (order by f.valid::double precision / nullif(f.expected, 0)) as low_rate
        from sums f where f.level = 'device' group by f.place
    )
    select s.technology, s.site_class, f.devices, f.devices_counted, f.expected, f.sent, f.arrived, f.valid, f.active_s,
        f.alive_s, e.counted_sent, e.counted_arrived, e.median_rate, e.low_rate, f.latency_samples, f.latency_p50_s,
        f.latency_p95_s
    from scope s
    join sums f on f.place = s.place and f.level = 'project'
    left join each e on e.place = s.place
$$;

comment on function figure_report_technology is
'通信方式比較表: 通信方式と設置環境(site_class。all は全体、「-」は台帳に記載なし)ごとの、同じ期間・同じ定義の合計(列は figure_plan と同じ)。期間の途中で方式の変わった機器は、それぞれに、そこにあった期間の分だけ入る。devices(n): 受信を期待した機器の数。counted_sent, counted_arrived: 通番のある機器だけの送信数と到着数(無線到達率 = counted_arrived ÷ counted_sent。通番のない機器は失われた分を区別できない)。median_rate, low_rate: 機器ごとの取得率の中央値と下から5%の値。
Technologies side by side: sums of the same period by the same definitions (those of figure_plan) for each technology and each class of its sites (all: as a whole; ''-'': not said by the registry). A device that changed its technology is part of each by the time it was there. devices (n): those of which something was expected. counted_sent, counted_arrived: of devices with a counter alone; the others cannot tell what the radio lost. median_rate, low_rate: median and lowest 5 % point of the completeness of single devices.';

create function figure_report_technology_outage(project_code text, first_day date, until_day date, now_ timestamptz)
returns table (
    technology text, site_class text, devices bigint, outages bigint, ended bigint, ended_s bigint, open bigint,
    planned bigint, downtime_s bigint, duty_s bigint
)
language sql stable as $$
    select s.technology, s.site_class, o.devices, o.outages, o.ended, o.ended_s, o.open, o.planned, o.downtime_s, o.duty_s
    from figure_report_technology_scope(project_code, first_day, until_day, now_) s
    cross join lateral figure_outage_sums(project_code, first_day, until_day, now_, s.scope) o
    where o.level = 'project'
$$;

comment on function figure_report_technology_outage is
'通信方式比較表: 通信方式と設置環境ごとの停止の集計(列は figure_outage_sums と同じ)。平均復旧時間 = ended_s ÷ ended。
Technologies side by side: sums of their outages (those of figure_outage_sums) for each technology and class of sites. MTTR = ended_s / ended.';
