-- What a report says of the equipment: every device of a period, how each stood at its end, and what stopped it.

create function figure_report_device(project_code text, first_day date, until_day date, now_ timestamptz)
returns table (
    device_id integer, device text, device_name text, network text, network_name text, technology text, gateway text,
    gateway_name text, area text, use text, model text, serial text, latitude double precision, longitude double precision,
    interval_s integer, calm_interval_s integer, season_from text, season_to text, installed_on date, enabled boolean,
    places bigint, came_on date, left_on date, first_data_on date, last_data_on date, state text
)
language plpgsql stable rows 1000 set plan_cache_mode = force_custom_plan set jit = off as $$
#variable_conflict use_column
declare
    from_ constant timestamptz = rollup_midnight(first_day);
    to_ constant timestamptz = least(rollup_midnight(until_day), greatest(now_, from_));
    open_ constant timestamptz = (select s.materialised_until from rollup_state s);
begin
    return query
    with place as materialized (
        select p.*, count(*) over (partition by p.device_id) as places,
            min(p.valid_from) over (partition by p.device_id) as came,
            row_number() over (partition by p.device_id order by p.valid_from desc) as place_back
        from device_placement p
        join project j on j.project_id = p.project_id and j.code = project_code
        where p.valid_from < to_ and (p.valid_to is null or p.valid_to > from_)
    ),
    here as materialized (       -- came, gone: a device may have been in the project before the period
        select p.*, coalesce(p.valid_to <= to_, false) as gone, (
            select min(e.valid_from) from device_placement e
            where e.device_id = p.device_id and e.project_id = p.project_id
        ) as came_first
        from place p where p.place_back = 1
    ),
    bound as materialized (
        select h.device_id, greatest(h.came_first, '-infinity') as since, least(coalesce(h.valid_to, 'infinity'), to_) as until
        from here h
    ),
    fresh as materialized (      -- what the sums by day do not hold yet: looked up device by device it took seconds
        select l.device_id, min(l.time) as first_at, max(l.time) as last_at
        from uplink l join bound b using (device_id)
        where l.time >= open_ and l.time < to_ and l.time >= b.since and l.time < b.until
        group by l.device_id
    )
    select
        d.device_id, d.code, d.name, n.code, n.name, n.kind, g.code, g.name, h.area, h.use, d.model, d.serial, d.latitude,
        d.longitude, h.interval_s, h.calm_interval_s, h.season_from, h.season_to, h.installed_on, h.enabled, h.places,
        case when isfinite(h.came_first) then rollup_day_of(h.came_first) end,
        case when h.gone then rollup_day_of(h.valid_to) end,
        heard.first_on, heard.last_on,
        case
            when h.gone then 'moved'
            when h.installed_on >= rollup_day_of(to_ - interval '1 microsecond') + 1 then 'planned'
            when not h.enabled then 'disabled'
            when exists (
                select from outage o
                where o.device_id = h.device_id and o.level = 'device' and o.withdrawn_at is null
                  and o.starts < to_ and (o.ends is null or o.ends >= to_)
            ) then 'silent'
            when not exists (
                select from figure_active(
                    h.season_from, h.season_to, h.installed_on, to_ - interval '1 microsecond', to_
                )
            ) then 'resting'
            when heard.last_on is null then 'never'
            else 'working'
        end
    from here h
    join device d on d.device_id = h.device_id
    join network n on n.network_id = h.network_id
    left join gateway g on g.gateway_id = h.gateway_id
    join bound b on b.device_id = h.device_id
    left join fresh f on f.device_id = h.device_id
    cross join lateral (
        select least(
            (
                select u.day from rollup_usage_day u
                where u.device_id = d.device_id and (u.uplinks > 0 or u.readings > 0)
                  and (not isfinite(b.since) or u.day >= rollup_day_of(b.since))
                  and u.day <= rollup_day_of(b.until - interval '1 microsecond')
                order by u.day limit 1
            ),
            rollup_day_of(f.first_at)
        ) as first_on,
        greatest(
            (
                select u.day from rollup_usage_day u
                where u.device_id = d.device_id and (u.uplinks > 0 or u.readings > 0)
                  and (not isfinite(b.since) or u.day >= rollup_day_of(b.since))
                  and u.day <= rollup_day_of(b.until - interval '1 microsecond')
                order by u.day desc limit 1
            ),
            rollup_day_of(f.last_at)
        ) as last_on
    ) heard;
end
$$;

comment on function figure_report_device is
'報告書の機器一覧: 期間(first_day から until_day の前日まで、日本時間、now_ まで)にこの事業にあった機器、1台1行。通信網・基地局・地区・分野・送信間隔・運用期間は、期間の終わりにこの事業でいた場所のもの。places: 期間中の場所(設定)の数。came_on: この事業に来た日(台帳の始まりからなら空)、left_on: ほかの事業に移った日。first_data_on, last_data_on: この事業で最初と最後にデータの届いた日(期間の終わりまで)。state: 期間の終わりの状態。working(稼働)、silent(停止中: 停止の一覧に続いている停止がある)、resting(運用期間外)、never(データなし)、disabled(台帳で停止)、planned(設置前)、moved(移管済)。
The devices of a report: one row for each device that was in the project within the period. Network, gateway, area, use, interval and season are those of the last place it had in the project by then. places: how many places (settings) it had in the period. came_on: the day it came into the project (null: from the beginning of the registry); left_on: the day it moved to another project. first_data_on, last_data_on: the first and the last day with data in this project, up to the end of the period. state at the end of the period: working; silent: an outage lasts; resting: out of season; never: no data; disabled by the registry; planned: not installed yet; moved.';

