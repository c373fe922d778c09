-- How long the batteries will last, by a straight line through the days behind.

create function figure_report_battery(project_code text, until_day date, days integer)
returns table (
    device text, device_name text, network_name text, quantity text, measured_days bigint, last_on date, value double precision,
    limit_value double precision, change_30d double precision, fit double precision, months_left double precision
)
language plpgsql stable rows 100 set plan_cache_mode = force_custom_plan set jit = off as $$
#variable_conflict use_column
declare
    kinds_ constant smallint[] = array(select q.quantity_id from quantity q where q.code in ('battery_level', 'battery_voltage'));
    own_ constant integer[] = array(
        select p.device_id from device_placement p join project j using (project_id)
        where j.code = project_code and p.valid_from < rollup_midnight(until_day) and p.enabled
          and (p.valid_to is null or p.valid_to >= rollup_midnight(until_day))
    );
begin
    return query
    with daily as materialized (
        select r.device_id, r.quantity_id, r.day, r.total / r.count as value
        from rollup_day r
        where r.device_id = any(own_) and r.quantity_id = any(kinds_) and r.channel = 0 and r.count > 0
          and r.day >= until_day - days and r.day < until_day
    ),
    line as (
        select y.device_id, y.quantity_id, count(*) as measured_days, max(y.day) as last_on, max(y.value) as most,
            regr_slope(y.value, y.day - until_day) as slope, regr_intercept(y.value, y.day - until_day) as at_end,
            regr_r2(y.value, y.day - until_day) as fit
        from daily y group by y.device_id, y.quantity_id
    )
    select d.code, d.name, n.name, q.code, l.measured_days, l.last_on, (
            select y.value from daily y
            where y.device_id = l.device_id and y.quantity_id = l.quantity_id and y.day = l.last_on
        ), b.least, l.slope * 30, l.fit,
        case when l.measured_days >= 28 and l.slope < 0 and l.fit >= 0.5 then greatest(l.at_end - b.least, 0) / -l.slope / 30.4375 end
    from line l
    join device d on d.device_id = l.device_id
    join network n on n.network_id = d.network_id
    join quantity q on q.quantity_id = l.quantity_id
    cross join lateral (
        select case when q.code = 'battery_level' then 20 when l.most < 4.3 then 3.2 else 0.92 * l.most end as least
    ) b;
end
$$;

comment on function figure_report_battery is
'電池の残り月数の推定: until_day の前の days 日間の日平均(集計済みの日)に直線をあてはめ、下限(残量は20%、電圧は単セル(4.3 V未満)なら3.2 V、ほかは期間の最大の92%)に達するまでの月数。months_left は、測定が28日以上あり、下がっていて、直線のあてはまり(決定係数 fit)が0.5以上のときだけ。change_30d: 30日あたりの変化。until_day の時点でこの事業にある機器。
How many months a battery will last: a straight line through the daily means of so many days before until_day, as far as they are summed up, down to the limit (a level: 20 %; a voltage: 3.2 V of a single cell, below 4.3 V, else 92 % of the most in these days). months_left only with 28 days or more, a falling line and a coefficient of determination (fit) of 0.5 or more. Devices that are in the project then.';
