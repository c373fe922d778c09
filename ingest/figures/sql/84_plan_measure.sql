-- What improvement measures (改善措置) are judged by: a figure of some devices week by week, beside that of all others.

create function figure_measure_span(
    project_code text, devices integer[], networks integer[], borders date[], now_ timestamptz, alone boolean
)
returns table (
    first_day date, until_day date, chosen boolean, expected bigint, sent bigint, arrived bigint, valid bigint, active_s double precision,
    alive_s double precision
)
language sql stable as $$
    with wanted as (
        select
            (cardinality(devices) = 0 and cardinality(networks) = 0) as everything,
            array(select n.code from network n where n.network_id = any(networks)) as network_codes,
            -- A scope allows what all its lists allow, so it can be about devices or about networks, not about either.
            case
                when not alone then null
                when cardinality(networks) = 0 and cardinality(devices) > 0 then jsonb_build_object(
                    'devices', (select jsonb_agg(d.code) from device d where d.device_id = any(devices)))
                when cardinality(devices) = 0 and cardinality(networks) > 0 then jsonb_build_object(
                    'networks', (select jsonb_agg(n.code) from network n where n.network_id = any(networks)))
            end as scope
    ),
    counted as (
        select s.first_day, s.until_day, w.everything or p.device_id = any(devices) or p.network = any(w.network_codes) as chosen, p.*
        from wanted w
        cross join (
            select borders[i] as first_day, borders[i + 1] as until_day
            from generate_series(1, cardinality(borders) - 1) i
        ) s
        cross join lateral figure_plan_device(project_code, s.first_day, s.until_day, now_, w.scope) p
    )
    select c.first_day, c.until_day, c.chosen, sum(c.expected)::bigint, sum(c.sent)::bigint, sum(c.arrived)::bigint,
        sum(c.valid)::bigint, sum(c.active_s), sum(c.alive_s)
    from counted c
    where c.chosen or not alone
    group by c.first_day, c.until_day, c.chosen
    order by c.first_day, c.chosen
$$;

comment on function figure_measure_span is
'改善措置の効果を見るための、期間ごとの値。borders の日からその次の日の前日まで(日本の日付)を1行とし、figure_plan_device の 期待受信数・送信数・到達数・有効受信数・動作時間・稼働時間 を合計したもの。chosen: 措置の対象(devices の機器、または networks の通信網にその期間あった機器。どちらも空なら事業全体)。alone: 対象だけを返す。偽なら、対象でない機器の合計も比較のために別の行にある。
For the effect of an improvement measure: one row from each day of borders to the day before the next one (days of Japan), with expected, sent, arrived, valid, active_s and alive_s of figure_plan_device summed up. chosen: what the measure is about (devices named, or devices that stood in a named network; both lists empty: the whole project). alone: only these; else the sums of all other devices are in rows of their own, to compare with.';

create function figure_measure_work(
    project_code text, devices integer[], networks integer[], first_day date, until_day date
)
returns table (day date, chosen boolean, visits bigint, minutes bigint)
language sql stable as $$
    select
        w.day,
        (cardinality(devices) = 0 and cardinality(networks) = 0) or coalesce(
            w.device in (select d.code from device d where d.device_id = any(devices)), false
        ) or coalesce(w.network in (select n.code from network n where n.network_id = any(networks)), false),
        count(*), sum(w.minutes)::bigint
    from figure_work(project_code, first_day, until_day) w
    group by 1, 2
    order by 1, 2
$$;

comment on function figure_measure_work is
'改善措置の効果を見るための日ごとの作業(日本の日付)。figure_work の行を数え、延べ分を合計したもの。chosen は figure_measure_span と同じ。機器のない作業は、事業全体を対象とする措置だけの対象になる。作業のない日の行はない。
Work by day of Japan, for the effect of an improvement measure: entries of figure_work and their minutes x people. chosen as in figure_measure_span; work at no device is chosen only where a measure is about the whole project. Days without work have no row.';

create function figure_measures_due(today date)
returns table (project text, due bigint, late bigint)
language sql stable as $$
    select p.code, count(*) filter (where m.due <= today), count(*) filter (where m.due < today)
    from project p join measure m using (project_id)
    where m.state in ('proposed', 'decided', 'under_way')
        and not exists (select from plan_cycle c where c.project_id = m.project_id and c.fiscal_year = m.fiscal_year)
    group by p.code
    order by p.code
$$;

comment on function figure_measures_due is
'事業ごとの、これから実施する改善措置(提案・決定・実施中)のうち、today(日本の日付)までに期限が来たもの due と、期限を過ぎたもの late の数。締めた年度の措置は、次年度に継続した措置のほうで数える。実施する措置のない事業の行はない。
By project, of the improvement measures still to be done (proposed, decided, under way): due by today (a day of Japan), and late, whose day is over. Those of a closed year count as the measures of the next year that go on from them. A project without any to be done has no row.';
