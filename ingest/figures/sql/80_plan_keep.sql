-- Keeps what was received in the closed months of a plan, and removes what no figure reads any more.

create function figure_plan_tidy(project_code text, month date) returns bigint
language plpgsql volatile set plan_cache_mode = force_custom_plan set jit = off
set work_mem = '64MB' set enable_mergejoin = off as $$
declare
    from_ constant timestamptz = rollup_midnight(month);
    to_ constant timestamptz = rollup_midnight((month + interval '1 month')::date);
    gone_ bigint;
begin
    -- What overlaps a place of this project can be read by no other one: a device is in one place at a time.
    with stretch as materialized (
        select s.* from figure_plan_stretch(project_code, from_, to_, null) s
    )
    delete from rollup_stretch k
    using device_placement p join project j using (project_id)
    where j.code = project_code and p.valid_from < to_ and coalesce(p.valid_to, 'infinity') > from_
      and k.device_id = p.device_id and k.starts >= from_ and k.starts < to_
      and p.valid_from < k.ends and coalesce(p.valid_to, 'infinity') > k.starts
      and not exists (
          select from stretch s
          where s.device_id = k.device_id and s.starts = k.starts and s.ends = k.ends and s.interval_s = k.interval_s
            and s.calm = k.calm
      );
    get diagnostics gone_ = row_count;
    return gone_;
end
$$;

comment on function figure_plan_tidy is
'1か月分の保存済みの期間(rollup_stretch)のうち、いまの台帳・計画停止・水位ではどの計画の期間でもなくなったものを削除する。削除した行数を返す。集計を計算する者の鍵(advisory lock)を持って呼ぶこと。
Removes the kept stretches of a month that are stretches of the plan no more, by the registry, the planned stops and the levels of today; returns how many. Whoever calls it holds the lock of those who compute sums.';

create function figure_plan_keep(project_code text, month date) returns bigint
language plpgsql volatile set plan_cache_mode = force_custom_plan set jit = off as $$
declare
    from_ constant timestamptz = rollup_midnight(month);
    to_ constant timestamptz = rollup_midnight((month + interval '1 month')::date);
    kept_ bigint;
begin
    if to_ > (select rollup_midnight(rollup_day_of(s.materialised_until)) from rollup_state s) then
        return 0;
    end if;
    perform figure_plan_tidy(project_code, month);
    -- To find what is not there is much less work than to put everything together.
    if not exists (
        select from figure_plan_stretch(project_code, from_, to_, null) s
        where not exists (
            select from rollup_stretch k
            where k.device_id = s.device_id and k.starts = s.starts and k.ends = s.ends and k.interval_s = s.interval_s
              and k.calm = s.calm
        )
    ) then
        return 0;
    end if;
    insert into rollup_stretch (
        device_id, starts, ends, interval_s, calm, before_at, readings, flagged, uplinks, payload_bytes, first_at, last_at,
        dead_s, slots, slot_first, slot_last, halves, half_first, half_last, late_classes, late_counts, lost
    )
    select u.device_id, u.starts, u.ends, u.interval_s, u.calm, u.before_at, u.readings, u.flagged, u.uplinks,
        u.payload_bytes, u.first_at, u.last_at, u.dead_s, u.slots, u.slot_first, u.slot_last, u.halves, u.half_first,
        u.half_last, u.late_classes, u.late_counts, u.lost
    from figure_plan_usage(project_code, from_, to_, null) u
    left join figure_plan_unsure(array(
        select p.device_id from device_placement p join project j using (project_id) where j.code = project_code
    )) x using (device_id)
    where not coalesce(x.spans && tstzrange(
        u.starts - figure_plan_silence(u.calm, u.interval_s) * interval '1 second', u.ends
    ), false)
    on conflict do nothing;
    get diagnostics kept_ = row_count;
    return kept_;
end
$$;

comment on function figure_plan_keep is
'締め切った1か月分の figure_plan_usage を rollup_stretch に保存する。保存した行数を返す。計算し直すべき日にかかる期間は保存しない。集計を計算する者の鍵(advisory lock)を持って呼ぶこと。
Keeps figure_plan_usage of a month that is closed in rollup_stretch; returns how many rows are new. Stretches that touch days which are due are left out. Whoever calls it holds the lock of those who compute sums.';

create function figure_plan_inputs(project_code text, first_month date, until_month date)
returns table (month date, inputs text)
language plpgsql stable rows 100 set plan_cache_mode = force_custom_plan set jit = off
set work_mem = '64MB' set enable_mergejoin = off as $$
#variable_conflict use_column
begin
    return query
    with span as materialized (      -- a level of the last forty days decides which interval of a gauge holds
        select g.day::date as month, rollup_midnight((g.day + interval '1 month')::date) as ends,
            rollup_midnight(g.day::date) - interval '40 days' as since
        from generate_series(first_month::timestamp, until_month - interval '1 day', interval '1 month') g (day)
    ),
    placed as materialized (
        select p.* from device_placement p join project j using (project_id) where j.code = project_code
    ),
    part (month, what, number) as (
        select m.month, 1, hash_record_extended(row(
            p.device_id, greatest(p.valid_from, m.since), least(p.valid_to, m.ends), p.network_id, p.gateway_id,
            p.interval_s, p.calm_interval_s, p.active_level_m, p.season_from, p.season_to, p.installed_on, p.enabled
        ), 0)
        from span m join placed p on p.valid_from < m.ends and coalesce(p.valid_to, 'infinity') > m.since
        union all
        select m.month, 2, hash_record_extended(row(
            s.network_id, s.gateway_id, s.device_id, s.starts, s.ends, case when s.signed_at is null then s.entered_at end
        ), 0)
        from span m
        join planned_stop s on s.starts < m.ends and s.ends > m.since and s.voided_at is null
        where s.project_id = (select j.project_id from project j where j.code = project_code)
        union all
        select m.month, 3, hash_record_extended(row(k.device_id, k.starts, k.ends, k.interval_s, k.calm), 0)
        from span m
        join rollup_stretch k on k.starts < m.ends and k.ends > m.since
        where k.device_id in (select p.device_id from placed p)
        union all
        select m.month, 4, hash_record_extended(row(u.device_id, u.spans * tstzmultirange(tstzrange(m.since, m.ends))), 0)
        from span m
        join figure_plan_unsure(array(select distinct p.device_id from placed p)) u on u.spans && tstzrange(m.since, m.ends)
        union all
        select m.month, 5, 0 from span m cross join rollup_state s where m.ends <= s.materialised_until
    )
    select m.month, concat_ws(' ', count(p.what), coalesce(sum(p.number::numeric * p.what), 0))
    from span m left join part p using (month)
    group by m.month;
end
$$;

comment on function figure_plan_inputs is
'月ごとに、保存する期間(figure_plan_keep)を決めるものすべての要約: 台帳の場所、計画停止、保存済みの期間、計算し直すべき日、締切り。要約が前と同じ月は、保存も削除も要らない。水位は、保存済みの期間が消えることで分かる。
For each month a short text of all that decides what is to be kept of it (figure_plan_keep): places of the registry, planned stops, what is kept, what is due, whether the month is closed. While it is the same, there is nothing to keep or to remove. Levels that come late show in it by what is removed of what was kept.';