create function figure_report_standing(project_code text, first_day date, until_day date, now_ timestamptz)
returns table (
    level text, key text, name text, installed bigint, working bigint, silent bigint, resting bigint, never bigint,
    disabled bigint, planned bigint, moved bigint
)
language sql stable as $$
    select l.level, coalesce(l.key, ''), max(l.name),
        count(*) filter (where d.state not in ('planned', 'moved')),
        count(*) filter (where d.state = 'working'), count(*) filter (where d.state = 'silent'),
        count(*) filter (where d.state = 'resting'), count(*) filter (where d.state = 'never'),
        count(*) filter (where d.state = 'disabled'), count(*) filter (where d.state = 'planned'),
        count(*) filter (where d.state = 'moved')
    from figure_report_device(project_code, first_day, until_day, now_) d
    cross join lateral (values
        ('project', project_code, null::text), ('network', d.network, d.network_name),
        ('technology', d.technology, d.technology), ('use', d.use, d.use)
    ) l (level, key, name)
    group by l.level, coalesce(l.key, '')
$$;

comment on function figure_report_standing is
'期間の終わりの機器の数(figure_report_device の state ごと)。level = project(事業、機器がなければ行はない), network(通信網), technology(通信方式), use(分野)。installed(設置数)= working + silent + resting + never + disabled。
How many devices stood how at the end of a period (the states of figure_report_device) by project, network, technology and use. installed = working + silent + resting + never + disabled.';

create function figure_report_cause(project_code text, first_day date, until_day date, now_ timestamptz)
returns table (level text, key text, cause text, outages bigint, seconds bigint)
language sql stable as $$
    select l.level, coalesce(l.key, ''), coalesce(w.cause, o.cause, w.proposed_cause, o.proposed_cause, 'unknown'),
        count(distinct coalesce(w.outage_id, o.outage_id)),
        sum(extract(epoch from least(coalesce(o.ends, 'infinity'), t.to_) - greatest(o.starts, t.from_)))::bigint
    from outage o
    join project j on j.project_id = o.project_id and j.code = project_code
    cross join lateral (
        select rollup_midnight(first_day) as from_,
            least(rollup_midnight(until_day), greatest(now_, rollup_midnight(first_day))) as to_
    ) t
    left join outage w on w.outage_id = o.part_of and w.withdrawn_at is null
    join device_placement p on p.device_id = o.device_id and p.project_id = o.project_id and p.valid_from <= o.starts
        and (p.valid_to is null or p.valid_to > o.starts)
    join network n on n.network_id = p.network_id
    cross join lateral (values
        ('project', project_code), ('network', n.code), ('technology', n.kind), ('use', p.use)
    ) l (level, key)
    where o.level = 'device' and o.withdrawn_at is null and o.starts < t.to_ and (o.ends is null or o.ends > t.from_)
    group by 1, 2, 3
$$;

comment on function figure_report_cause is
'機器が止まっていた時間の、原因ごとの合計(期間内、計画停止の時間も含む)。原因は人が決めたもの、なければ推定。基地局・通信網の停止の一部なら、その原因。level = project, network, technology, use。outages: 停止の数(基地局・通信網の停止は1)。
How long devices were out within a period by cause, planned stops included: what a human decided, else what was proposed, and of a part of an outage of a gateway or network the cause of that. By project, network, technology and use. outages: an outage of a gateway or network is one.';

create function figure_report_outage(project_code text, first_day date, until_day date, now_ timestamptz)
returns table (
    outage_id bigint, level text, starts timestamptz, ends timestamptz, seconds bigint, code text, name text,
    network_name text, area text, use text, devices integer, cause text, decided boolean, reason text
)
language sql stable as $$
    select o.outage_id, o.level, o.starts, e.ends, extract(epoch from coalesce(e.ends, t.to_) - o.starts)::bigint,
        coalesce(d.code, g.code, n.code), coalesce(d.name, g.name, n.name), n.name, l.area, l.use, o.devices,
        coalesce(o.cause, o.proposed_cause), o.cause is not null,
        coalesce(nullif(o.cause_note, ''), case when o.cause is null then o.proposed_ja end)
    from outage o
    join project j on j.project_id = o.project_id and j.code = project_code
    cross join lateral (
        select rollup_midnight(first_day) as from_,
            least(rollup_midnight(until_day), greatest(now_, rollup_midnight(first_day))) as to_
    ) t
    cross join lateral (select case when o.ends <= now_ then o.ends end as ends) e
    left join device d on d.device_id = o.device_id
    left join gateway g on g.gateway_id = o.gateway_id
    left join network n on n.network_id = o.network_id
    left join device_placement l on l.device_id = o.device_id and l.project_id = o.project_id
        and l.valid_from <= o.starts and (l.valid_to is null or l.valid_to > o.starts)
    where o.withdrawn_at is null and o.part_of is null and o.starts < t.to_ and (o.ends is null or o.ends > t.from_)
$$;

comment on function figure_report_outage is
'報告書の停止一覧: 期間に重なる停止、1件1行。基地局・通信網の停止の一部である停止は含まない。ends: 終わり(now_ より後に分かる終わりは空)。seconds: 始まりから終わりまで、終わっていなければ期間の終わりまでの秒数。cause: 人が決めた原因(decided が真)、なければ推定。reason: その説明。
The outages of a report: those that reach into the period, without what is part of an outage of a gateway or network. ends: null where it was not over at now_. seconds: from beginning to end; of one that lasts to the end of the period. cause: what a human decided (decided), else what was proposed; reason: said about it.';
