-- What of a project counts in a plan: where its devices stood, in which mode they sent, and when they were stopped.

create function figure_plan_allows(allowed jsonb, value text) returns boolean
language sql immutable parallel safe as $$
    select coalesce(jsonb_array_length(allowed), 0) = 0 or coalesce(jsonb_exists(allowed, value), false)
$$;

comment on function figure_plan_allows is
'値が一覧にあるか。一覧が空または値なしなら常に真。
Whether a list allows a value; an empty list, or none, allows all.';

create function figure_plan_placed(project_code text, from_ timestamptz, to_ timestamptz, scope jsonb)
returns table (
    device_id integer, valid_from timestamptz, valid_to timestamptz, project_id integer, network_id integer, gateway_id integer,
    device text, device_name text, network text, network_name text, technology text, gateway text, gateway_name text,
    area text, use text, interval_s integer, calm_interval_s integer, active_level_m double precision, season_from text,
    season_to text, installed_on date, enabled boolean
)
language sql stable as $$
    select
        l.device_id, l.valid_from, l.valid_to, l.project_id, l.network_id, l.gateway_id, d.code, d.name, n.code, n.name, n.kind,
        g.code, g.name, l.area, l.use, l.interval_s, l.calm_interval_s, l.active_level_m, l.season_from, l.season_to,
        l.installed_on, l.enabled
    from device_placement l
    join project p using (project_id)
    join network n using (network_id)
    join device d using (device_id)
    left join gateway g on g.gateway_id = l.gateway_id
    where p.code = project_code and l.valid_from < to_ and coalesce(l.valid_to, 'infinity') > from_
      and figure_plan_allows(scope -> 'networks', n.code) and figure_plan_allows(scope -> 'gateways', g.code)
      and figure_plan_allows(scope -> 'areas', l.area) and figure_plan_allows(scope -> 'uses', l.use)
      and figure_plan_allows(scope -> 'technologies', n.kind) and figure_plan_allows(scope -> 'devices', d.code)
$$;

comment on function figure_plan_placed is
'期間 [from_, to_) に事業にあった機器の、場所ごとの行(表 device_placement: 事業・通信網・基地局・地区・送信間隔などが変わるたびに行が分かれる)。scope: 対象の範囲(networks, gateways, areas, uses, technologies, devices の一覧。空はすべて)。
The places of the devices that were in a project within [from_, to_), one row each (device_placement: a new one whenever project, network, gateway, area, interval and so on change). scope: lists of what is meant; an empty one allows all.';

create function figure_plan_flood(devices integer[], from_ timestamptz, to_ timestamptz)
returns table (device_id integer, span tstzmultirange)
language sql stable as $$
    select f.device_id, f.span from figure_flood(devices, from_, to_, false) f
$$;

comment on function figure_plan_flood is
'送信間隔が2つある機器(危機管理型水位計)が出水時の間隔で送るはずの期間(figure_flood)。その時の台帳の観測開始水位による。
When a gauge of two intervals was to send by the short one (figure_flood), by the active_level_m that the registry had then.';

create function figure_plan_stretch(project_code text, from_ timestamptz, to_ timestamptz, scope jsonb default null)
returns table (
    device_id integer, valid_from timestamptz, calm boolean, interval_s integer, starts timestamptz, ends timestamptz
)
language sql stable as $$
    with placed as materialized (
        select p.* from figure_plan_placed(project_code, from_, to_, scope) p where p.enabled
    ),
    flood as materialized (
        select f.* from figure_plan_flood(
            array(select distinct p.device_id from placed p where p.calm_interval_s is not null), from_, to_
        ) f
    ),
    stop as materialized (
        select s.*, case when s.signed_at is null then greatest(s.starts, s.entered_at) else s.starts end as since
        from planned_stop s where s.voided_at is null
    ),
    stopped as (
        select p.device_id, p.valid_from, range_agg(tstzrange(s.since, s.ends)) as span
        from placed p
        join stop s on s.project_id = p.project_id and s.since < s.ends
            and coalesce(s.network_id = p.network_id, s.network_id is null)
            and (s.gateway_id is null or s.gateway_id = p.gateway_id)
            and (s.device_id is null or s.device_id = p.device_id)
        group by p.device_id, p.valid_from
    ),
    wanted as (
        select range_agg(tstzrange(a.starts, a.ends)) as span
        from figure_active(scope #>> '{season,begins}', scope #>> '{season,ends}', null, from_, to_) a
    ),
    base as (
        select p.device_id, p.valid_from, p.interval_s, p.calm_interval_s, coalesce(f.span, '{}') as flood,
            a.span * w.span * tstzmultirange(tstzrange(p.valid_from, p.valid_to)) - coalesce(s.span, '{}') as span
        from placed p
        cross join lateral (
            select range_agg(tstzrange(a.starts, a.ends)) as span
            from figure_active(p.season_from, p.season_to, p.installed_on, from_, to_) a
        ) a
        cross join wanted w
        left join stopped s on s.device_id = p.device_id and s.valid_from = p.valid_from
        left join flood f on f.device_id = p.device_id
    )
    select b.device_id, b.valid_from, false, b.interval_s, lower(r), upper(r)
    from base b
    cross join lateral unnest(case when b.calm_interval_s is null then b.span else b.span * b.flood end) r
    union all
    select b.device_id, b.valid_from, true, b.calm_interval_s, lower(r), upper(r)
    from base b cross join lateral unnest(b.span - b.flood) r
    where b.calm_interval_s is not null
$$;

comment on function figure_plan_stretch is
'機器が測定を送るはずだった期間(途切れのないもの)。期間 [from_, to_) のうち、台帳で有効で、その事業・場所にあり、設置日以降、運用期間内(scope の season があればその期間内)で、計画停止(planned_stop)でない部分。計画停止は、登録した時刻から(署名があれば開始時刻から)数え、取り消されたものは数えない。calm: 平常時の間隔で送る期間(figure_plan_flood 以外)。interval_s: その期間の送信間隔。
The unbroken stretches in which a device was meant to send: in the place of the registry of then, enabled, from the day of installation on, in season (also in that of scope), outside planned stops. A planned stop counts from the moment it was entered, from its beginning if somebody signed for it, and not if it was voided. calm: by the long interval of a gauge of two (figure_plan_flood); interval_s: the one that holds.';
