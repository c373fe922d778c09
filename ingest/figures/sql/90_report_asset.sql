-- What stands where, since when it sends, and what the ledger says of it: lines for clerks and for inspections.

create function figure_equipment(project_code text, day_ date, now_ timestamptz)
returns table (
    key text, what text, asset text, device text, gateway text, name text, use text, area text, network text,
    network_name text, technology text, model text, serial text, quantity integer, unit_price_yen bigint,
    price_yen bigint, subsidised_yen bigint, subsidy_yen bigint, acquired_on date, service_life_years integer,
    disposal_until date, latitude double precision, longitude double precision, place text, technical_conformity text,
    jc_star text, support_until date, label_attached_on date, photo text, verification_number text,
    verification_until date, jma_notified_on date, state text, gone boolean, disposed_on date, note text, enabled boolean,
    published boolean, installed_on date, measures_weather boolean, first_day date, last_day date
)
language sql stable as $$
    with wanted as (
        select p.project_id from project p where p.code = project_code
    ),
    line as (
        select
            a.*, coalesce(a.disposed_on <= day_, false) as gone,
            -- A device that was replaced: each line has the days from the end of the line before to its own end.
            case when a.device_id is not null then
                lag(a.disposed_on) over same
            end as from_day,
            case when a.device_id is not null and lead(a.asset_id) over same is not null then a.disposed_on end as to_day
        from asset a
        where a.project_id = (select w.project_id from wanted w) and coalesce(a.acquired_on <= day_, true)
        window same as (partition by coalesce(a.device_id, -a.asset_id) order by a.disposed_on nulls last, a.asset_id)
    ),
    thing as (
        select
            'asset:' || l.code as key, l.device_id, l.gateway_id, l.from_day, l.to_day, l.gone, l.asset_id
        from line l
        union all
        select 'device:' || d.code, d.device_id, null, null, null, false, null
        from device d
        where d.project_id = (select w.project_id from wanted w) and coalesce(d.installed_on <= day_, true)
          and not exists (select from line l where l.device_id = d.device_id)
        union all
        select 'gateway:' || g.code, null, g.gateway_id, null, null, false, null
        from gateway g
        join network n using (network_id)
        where n.project_id = (select w.project_id from wanted w)
          and not exists (select from line l where l.gateway_id = g.gateway_id)
    ),
    -- What the sums by day do not hold yet.
    fresh as materialized (
        select l.device_id, rollup_day_of(l.time) as day
        from uplink l
        where l.time >= (select greatest(s.materialised_until, now_ - interval '400 days') from rollup_state s)
          and l.time < rollup_midnight(day_ + 1)
          and l.device_id in (select t.device_id from thing t where t.device_id is not null)
        group by l.device_id, rollup_day_of(l.time)
    ),
    heard as (
        select
            t.key,
            least(
                (
                    select min(u.day) from rollup_usage_day u
                    where u.device_id = t.device_id and (u.uplinks > 0 or u.readings > 0) and u.day <= day_
                      and (t.from_day is null or u.day >= t.from_day) and (t.to_day is null or u.day < t.to_day)
                ),
                (
                    select min(f.day) from fresh f
                    where f.device_id = t.device_id
                      and (t.from_day is null or f.day >= t.from_day) and (t.to_day is null or f.day < t.to_day)
                ),
                (
                    select rollup_day_of(min(e.time)) from gateway_event e
                    where e.gateway_id = t.gateway_id and e.kind <> 4 and e.time < rollup_midnight(day_ + 1)
                )
            ) as first_day,
            greatest(
                (
                    select max(u.day) from rollup_usage_day u
                    where u.device_id = t.device_id and (u.uplinks > 0 or u.readings > 0) and u.day <= day_
                      and (t.from_day is null or u.day >= t.from_day) and (t.to_day is null or u.day < t.to_day)
                ),
                (
                    select max(f.day) from fresh f
                    where f.device_id = t.device_id
                      and (t.from_day is null or f.day >= t.from_day) and (t.to_day is null or f.day < t.to_day)
                ),
                (
                    select rollup_day_of(max(e.time)) from gateway_event e
                    where e.gateway_id = t.gateway_id and e.kind <> 4 and e.time < rollup_midnight(day_ + 1)
                )
            ) as last_day
        from thing t
    )
    select
        t.key, case when t.device_id is not null then 'device' when t.gateway_id is not null then 'gateway' else 'other' end,
        a.code, d.code, g.code, coalesce(a.name, d.name, g.name), d.use, d.area, n.code, n.name, n.kind,
        coalesce(a.model, d.model), coalesce(a.serial, case when t.to_day is null then d.serial end),
        coalesce(a.quantity, 1), a.unit_price_yen, a.unit_price_yen * a.quantity, a.subsidised_yen, a.subsidy_yen,
        a.acquired_on, a.service_life_years,
        coalesce(a.disposal_until, (a.acquired_on + a.service_life_years * interval '1 year' - interval '1 day')::date),
        coalesce(d.latitude, g.latitude), coalesce(d.longitude, g.longitude), a.place, a.technical_conformity, a.jc_star,
        a.support_until, a.label_attached_on, a.photo, a.verification_number, a.verification_until, a.jma_notified_on,
        case when not t.gone and a.disposed_on is not null then 'in_use' else a.state end, t.gone,
        case when t.gone then a.disposed_on end, a.note, d.enabled, coalesce(d.published, false), d.installed_on,
        exists (
            select from last_reading s join quantity q using (quantity_id)
            where s.device_id = t.device_id and q.code in (
                'air_temperature', 'air_humidity', 'air_pressure', 'wind_speed', 'wind_direction', 'wind_gust',
                'rain_amount', 'rain_intensity', 'rain_total', 'snow_depth', 'radiation_solar', 'radiation_solar_sum'
            )
        ),
        h.first_day, h.last_day
    from thing t
    join heard h using (key)
    left join asset a on a.asset_id = t.asset_id
    left join device d on d.device_id = t.device_id
    left join gateway g on g.gateway_id = t.gateway_id
    left join network n on n.network_id = coalesce(d.network_id, g.network_id)
    order by t.gone, (t.asset_id is null), t.key
$$;

comment on function figure_equipment is
'機器台帳の行: 資産、資産のない機器と基地局。day_ の終わりの状態。key: asset: device: gateway: とコード。what: device 機器、gateway 基地局、other その他。price_yen: 単価(税抜)×数量。disposal_until: 台帳の処分制限期限、なければ取得日から耐用年数が満ちる日。first_day, last_day: 初回・最終データ日(日本時間)。取り替えた機器は、前の行の処分日からその行の処分日の前日まで。measures_weather: 気象業務法の届出の対象になりうる項目を測っている。
Lines of the ledger: assets, and devices and gateways that have none, as at the end of day_. price_yen: the price of one without tax, times how many. disposal_until: as the ledger says, else the day on which the service life is over. first_day, last_day: days in Japan of the first and the last data; of a replaced device from the day on which the line before went, to the day before its own went. measures_weather: it measures what the Meteorological Service Act may ask to be notified.';
