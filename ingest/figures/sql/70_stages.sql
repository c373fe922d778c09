-- Stages of levels (基準水位): which one is reached, since when, how far the next is. Observed by the operator, nothing official.

create view figure_stage as
select
    s.device_id, s.quantity_id, p.code as project, d.code as device,
    d.name || case when s.channel > 0 then ' #' || s.channel else '' end as title,
    n.name as network_name, d.interval_s, q.code as quantity, q.label_ja, q.label_en, s.channel,
    s.rank, s.name, coalesce(nullif(s.name_en, ''), s.name) as name_en, s.level_m, s.official, s.ref_level, s.source,
    s.datum, s.valid_from, s.valid_to
from device_stage s
join device d using (device_id)
join project p using (project_id)
join network n using (network_id)
join quantity q using (quantity_id);

comment on view figure_stage is
'台帳の基準水位(期間つき)。rank: 段階(1が最も低い)。official: 国・県が定めたもの。ref_level: 警戒レベルの目安(参考)。valid_to: この時刻から適用しない。
Stages of levels as the registry has them. rank: 1 is the lowest. official: set by the state or the prefecture. ref_level: the level of alert it is held against, a hint. valid_to: the first moment it no longer holds.';

create function figure_stage_now(projects text[], at_ timestamptz)
returns table (
    project text, device text, title text, network_name text, quantity text, label_ja text, channel smallint,
    measured_at timestamptz, silent boolean, value double precision, rise_1h double precision,
    rank integer, name text, name_en text, official boolean, ref_level smallint, level_m double precision,
    reached_at timestamptz, next_name text, next_name_en text, next_level_m double precision, to_next_m double precision
)
language plpgsql stable rows 50 set plan_cache_mode = force_custom_plan set jit = off as $$
#variable_conflict use_column
declare
    since_ constant timestamptz = at_ - interval '35 days';
begin
    return query
    with stage as materialized (
        select s.* from figure_stage s
        where s.project = any(projects) and coalesce(s.valid_from <= at_, true) and coalesce(s.valid_to > at_, true)
    ),
    series as (
        select distinct s.device_id, s.quantity_id, s.project, s.device, s.title, s.network_name, s.interval_s, s.quantity,
            s.label_ja, s.channel
        from stage s
    )
    select
        s.project, s.device, s.title, s.network_name, s.quantity, s.label_ja, s.channel,
        last.time, last.time < at_ - figure_patience_s(s.interval_s, d.calm_interval_s, case when d.calm_interval_s is not null then
            figure_flood_at(s.device_id, d.active_level_m, at_) end) * interval '1 second',
        last.value, last.value - hour.value,
        coalesce(here.rank, 0)::integer, here.name, here.name_en, here.official, here.ref_level, here.level_m,
        since.time, above.name, above.name_en, above.level_m, above.level_m - last.value
    from series s
    join device d on d.device_id = s.device_id
    cross join lateral figure_sound_between(s.device_id, s.quantity_id, s.channel, since_, at_) last
    left join lateral figure_sound_between(
        s.device_id, s.quantity_id, s.channel, last.time - interval '2 hours', last.time - interval '1 hour'
    ) hour on true
    left join lateral (
        select t.* from stage t
        where (t.device_id, t.quantity_id, t.channel) = (s.device_id, s.quantity_id, s.channel) and t.level_m <= last.value
        order by t.rank desc limit 1
    ) here on true
    left join lateral (
        select t.* from stage t
        where (t.device_id, t.quantity_id, t.channel) = (s.device_id, s.quantity_id, s.channel) and t.level_m > last.value
        order by t.rank limit 1
    ) above on true
    left join lateral (          -- the first measurement after the last one below; where no stage is reached none is looked for
        select r.time from figure_sound r
        where here.level_m is not null and r.device_id = s.device_id and r.quantity_id = s.quantity_id and r.channel = s.channel
          and r.time <= last.time and r.time > (
              select b.time from figure_sound b
              where b.device_id = s.device_id and b.quantity_id = s.quantity_id and b.channel = s.channel
                and b.time > since_ and b.time <= last.time and b.value < here.level_m
              order by b.time desc limit 1
          )
        order by r.time limit 1
    ) since on true;
end
$$;

comment on function figure_stage_now is
'基準水位のある水位の、at_ 時点の段階(過去35日間に測ったもの、値に注記のある測定は除く)。rank: 到達している最も高い段階、どれにも届かなければ0。reached_at: その水位以上になった最初の測定時刻(35日より前からなら値なし)。to_next_m: 次の段階までの差(m)。rise_1h: figure_level と同じ。silent: 送信間隔の3倍(平常時の間隔なら1.5倍。figure_patience_s)を超えて測定がなく、段階は最後の測定のもの。運用者の観測(参考値)であり、気象庁・河川管理者の発表ではない。
The stage of each level that has stages, as at at_ (measured within 35 days; a reading with a remark about its value reaches none). rank: the highest that is reached, 0 if none. reached_at: the first measurement since which the level has not been below it (null: longer than 35 days). to_next_m: what is missing to the next one. rise_1h: as in figure_level. silent: no measurement for more than three intervals (in calm mode 1.5; figure_patience_s), so the stage is that of the last one. Observed by the operator, for reference; nothing official.';

