-- Which devices measure a quantity, and what screens for a field or a river show of them.

create function figure_series(projects text[], quantities text[])
returns table (
    device_id integer, project text, device text, device_name text, network_name text, interval_s integer,
    quantity_id smallint, quantity text, label_ja text, kind text, channel smallint, title text, unit_ja text
)
language plpgsql stable rows 100 set plan_cache_mode = force_custom_plan set jit = off as $$
#variable_conflict use_column
declare
    meant_ constant smallint[] = array(
        select q.quantity_id from quantity q
        where q.code = any(quantities)
          and (
              q.of_project_id is null
              or q.of_project_id in (select p.project_id from project p where p.code = any(projects))
          )
    );
    since_ constant date = rollup_day_of(now()) - 35;
    open_ constant timestamptz = (
        select rollup_midnight(rollup_day_of(greatest(s.materialised_until, rollup_midnight(since_)))) from rollup_state s
    );
begin
    return query
    select d.device_id, p.code, d.code, d.name, n.name, d.interval_s, q.quantity_id, q.code, q.label_ja, q.kind, s.channel,
        d.name || case when s.channel > 0 then ' #' || s.channel else '' end, q.unit_ja
    from device d
    join project p using (project_id)
    join network n using (network_id)
    cross join lateral (
        select r.quantity_id, r.channel from rollup_day r
        where r.device_id = d.device_id and r.quantity_id = any(meant_) and r.day >= since_
        union
        select r.quantity_id, r.channel from reading r
        where r.device_id = d.device_id and r.quantity_id = any(meant_) and r.time >= open_
    ) s
    join quantity q on q.quantity_id = s.quantity_id
    where p.code = any(projects);
end
$$;

comment on function figure_series is
'ある測定項目(共通のものと、その事業独自のもの)を過去35日間に測った機器とチャネル。title は画面での呼び名(機器名と、0でないチャネル)。
Devices and channels that measured one of these quantities (of the catalogue, or the project''s own) within the last 35 days. title: what a screen calls it.';

create function figure_several(
    projects text[], devices text[], quantities text[], from_ timestamptz, to_ timestamptz, points integer, at_most integer
)
returns table (
    "time" timestamptz, device text, title text, quantity text, label_ja text, channel smallint, value double precision,
    low double precision, high double precision, kind text, unit_ja text, named boolean, varies boolean
)
language sql stable as $$
    select r."time", s.device, s.title, s.quantity, s.label_ja, s.channel, r.value, r.low, r.high, s.kind, s.unit_ja,
        exists (select from figure_state_name n where n.quantity_id = s.quantity_id),
        coalesce(bool_or(r.low < r.high) over (partition by s.project, s.device, s.quantity, s.channel), false)
    from (
        select f.* from figure_series(projects, quantities) f
        where devices is null or f.device = any(devices)
        order by f.title, f.device, f.quantity, f.channel limit at_most
    ) s
    cross join lateral figure_readings(s.project, s.device, s.quantity, from_, to_, points) r
    where r.channel = s.channel
    order by 1, 3, 2
$$;

comment on function figure_several is
'複数の機器の時系列(figure_readings)、呼び名の順に at_most 本まで。devices が NULL ならすべての機器。named: 値に名称がある(状態など)。varies: 系列のどこかの区間に異なる値がある(value だけでは最低と最高が見えない)。
The series of several devices (figure_readings), at most so many, in the order of their titles; devices null: all. named: its values have names, as those of a state. varies: some bucket of the series holds different values, so that value alone would hide the lowest and the highest.';

create function figure_state_change(
    projects text[], devices text[], quantities text[], from_ timestamptz, to_ timestamptz
)
returns table (
    "time" timestamptz, project text, device text, title text, quantity text, label_ja text, value double precision,
    state_name text, word text
)
language sql stable as $$
    select c.time, s.project, s.device, s.title, s.quantity, s.label_ja, c.value, coalesce(n.name, c.value::text),
        coalesce(figure_state_word(n.name), c.value::text)
    from figure_series(projects, quantities) s
    cross join lateral (
        select r.time, r.value, lag(r.value) over (order by r.time) as before
        from reading_counted r
        where r.device_id = s.device_id and r.quantity_id = s.quantity_id and r.channel = s.channel
          and r.time >= from_ and r.time < to_
    ) c
    left join figure_state_name n on n.quantity_id = s.quantity_id and n.value = c.value
    where (devices is null or s.device = any(devices))
      and (s.kind = 'event' and c.value > 0 or s.kind <> 'event' and c.before is distinct from c.value)
    order by c.time, s.title
