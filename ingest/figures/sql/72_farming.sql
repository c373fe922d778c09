-- What a farmer asks of the weather: warmth summed up, and how thirsty the air is.

create function figure_degree_days(
    projects text[], devices text[], first_day date, until_day date, base_c double precision
)
returns table (
    project text, device text, title text, day date, mean_c double precision, days_measured bigint, days_missing bigint,
    sum_c double precision, above_base_c double precision
)
language sql stable as $$
    with chosen as materialized (
        select s.* from figure_series(projects, array['air_temperature']) s where devices is null or s.device = any(devices)
    ),
    daily as (
        select d.device_id, d.channel, d.day, d.total / d.count as mean
        from rollup_quantity_days(
            (select coalesce(array_agg(distinct c.device_id), '{}') from chosen c),
            (select coalesce(array_agg(distinct c.quantity_id), '{}') from chosen c), first_day, until_day
        ) d
        where d.count > 0
    )
    select
        c.project, c.device, c.title, d.day, d.mean,
        count(*) over running, (d.day - first_day + 1) - count(*) over running,
        sum(greatest(d.mean, 0)) over running, sum(greatest(d.mean - base_c, 0)) over running
    from daily d join chosen c using (device_id, channel)
    window running as (partition by d.device_id, d.channel order by d.day)
    order by d.day, c.title
$$;

comment on function figure_degree_days is
'積算温度: 日平均気温(その日の有効な測定値の平均、0℃未満は0)を first_day から積み上げた値(sum_c)と、基準温度 base_c を超えた分だけの値(above_base_c、有効積算温度)。days_missing: それまでに測定のなかった日数。欠測日は補わないので、その分だけ小さい。
Degree days: daily means of the air temperature (of what was measured that day; below 0 counts as 0) summed from first_day on, and the same of what lay above base_c. days_missing: days without a measurement so far; they are not filled in, so the sum is too small by them.';

create function figure_vapour_deficit(temperature_c double precision, humidity double precision)
returns double precision language sql immutable parallel safe as $$
    select 217 * 6.1078 * power(10, 7.5 * temperature_c / (temperature_c + 237.3)) * (1 - least(humidity, 100) / 100)
        / (temperature_c + 273.15)
$$;

comment on function figure_vapour_deficit is
'飽差(g/m³): 気温(℃)と湿度(%)から、空気があとどれだけ水蒸気を含めるか。
How many grams of water vapour a cubic metre of air could still take up, from its temperature and humidity.';

create function figure_vapour_deficits(
    projects text[], devices text[], from_ timestamptz, to_ timestamptz, points integer, at_most integer
)
returns table ("time" timestamptz, device text, title text, value double precision)
language sql stable as $$
    with chosen as materialized (
        select f.* from figure_series(projects, array['air_humidity']) f
        where devices is null or f.device = any(devices)
        order by f.title, f.device, f.channel limit at_most
    ),
    warmth as materialized (
        select s.device_id, r.channel, r."time", r.value
        from (select distinct c.device_id, c.project, c.device from chosen c) s
        cross join lateral figure_readings(s.project, s.device, 'air_temperature', from_, to_, points) r
    ),
    damp as materialized (
        select s.device_id, s.device, s.title, r.channel, r."time", r.value
        from chosen s
        cross join lateral figure_readings(s.project, s.device, 'air_humidity', from_, to_, points) r
        where r.channel = s.channel
    )
    select d."time", d.device, d.title, figure_vapour_deficit(w.value, d.value)
    from damp d join warmth w using (device_id, channel, "time")
    order by d."time", d.title
$$;

comment on function figure_vapour_deficits is
'飽差(g/m³)の時系列: 同じ機器・チャネルの気温と湿度の、同じ集計幅の平均から計算する。
The vapour deficit as a series, from the means of temperature and humidity of one device and channel in the same bucket.';
