-- The weather that own devices measured, beside what became of the completeness.

create function figure_plan_weather(project_code text, first_day date, until_day date)
returns table (
    rain_mm double precision, rain_days integer, rain_most_mm double precision, snow_cm_max double precision,
    temperature_min double precision, temperature_max double precision, gauges integer
)
language sql stable as $$
    with chosen as materialized (
        select coalesce(array_agg(distinct d.device_id), '{}') as devices
        from project p join device d using (project_id) where p.code = project_code
    ),
    measured as materialized (
        select m.*, q.code from chosen c
        cross join lateral rollup_quantity_days(
            c.devices,
            (select array_agg(quantity_id) from quantity
                where code in ('rain_amount', 'rain_total', 'snow_depth', 'air_temperature')),
            first_day, until_day
        ) m
        join quantity q using (quantity_id)
    ),
    rain as (                    -- of a gauge that sends both: the total, unless it was measured less than half as often
        select distinct on (m.day, m.device_id, m.channel) m.day, m.device_id, m.channel,
            case m.code when 'rain_total' then m.increase else m.total end as mm
        from measured m
        where m.code in ('rain_amount', 'rain_total')
          and case m.code when 'rain_total' then m.increase else m.total end is not null
        order by m.day, m.device_id, m.channel, case m.code when 'rain_total' then 2 else 1 end * m.count desc
    ),
    gauge as (
        select r.device_id, r.channel, sum(r.mm) as mm from rain r group by 1, 2
    ),
    days as (
        select r.day, max(r.mm) as mm from rain r group by 1
    )
    select
        (select avg(g.mm) from gauge g),
        (select count(*)::integer from days d where d.mm >= 1 having exists (select from days)),
        (select max(d.mm) from days d),
        (select max(m.maximum) from measured m where m.code = 'snow_depth'),
        (select min(m.minimum) from measured m where m.code = 'air_temperature'),
        (select max(m.maximum) from measured m where m.code = 'air_temperature'),
        (select count(*)::integer from gauge)
$$;

comment on function figure_plan_weather is
'事業の機器が測った天候、first_day から until_day の前日まで(日本の日付)。rain_mm: 雨量計ごとの合計の平均。rain_days: どれかの雨量計が1日に1mm以上を測った日数。rain_most_mm: 1日の雨量の最大。snow_cm_max: 積雪深の最大。temperature_min, temperature_max: 気温の最低と最高。その種類の機器がなければ値なし。gauges: 雨量計の数。参考のための自己観測で、公の気象観測ではない。
Weather measured by devices of the project from first_day to the day before until_day (days of Japan). rain_mm: mean over the gauges of their sums. rain_days: days on which a gauge measured 1 mm or more. rain_most_mm: the most rain of a day. snow_cm_max: deepest snow. temperature_min, temperature_max: of the air. Null where there is no such device. gauges: rain gauges. Own measurements for comparison, no official weather.';
