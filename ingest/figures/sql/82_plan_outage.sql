-- Outages (停止) as the service found them (ingest/plan/outage), and their sums. Planned stops are told apart.

create function figure_seconds(spans tstzmultirange) returns bigint
language sql immutable parallel safe as $$
    select coalesce(sum(extract(epoch from upper(span) - lower(span))), 0)::bigint from unnest(spans) span
$$;

comment on function figure_seconds is
'期間の集まりの長さの合計(秒)。
The length of all spans together, in seconds.';

create view figure_stop_span as
select s.planned_stop_id, s.project_id, s.network_id, s.gateway_id, s.device_id, s.reason,
    tstzrange(m.starts, s.ends) as span
from planned_stop s
cross join lateral (
    select case when s.signed_at is null then greatest(s.starts, s.entered_at) else s.starts end as starts
) m
where s.voided_at is null and m.starts < s.ends;

comment on view figure_stop_span is
'有効な計画停止の期間。入力された時点より前の部分は、運用担当者が署名したものだけ数える。取り消されたものは除く。
Planned stops as they count: what lies before the moment of entry counts only where an operator signed for it. Voided ones are left out.';

create function figure_stopped(
    project integer, network integer, gateway integer, device integer, within tstzmultirange
) returns tstzmultirange
language sql stable as $$
    select coalesce(range_agg(s.span), '{}') * within
    from figure_stop_span s
    where s.project_id = project and (s.network_id is null or s.network_id = network)
      and (s.gateway_id is null or s.gateway_id = gateway) and (s.device_id is null or s.device_id = device)
      and within && s.span
$$;

comment on function figure_stopped is
'期間のうち、計画停止にあたる部分。事業全体、通信網、基地局、機器のどれかに対する計画停止を重ねたもの。
Of these spans what lies in planned stops of the project, the network, the gateway or the device, put together.';

create view figure_outage as
select
    o.outage_id, o.project_id, p.code as project, o.level, o.part_of, o.starts, o.ends, o.found_at,
    extract(epoch from coalesce(o.ends, now()) - o.starts)::bigint as seconds,
    n.code as network, n.name as network_name, n.kind as technology, g.code as gateway, g.name as gateway_name,
    d.code as device, d.name as device_name, l.area, l.use, o.devices,
    o.proposed_cause, o.proposed_ja, o.proposed_en, o.cause, o.cause_note, o.cause_at, o.cause_by,
    coalesce(o.cause, o.proposed_cause) as shown_cause,
    figure_seconds(figure_stopped(
        o.project_id, o.network_id, o.gateway_id, o.device_id, tstzmultirange(tstzrange(o.starts, coalesce(o.ends, now())))
    )) as planned_s
from outage o
join project p using (project_id)
left join network n on n.network_id = o.network_id
left join gateway g on g.gateway_id = o.gateway_id
left join device d on d.device_id = o.device_id
left join device_placement l on l.device_id = o.device_id and l.project_id = o.project_id
    and l.valid_from <= o.starts and (l.valid_to is null or l.valid_to > o.starts)
where o.withdrawn_at is null and (o.ends is null or o.ends > o.starts);

comment on view figure_outage is
'停止の一覧。機器・基地局・通信網の停止を1件1行で。取り消されたものは除く。starts: 最後の受信(測定時刻)、または動作すべき期間の始まり。ends: その後の最初の受信、または動作すべき期間の終わり、続いていれば空。送信間隔の3倍(平常時の危機管理型水位計は平常時の間隔の1.5倍)を超える無受信を停止とする。part_of: この停止を含む基地局または通信網の停止。proposed_cause と理由はサービスの推定、cause は人が決めた原因。planned_s: 停止のうち計画停止にあたる秒数。
Outages of devices, gateways and networks, one a row, without those withdrawn. starts: the last sign of life (time of measurement), or the moment from which it was to work; ends: the first sign of life after it, or the moment from which it was not to work, null while it lasts. An outage is a silence longer than 3 intervals; of a level gauge in its calm mode 1.5 calm intervals. part_of: the outage of the gateway or network it belongs to. proposed_*: by the service, cause: by a human. planned_s: seconds of it in planned stops.';