$$;

comment on function figure_state_change is
'状態が変わった時刻と変わった後の状態(期間の最初の値を含む)、事象は0でない値のすべて。word: 状態の日本語の名称。
When a state became another one (the first of the period too), and every event that was not nought. word: the state in Japanese.';

create function figure_state_lines(
    projects text[], devices text[], quantities text[], from_ timestamptz, to_ timestamptz, at_most integer
)
returns table ("time" timestamptz, title text, label_ja text, value double precision)
language sql stable as $$
    with change as materialized (
        select c.*, dense_rank() over (order by c.title, c.project, c.device, c.quantity) as line
        from figure_state_change(projects, devices, quantities, from_, to_) c
    ),
    grid as (
        select t."time", s.line, s.title, s.label_ja, c.value,
            count(c.value) over (partition by s.line order by t."time") as since
        from (select distinct c."time" from change c where c.line <= at_most) t
        cross join (select distinct c.line, c.title, c.label_ja from change c where c.line <= at_most) s
        left join change c on c.line = s.line and c."time" = t."time"
    )
    select g."time", g.title, g.label_ja, max(g.value) over (partition by g.line, g.since)
    from grid g where g.since > 0
    order by g."time", g.title, g.label_ja
$$;

comment on function figure_state_lines is
'状態の推移: どれかの状態が変わった時刻ごとに、すべての状態の値(その時刻までの最後の値)。名称の順に at_most 本まで。ある機器の変化が、ほかの機器の線を切らない。
States over time: at each moment at which one of them changed the value of every one (its last until then), at most so many, in the order of their titles. A change of one device does not end the bar of another.';

create function figure_last_between(
    device integer, quantity smallint, channel_ smallint, after timestamptz, until timestamptz
)
returns table ("time" timestamptz, value double precision)
language sql stable as $$
    select r.time, r.value from reading_counted r
    where r.device_id = device and r.quantity_id = quantity and r.channel = channel_
      and r.time > after and r.time <= until
    order by r.time desc limit 1
$$;

comment on function figure_last_between is
'期間 (after, until] の最後の値。なければ行はない。
The last value in (after, until]; no row if there is none.';

-- range 1, clamped 16, publisher 32; remarks about the clock leave the value. Written so that the planner knows that hardly
-- any reading has a remark: of coalesce(quality, 0) it thinks that one in 200 has none, and then holds each reading against
-- every flag.
create view figure_sound as
select r.* from reading_counted r
where (r.quality is null or r.quality & 49 = 0)
  and not exists (
      select from watch_flag f
      where f.grade = 4 and f.device_id = r.device_id and f.quantity_id = r.quantity_id and f.channel = r.channel
        and r.time >= f.starts and r.time <= f.ends
  );

comment on view figure_sound is
'有効な測定値(reading_counted)のうち、値そのものに注記(想定範囲外・上限に丸めた・送信側が疑わしいとした)がなく、品質の確認(watch_flag)で誤り(grade 4)とされていないもの。基準水位の判定と水位の現在値はこれだけによる。時計についての注記は妨げない。
What counts (reading_counted) and has no remark about the value itself (outside the expected range, clamped, doubted by its publisher), and did not fail a test of quality (watch_flag, grade 4). Only this reaches a stage. Remarks about the clock do not hinder.';

create function figure_sound_between(
    device integer, quantity smallint, channel_ smallint, after timestamptz, until timestamptz
)
returns table ("time" timestamptz, value double precision)
language sql stable as $$
    select r.time, r.value from figure_sound r
    where r.device_id = device and r.quantity_id = quantity and r.channel = channel_
      and r.time > after and r.time <= until
    order by r.time desc limit 1
$$;

comment on function figure_sound_between is
'期間 (after, until] の、値に注記のない最後の値(figure_sound)。なければ行はない。
The last value in (after, until] without a remark about the value (figure_sound); no row if there is none.';