create function figure_stage_word(
    name text, rank integer, ref_level smallint, before_name text, before_rank integer
) returns text
language sql immutable as $$
    select case
        when rank > before_rank then
            name || 'に到達' || coalesce('(参考: 警戒レベル' || ref_level || 'の目安)', '')
        else before_name || 'を下回る' || coalesce('(いま ' || name || ')', '')
    end
$$;

comment on function figure_stage_word is
'段階の変化を表す言葉。警戒レベルは目安(参考)で、発表ではない。
A change of the stage in words. The level of alert is a hint; nobody announces it here.';

create function figure_stage_change(projects text[], devices text[], from_ timestamptz, to_ timestamptz)
returns table (
    "time" timestamptz, project text, device text, title text, quantity text, label_ja text, channel smallint,
    value double precision, rank integer, name text, ref_level smallint, before_rank integer, before_name text, word text
)
language plpgsql stable rows 50 set plan_cache_mode = force_custom_plan set jit = off as $$
#variable_conflict use_column
begin
    return query
    with stage as materialized (
        select s.* from figure_stage s
        where s.project = any(projects) and (devices is null or s.device = any(devices))
          and coalesce(s.valid_from < to_, true) and coalesce(s.valid_to > from_ - interval '35 days', true)
    ),
    series as (                  -- arrays, for they are asked once for each measurement
        select s.device_id, s.quantity_id, s.project, s.device, s.title, s.quantity, s.label_ja, s.channel,
            array_agg(s.rank) as ranks, array_agg(s.level_m) as levels,
            array_agg(coalesce(s.valid_from, '-infinity')) as begins, array_agg(coalesce(s.valid_to, 'infinity')) as ends
        from stage s
        group by s.device_id, s.quantity_id, s.project, s.device, s.title, s.quantity, s.label_ja, s.channel
    ),
    reached as (
        select s.device_id, s.quantity_id, s.channel, s.project, s.device, s.title, s.quantity, s.label_ja,
            r.time, r.value, coalesce(h.rank, 0) as rank,
            lag(coalesce(h.rank, 0)) over each_one as before_rank, lag(r.time) over each_one as before_at
        from series s
        cross join lateral (
            select b.time, b.value from figure_sound_between(
                s.device_id, s.quantity_id, s.channel, from_ - interval '35 days', from_ - interval '1 microsecond'
            ) b
            union all
            select c.time, c.value from figure_sound c
            where c.device_id = s.device_id and c.quantity_id = s.quantity_id and c.channel = s.channel
              and c.time >= from_ and c.time < to_
        ) r
        cross join lateral (
            select max(t.rank)::integer as rank from unnest(s.ranks, s.levels, s.begins, s.ends) t (rank, level_m, begins, ends)
            where t.level_m <= r.value and r.time >= t.begins and r.time < t.ends
        ) h
        window each_one as (partition by s.device_id, s.quantity_id, s.channel order by r.time)
    )
    select
        r.time, r.project, r.device, r.title, r.quantity, r.label_ja, r.channel, r.value, r.rank, here.name, here.ref_level,
        r.before_rank, there.name,
        figure_stage_word(here.name, r.rank, here.ref_level, there.name, r.before_rank)
    from reached r
    left join stage here on (here.device_id, here.quantity_id, here.channel, here.rank)
        = (r.device_id, r.quantity_id, r.channel, r.rank)
        and coalesce(here.valid_from <= r.time, true) and coalesce(here.valid_to > r.time, true)
    left join stage there on (there.device_id, there.quantity_id, there.channel, there.rank)
        = (r.device_id, r.quantity_id, r.channel, r.before_rank)
        and coalesce(there.valid_from <= r.before_at, true) and coalesce(there.valid_to > r.before_at, true)
    where r.rank <> r.before_rank
    order by r.time, r.title;
end
$$;

comment on function figure_stage_change is
'水位の段階が変わった測定。段階は測定時刻に適用されていた基準水位による。値に注記のある測定は除く。直前(35日以内)の測定と比べる。value: その時の水位、word: 変化を表す言葉。運用者の観測(参考値)。
Measurements with which a level came to another stage, by the stages that held at that time, compared with the measurement before (within 35 days); without readings that have a remark about their value. Observed by the operator, for reference.';

create function figure_stage_lines(
    projects text[], devices text[], quantities text[], from_ timestamptz, to_ timestamptz, at_most integer
)
returns table ("time" timestamptz, device text, title text, rank smallint, level_m double precision)
language sql stable as $$
    with nearest as materialized (
        select n.project, n.device, n.quantity, n.channel from figure_stage_now(projects, least(to_, now())) n
        where n.quantity = any(quantities) and (devices is null or n.device = any(devices))
        order by n.rank desc, n.to_next_m, n.title limit at_most
    )
    select e.at, s.device, s.title || ' ' || s.name, s.rank, s.level_m
    from figure_stage s
    join nearest using (project, device, quantity, channel)
    cross join lateral (
        values (greatest(from_, s.valid_from)), (least(to_, s.valid_to - interval '1 second'))
    ) e (at)
    where coalesce(s.valid_from < to_, true) and coalesce(s.valid_to > from_, true)
    order by e.at, s.title, s.rank
$$;

comment on function figure_stage_lines is
'グラフに引く基準水位の線(期間の両端の2点)。段階の最も高い、次に近いものから at_most 本の水位まで。
Lines to draw at the stages, as the two ends of the period; of at most so many levels, those at the highest stage and nearest to the next.';