create function figure_outage_sums(
    project_code text, first_day date, until_day date, now_ timestamptz, scope jsonb default null
)
returns table (
    level text, key text, name text, devices bigint, outages bigint, ended bigint, ended_s bigint, open bigint,
    longest_s bigint, planned bigint, planned_s bigint, downtime_s bigint, duty_s bigint
)
language plpgsql stable set plan_cache_mode = force_custom_plan set jit = off
set work_mem = '64MB' set enable_mergejoin = off set enable_nestloop = off as $$
#variable_conflict use_column
declare
    project_ constant integer = (select p.project_id from project p where p.code = project_code);
    from_ constant timestamptz = rollup_midnight(first_day);
    to_ constant timestamptz = least(rollup_midnight(until_day), now_);
    period_ constant tstzmultirange = (
        select coalesce(range_agg(tstzrange(a.starts, a.ends)), '{}')
        from figure_active(scope #>> '{season,begins}', scope #>> '{season,ends}', null, from_, to_) a
        where from_ < to_
    );
begin
    return query
    with placed as materialized (
        select p.*, n.code as network, n.name as network_name, n.kind as technology, g.code as gateway,
            g.name as gateway_name, d.code as device, d.name as device_name
        from device_placement p
        join network n using (network_id)
        join device d on d.device_id = p.device_id
        left join gateway g on g.gateway_id = p.gateway_id
        where p.project_id = project_ and p.valid_from < to_
          and (coalesce(jsonb_array_length(scope -> 'networks'), 0) = 0 or scope -> 'networks' ? n.code)
          and (coalesce(jsonb_array_length(scope -> 'gateways'), 0) = 0 or scope -> 'gateways' ? g.code)
          and (coalesce(jsonb_array_length(scope -> 'areas'), 0) = 0 or scope -> 'areas' ? p.area)
          and (coalesce(jsonb_array_length(scope -> 'uses'), 0) = 0 or scope -> 'uses' ? p.use)
          and (coalesce(jsonb_array_length(scope -> 'technologies'), 0) = 0 or scope -> 'technologies' ? n.kind)
          and (coalesce(jsonb_array_length(scope -> 'devices'), 0) = 0 or scope -> 'devices' ? d.code)
    ),
    heard as materialized (
        select h.device_id, min(h.at) as at
        from (
            select p.device_id, (
                select u.first_at from uplink_hour u where u.device_id = p.device_id order by u.hour limit 1
            ) as at
            from (select distinct placed.device_id from placed) p
            union all
            select o.device_id, min(o.starts) from outage o
            where o.project_id = project_ and o.level = 'device' and o.withdrawn_at is null group by o.device_id
        ) h
        where h.at is not null group by h.device_id
    ),
    found as materialized (      -- outages of devices that reach into the period, with the incident they belong to
        select o.*, coalesce(top.outage_id, up.outage_id, o.outage_id) as incident
        from outage o
        left join outage up on up.outage_id = o.part_of and up.withdrawn_at is null
        left join outage top on top.outage_id = up.part_of and top.withdrawn_at is null
        where o.project_id = project_ and o.level = 'device' and o.withdrawn_at is null and o.starts < to_
          and coalesce(o.ends, 'infinity') > from_
    ),
    whole as materialized (      -- what counts once: these, and the outages they belong to
        select o.*, extract(
            epoch from least(coalesce(o.ends, 'infinity'), greatest(now_, o.starts)) - o.starts
        )::bigint as seconds
        from outage o
        where o.outage_id in (select found.incident from found union select found.outage_id from found)
    ),
    stopped as materialized (    -- figure_stopped of all of them at once; 0: says none
        select w.network_id, w.gateway_id, w.device_id, range_agg(s.span) as spans
        from (
            select p.network_id, coalesce(p.gateway_id, 0) as gateway_id, p.device_id from placed p
            union
            select coalesce(o.network_id, 0), coalesce(o.gateway_id, 0), coalesce(o.device_id, 0) from whole o
        ) w
        join figure_stop_span s on (s.network_id is null or s.network_id = w.network_id)
            and (s.gateway_id is null or s.gateway_id = w.gateway_id)
            and (s.device_id is null or s.device_id = w.device_id)
        where s.project_id = project_
        group by w.network_id, w.gateway_id, w.device_id
    ),
    duty as (
        select p.device_id, p.network, p.network_name, p.technology, p.gateway, p.gateway_name, p.device, p.device_name,
            p.area, p.use, figure_seconds(w.spans) as whole_s,
            case when s.spans && w.spans then figure_seconds(s.spans * w.spans) else 0 end as planned_s
        from placed p
        join heard h using (device_id)
        cross join lateral (     -- the same for many devices, so that it is worked out once for all of these
            select range_agg(tstzrange(a.starts, a.ends)) * period_ as spans
            from figure_active(p.season_from, p.season_to, p.installed_on, from_, to_) a
        ) a
        cross join lateral (
            select a.spans * tstzmultirange(tstzrange(greatest(p.valid_from, h.at), p.valid_to)) as spans
            where greatest(p.valid_from, h.at) < coalesce(p.valid_to, 'infinity')
        ) w
        left join stopped s on s.network_id = p.network_id and s.gateway_id = coalesce(p.gateway_id, 0)
            and s.device_id = p.device_id
        where p.enabled and from_ < to_ and w.spans is not null and not isempty(w.spans)
    ),
    silent as materialized (
        select o.outage_id, p.network, p.network_name, p.technology, p.gateway, p.gateway_name, p.device, p.device_name,
            p.area, p.use, o.incident,
            figure_seconds(w.spans)
                - case when s.spans && w.spans then figure_seconds(s.spans * w.spans) else 0 end as downtime_s
        from found o
        join placed p on p.device_id = o.device_id and p.valid_from <= o.starts
            and (p.valid_to is null or p.valid_to > o.starts)
        cross join lateral (
            select tstzmultirange(tstzrange(o.starts, least(coalesce(o.ends, 'infinity'), to_))) * period_ as spans
        ) w
        left join stopped s on s.network_id = coalesce(o.network_id, 0) and s.gateway_id = coalesce(o.gateway_id, 0)
            and s.device_id = coalesce(o.device_id, 0)
        where not isempty(w.spans)
    ),
    incident as materialized (
        select o.outage_id as incident, o.starts, o.ends, o.seconds,
            case when s.spans && tstzrange(o.starts, least(coalesce(o.ends, 'infinity'), greatest(now_, o.starts)))
                then 2 * figure_seconds(s.spans * tstzmultirange(
                    tstzrange(o.starts, least(coalesce(o.ends, 'infinity'), greatest(now_, o.starts)))
                )) >= greatest(o.seconds, 1)
                else false
            end as planned
        from whole o
        left join stopped s on s.network_id = coalesce(o.network_id, 0) and s.gateway_id = coalesce(o.gateway_id, 0)
            and s.device_id = coalesce(o.device_id, 0)
    ),
    counted as (
        select l.level, coalesce(l.key, '') as key, l.name, l.incident, sum(l.downtime_s)::bigint as downtime_s
        from silent s
        cross join lateral (values
            ('project', project_code, null, s.incident, s.downtime_s),
            ('network', s.network, s.network_name, s.incident, s.downtime_s),
            ('gateway', s.gateway, s.gateway_name, s.incident, s.downtime_s),
            ('area', s.area, s.area, s.incident, s.downtime_s),
            ('technology', s.technology, s.technology, s.incident, s.downtime_s),
            ('use', s.use, s.use, s.incident, s.downtime_s),
            ('device', s.device, s.device_name, s.outage_id, s.downtime_s)
        ) l (level, key, name, incident, downtime_s)
        group by l.level, l.key, l.name, l.incident
    ),
    out as (
        select c.level, c.key, max(c.name) as name,
            count(*) filter (where not i.planned and i.starts >= from_) as outages,
            count(*) filter (where not i.planned and i.ends <= to_) as ended,
            coalesce(sum(i.seconds) filter (where not i.planned and i.ends <= to_), 0)::bigint as ended_s,
            count(*) filter (where not i.planned and (i.ends is null or i.ends > to_)) as open,
            max(i.seconds) filter (where not i.planned) as longest_s,
            count(*) filter (where i.planned) as planned,
            sum(c.downtime_s)::bigint as downtime_s
        from counted c join incident i using (incident)
        group by c.level, c.key
    ),
    at_work as (
        select l.level, coalesce(l.key, '') as key, max(l.name) as name, count(distinct t.device_id) as devices,
            sum(t.whole_s - t.planned_s)::bigint as duty_s, sum(t.planned_s)::bigint as planned_s
        from duty t
        cross join lateral (values
            ('project', project_code, null), ('network', t.network, t.network_name),
            ('gateway', t.gateway, t.gateway_name), ('area', t.area, t.area),
            ('technology', t.technology, t.technology), ('use', t.use, t.use), ('device', t.device, t.device_name)
        ) l (level, key, name)
        group by l.level, l.key
        union all
        select 'project', project_code, null, 0, 0, 0 where not exists (select from duty)
    )
    select level, key,
        case level when 'project' then (select p.name from project p where p.project_id = project_)
            else coalesce(w.name, o.name, '') end,
        coalesce(w.devices, 0), coalesce(o.outages, 0), coalesce(o.ended, 0), coalesce(o.ended_s, 0), coalesce(o.open, 0),
        o.longest_s, coalesce(o.planned, 0), coalesce(w.planned_s, 0), coalesce(o.downtime_s, 0), coalesce(w.duty_s, 0)
    from at_work w full join out o using (level, key)
    where project_ is not null
    order by array_position(array['project', 'network', 'gateway', 'area', 'technology', 'use', 'device'], level), key;
end
$$;

comment on function figure_outage_sums is
'停止の集計。first_day から until_day の前日まで(日本の日付)、now_ まで。level = project(必ず1行), network, gateway, area, technology, use, device ごと。場所は停止の始まりの時点のもの。outages(停止回数): 期間に始まった停止。基地局や通信網の停止に含まれる機器の停止は合わせて1回(level = device では機器ごとに1回)。半分以上が計画停止にあたる停止は planned に数え、ほかの数には入れない。ended, ended_s: 期間に終わった停止の数と長さの合計(始まりから)、平均復旧時間 MTTR = ended_s ÷ ended。open: 期間の終わりに続いている停止。longest_s: 最も長い停止(期間の前後も含む)。downtime_s(停止時間): 期間内の停止のうち計画停止を除く時間の、全機器の合計。planned_s: 動作すべき時間のうちの計画停止。duty_s: 動作すべき時間(最初の受信以後、運用期間内、計画停止を除く)の全機器の合計。平均故障間隔 MTBF = (duty_s - downtime_s) ÷ outages。
Sums of outages from first_day to the day before until_day (days of Japan), up to now_, by level: project (always one row), network, gateway, area, technology, use, device; a place is that at the beginning of the outage. outages: those that began in the period; all that is part of an outage of a gateway or network counts once together (at the level device each device counts). One that lies in planned stops for half of its time or more counts in planned and nowhere else. ended, ended_s: those that ended in the period, and their length from the beginning; MTTR = ended_s / ended. open: those that last at the end of the period. longest_s: the longest one, also beyond the period. downtime_s: seconds of all devices within the period, planned stops apart. planned_s: planned stops within the time at work. duty_s: seconds in which the devices were to work, from their first message on, in season, planned stops apart. MTBF = (duty_s - downtime_s) / outages. scope: a PlanScope as JSON.';
