-- The work log (作業記録) and what people observed, as figures. An entry counts until it is voided.

create function figure_work(project_code text, first_day date, until_day date)
returns table (
    work_entry_id bigint, kind text, starts timestamptz, day date, minutes bigint, people integer, km double precision,
    device text, device_name text, network text, network_name text, technology text, gateway text, gateway_name text,
    area text, use text, place text
)
language sql stable as $$
    with here as materialized (
        select p.project_id from project p where p.code = project_code
    ),
    named as materialized (
        select distinct l.area from device_placement l join here using (project_id) where l.area is not null
    )
    select
        e.work_entry_id, e.kind, e.starts, (e.starts at time zone 'Asia/Tokyo')::date,
        e.minutes::bigint * e.people, e.people, e.km_after - e.km_before,
        case when l.device_id is not null or d.project_id = e.project_id then d.code end,
        case when l.device_id is not null or d.project_id = e.project_id then d.name end,
        n.code, n.name, n.kind, g.code, g.name,
        coalesce(l.area, a.area), l.use, e.place
    from here
    join work_entry e using (project_id)
    left join device d using (device_id)
    left join device_placement l on l.device_id = e.device_id and l.project_id = e.project_id
        and l.valid_from <= e.starts and (l.valid_to is null or l.valid_to > e.starts)
    left join network n on n.network_id = l.network_id
    left join gateway g on g.gateway_id = l.gateway_id
    left join named a on e.device_id is null and a.area = e.place
    where e.voided_at is null
      and e.starts >= first_day::timestamp at time zone 'Asia/Tokyo'
      and e.starts < until_day::timestamp at time zone 'Asia/Tokyo'
$$;

comment on function figure_work is
'作業記録の各行(取り消されたものを除く)。first_day から until_day の前日まで(日本の日付)に始まった作業。minutes = 一人あたりの分 × 人数(延べ時間)。km = 後の距離計 - 前の距離計(どちらかがなければ空)。通信網・基地局・地区・用途は、その作業の時点で機器がこの事業のどこにあったか。機器のない作業は、場所がこの事業の地区名と同じときだけその地区に数える。
Entries of the work log that are not voided and began from first_day to the day before until_day (days of Japan). minutes: minutes x people. km: odometer after - before, null where one is missing. Network, gateway, area and use: where the device stood within this project when the work began. Work at no device counts for an area only if its place is exactly the name of an area of this project.';

create function figure_work_sums(
    project_code text, first_day date, until_day date, kinds text[], networks text[], gateways text[], areas text[],
    uses text[], technologies text[], devices text[], season_from text, season_to text
)
returns table (
    level text, key text, name text, visits bigint, minutes bigint, km double precision, distances bigint
)
language sql stable as $$
    with entry as (
        select * from figure_work(project_code, first_day, until_day) w
        where (cardinality(kinds) = 0 or w.kind = any(kinds))
          and (cardinality(networks) = 0 or w.network = any(networks))
          and (cardinality(gateways) = 0 or w.gateway = any(gateways))
          and (cardinality(areas) = 0 or w.area = any(areas))
          and (cardinality(uses) = 0 or w.use = any(uses))
          and (cardinality(technologies) = 0 or w.technology = any(technologies))
          and (cardinality(devices) = 0 or w.device = any(devices))
          and (season_from is null or case when season_from <= season_to
              then to_char(w.day, 'MM-DD') between season_from and season_to
              else to_char(w.day, 'MM-DD') >= season_from or to_char(w.day, 'MM-DD') <= season_to end)
    )
    select 'project', '', p.name, count(e.work_entry_id), coalesce(sum(e.minutes), 0)::bigint, sum(e.km), count(e.km)
    from project p left join entry e on true
    where p.code = project_code
    group by p.name
    union all
    select l.level, l.key, l.name, count(*), sum(e.minutes)::bigint, sum(e.km), count(e.km)
    from entry e cross join lateral (values
        ('kind', e.kind, null), ('month', to_char(e.day, 'YYYY-MM'), null), ('area', e.area, null),
        ('network', e.network, e.network_name), ('gateway', e.gateway, e.gateway_name),
        ('technology', e.technology, null), ('use', e.use, null), ('device', e.device, e.device_name)
    ) l (level, key, name)
    group by l.level, l.key, l.name
$$;

comment on function figure_work_sums is
'作業記録の集計: figure_work の行を、level = project(全体、必ず1行)、kind(作業の種類)、month(日本の暦月 YYYY-MM)、area(地区)、network(通信網)、gateway(基地局)、technology(通信方式)、use(用途)、device(機器)ごとに数える。visits: 作業の回数。minutes: 延べ分(一人あたりの分 × 人数)。km: 走行距離の合計(距離のある作業だけ、一つもなければ空)。distances: 距離のある作業の回数。key が空の行は、それが分からない作業。配列が空ならすべて。season_from と season_to: 毎年のこの月日の間(両日を含む、年をまたいでもよい)だけ。
Sums of the work log: rows of figure_work by level: project (always one row), kind, month (YYYY-MM of Japan), area, network, gateway, technology, use, device. visits: entries. minutes: minutes x people. km: sum of distances, of entries that have one; null if none has. distances: how many have one. A row without key is of work of which it cannot be told. An empty list takes all. season_from, season_to: only these days of each year, both included; it may wrap the year end.';

create function figure_observation(project_code text, code_ text, first_day_ date, until_day_ date)
returns table (
    observation_id bigint, code text, first_day date, last_day date, value double precision, unit text, area text,
    source text, basis text, entered_at timestamptz, entered_by text
)
language sql stable as $$
    select o.observation_id, o.code, o.first_day, o.last_day, o.value, o.unit, o.area, o.source, o.basis, o.entered_at,
        o.entered_by
    from project p join observation o using (project_id)
    where p.code = project_code and o.code = code_ and o.voided_at is null
      and o.first_day >= first_day_ and o.last_day < until_day_
    order by o.first_day, o.last_day, o.observation_id
$$;

comment on function figure_observation is
'手入力の観測(取り消されたものを除く)のうち、対象期間の全体が first_day_ から until_day_ の前日までに入るもの。期間をまたぐものは、分けずに数えない。
Observations entered by people, not voided, whose whole period lies from first_day_ to the day before until_day_. One that reaches beyond it is neither split nor counted.';
