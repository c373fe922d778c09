-- Targets and frozen actuals of the KPIs of a plan, for those who draw both.

create view figure_plan_target as
with wanted as (              -- every fiscal year for which any version of the plan names a target
    select distinct v.project_id, y.fiscal_year
    from plan_version v
    cross join lateral jsonb_array_elements(v.document -> 'kpis') k
    cross join lateral (
        select t.year::integer as fiscal_year from jsonb_object_keys(k -> 'targets') t (year)
        union
        select (k ->> 'final_year')::integer where k ->> 'final_target' is not null and k ->> 'final_year' is not null
    ) y
),
chosen as (                   -- the version that was valid at the end of the year, else the first one after it
    select w.project_id, w.fiscal_year, v.number, v.document
    from wanted w
    cross join lateral (
        select v.number, v.document
        from plan_version v
        cross join lateral (
            select v.entered_at <= make_timestamptz(w.fiscal_year + 1, 4, 1, 0, 0, 0, 'Asia/Tokyo') as in_time
        ) t
        where v.project_id = w.project_id
        order by t.in_time desc, case when t.in_time then -v.number else v.number end
        limit 1
    ) v
)
select p.code as project, p.name as project_name, c.fiscal_year,
    make_timestamptz(c.fiscal_year, 4, 1, 0, 0, 0, 'Asia/Tokyo') as time,
    c.number as plan_number, k.place::integer as place, k.kpi ->> 'code' as kpi, k.kpi ->> 'label' as label,
    k.kpi ->> 'unit' as unit, k.kpi ->> 'formula' as formula, k.kpi ->> 'owner' as owner,
    (k.kpi #>> '{baseline,value}')::double precision as baseline, t.target
from chosen c
join project p using (project_id)
cross join lateral jsonb_array_elements(c.document -> 'kpis') with ordinality k (kpi, place)
cross join lateral (
    select case
        when k.kpi -> 'targets' ? c.fiscal_year::text and k.kpi ->> 'formula' = 'cumulative' then (
            select sum(e.value::numeric) from jsonb_each_text(k.kpi -> 'targets') e where e.key::integer <= c.fiscal_year
        )::double precision
        when k.kpi -> 'targets' ? c.fiscal_year::text
            then (k.kpi -> 'targets' ->> c.fiscal_year::text)::double precision
        when (k.kpi ->> 'final_year')::integer = c.fiscal_year then (k.kpi ->> 'final_target')::double precision
    end as target
) t
where t.target is not null;

comment on view figure_plan_target is
'目標値: 計画の指標(KPI)ごと、年度ごとの目標。その年度の終わりに有効だった計画の版による(なければ後から登録した最初の版)。算式が累計(cumulative)の指標は、その年度までの目標の合計。その年度の目標がなく最終目標の年度であれば最終目標。time: 年度の始まり(日本時間4月1日0時)。place: 計画の中での順番。
Targets of the KPIs of each plan by fiscal year, by the version of the plan that was valid at the end of the year (else the first one entered after it). For the formula cumulative: the sum of the targets up to that year. Where the year has no target and is the final one: the final target. time: the beginning of the fiscal year in Japan. place: its place in the plan.';

create view figure_plan_actual as
with newest as (
    select distinct on (project_id, kind, first_day) project_id, kind, first_day, until_day, revision, frozen_at, body
    from plan_snapshot order by project_id, kind, first_day, revision desc
)
select p.code as project, p.name as project_name, n.kind, n.first_day, n.until_day,
    n.first_day::timestamp at time zone 'Asia/Tokyo' as time,
    case when extract(month from n.first_day) >= 4 then extract(year from n.first_day)
        else extract(year from n.first_day) - 1 end::integer as fiscal_year,
    n.revision, n.frozen_at, k.place::integer as place, k.kpi ->> 'code' as kpi, k.kpi ->> 'label' as label,
    k.kpi ->> 'unit' as unit, (k.kpi ->> 'actual')::double precision as actual,
    (k.kpi ->> 'target')::double precision as target, (k.kpi ->> 'rate')::double precision as rate,
    k.kpi ->> 'grade' as grade, (k.kpi ->> 'reference_only')::boolean as reference_only,
    (k.kpi #>> '{evidence,completeness}')::double precision as completeness,
    (k.kpi #>> '{evidence,samples}')::bigint as samples,
    coalesce(k.kpi #>> '{actual_missing,ja}', k.kpi #>> '{rate_missing,ja}') as missing
from newest n
join project p using (project_id)
cross join lateral jsonb_array_elements(n.body -> 'kpis') with ordinality k (kpi, place);

comment on view figure_plan_actual is
'確定した実績: 月次(month)・四半期(quarter)・年度(year)に確定した指標(KPI)の実績。遅れて届いたデータで改訂があれば、最新の改訂。actual: 実績、target: その年度の目標、rate: 達成率(%、切捨て)、grade: 評価、reference_only: データ取得率が下限に満たない参考値、completeness: データ取得率(%)、missing: 値のない理由。fiscal_year: 期間の始まりが属する年度。
Actuals as they were frozen for months, quarters and fiscal years; where late data made revisions, the newest. actual; target of the fiscal year; rate: achievement in percent, cut; grade; reference_only: too little of the data is there; completeness in percent; missing: why there is no value. fiscal_year: the one in which the period begins.';
