-- What was built and how it has done since: the measured half of a plan.

create function figure_rollout(projects text[])
returns table (
    project text, project_name text, month date, installed bigint, installed_total bigint, first_heard bigint,
    first_heard_total bigint
)
language sql stable as $$
    with heard as (
        select d.project_id, d.installed_on, (
            select least(
                (
                    select min(u.day) from rollup_usage_day u
                    where u.device_id = d.device_id and (u.uplinks > 0 or u.readings > 0)
                ),
                (
                    select rollup_day_of(l.time) from uplink l
                    where l.device_id = d.device_id
                      and l.time >= (select greatest(s.materialised_until, now() - interval '400 days') from rollup_state s)
                    order by l.time limit 1
                )
            )
        ) as first_day
        from device d
    ),
    steps as (
        select h.project_id, date_trunc('month', h.installed_on)::date as month, 1 as installed, 0 as heard
        from heard h where h.installed_on is not null
        union all
        select h.project_id, date_trunc('month', h.first_day)::date, 0, 1 from heard h where h.first_day is not null
    ),
    monthly as (
        select s.project_id, s.month, sum(s.installed) as installed, sum(s.heard) as heard
        from steps s group by s.project_id, s.month
    )
    select
        p.code, p.name, m.month, m.installed, (sum(m.installed) over running)::bigint,
        m.heard, (sum(m.heard) over running)::bigint
    from monthly m join project p using (project_id)
    where p.code = any(projects)
    window running as (partition by m.project_id order by m.month)
    order by m.month, p.code
$$;

comment on function figure_rollout is
'導入台数の推移、月別(日本時間)。installed: 台帳の設置日がその月の機器。first_heard: 最初のデータがその月の機器(集計を始める前のまとめ送りは400日前まで)。
How the fleet grew, by month: devices by their day of installation, and by the day of their first message.';

create function figure_months(projects text[], first_day date, until_day date, now_ timestamptz)
returns table (
    project text, project_name text, month date, devices_expected bigint, devices_heard bigint, devices_below bigint,
    expected bigint, received bigint, completeness double precision, reference_only boolean, readings bigint
)
language sql stable as $$
    select
        p.code, p.name, month.starts::date, u.devices_expected, u.devices_heard, u.devices_below,
        u.expected, u.received, u.completeness, u.reference_only, u.readings
    from project p
    cross join generate_series(
        date_trunc('month', first_day::timestamp), least(until_day - 1, rollup_day_of(now_))::timestamp, interval '1 month'
    ) month (starts)
    cross join lateral figure_usage_project(
        p.code, rollup_midnight(month.starts::date), rollup_midnight((month.starts + interval '1 month')::date), now_
    ) u
    where p.code = any(projects)
    order by month.starts, p.code
$$;

comment on function figure_months is
'月別(日本時間)の実績: figure_usage_project をひと月ずつ。
The usage of each month in Japan: figure_usage_project month by month.';

create view figure_use_state as
select
    d.project, d.project_name, coalesce(d.use, '(未記入)') as use,
    figure_group_state(
        count(*) filter (where d.state = 'live'), count(*) filter (where d.state = 'silent'),
        count(*) filter (where d.state = 'never'), count(*) filter (where d.state = 'resting'),
        count(*) filter (where d.state = 'disabled')
    ) as state,
    count(*) as devices,
    count(*) filter (where d.state = 'live') as live,
    count(*) filter (where d.state = 'silent') as silent,
    count(*) filter (where d.state = 'never') as never,
    count(*) filter (where d.state = 'resting') as resting,
    count(*) filter (where d.state = 'disabled') as disabled,
    max(d.last_received_at) as last_received_at
from figure_device_state d
group by d.project, d.project_name, coalesce(d.use, '(未記入)');

comment on view figure_use_state is
'分野(台帳の use)ごとの現在の状態。機器の数を状態別に数える。
Each use of the devices of a project (as the registry calls it) at this moment: its devices counted by state.';
