-- What must be computed again, and how that is said.

create function rollup_next(device integer, starts timestamptz, ends timestamptz)
returns table (hour timestamptz)
language plpgsql stable rows 5 set plan_cache_mode = force_custom_plan set jit = off as $$
#variable_conflict use_column
declare
    until_ constant timestamptz = (select s.materialised_until from rollup_state s);
    reach constant timestamptz = least(
        until_, ends + (
            select figure_longest_patience_s(d.interval_s, d.calm_interval_s) from device d where d.device_id = device
        ) * interval '1 second'
    );
begin
    return query
    with series as materialized (
        select known.quantity_id, known.channel, q.kind
        from (
            select s.quantity_id, s.channel from rollup_series s where s.device_id = device
            union
            select r.quantity_id, r.channel from reading_counted r
            where r.device_id = device and r.time >= starts and r.time < ends
              and r.quantity_id = any(array(select q.quantity_id from quantity q where q.kind in ('counter', 'state')))
        ) known
        join quantity q using (quantity_id)
    )
    select rollup_hour_of(a.time)
    from series s cross join lateral rollup_after(device, s.quantity_id, s.channel, ends, until_, 2) a
    where s.kind = 'counter'
    union
    select held.hour
    from series s
    cross join lateral generate_series(
        ends,
        coalesce((select a.time from rollup_after(device, s.quantity_id, s.channel, ends, reach, 1) a), reach),
        interval '1 hour'
    ) held (hour)
    where s.kind = 'state'
    union
    select rollup_hour_of(rollup_counter_after(device, ends, until_))
    where exists (
        select from uplink u
        where u.device_id = device and u.time >= starts and u.time < ends and (u.counter is not null or u.kind = 2)
    );
end
$$;

comment on function rollup_next is
'期間 [starts, ends) の測定値が変わったとき、その後で計算し直すべき時間: 積算値は次とその次の値の時間、通番は次の値の時間、状態は続きうる時間。
The hours after [starts, ends) whose sums look back into it: those of the next two values of each counter, that of the next message, and those a state may reach into.';

create function rollup_previous(device integer, starts timestamptz)
returns table (hour timestamptz)
language plpgsql stable rows 2 set plan_cache_mode = force_custom_plan set jit = off as $$
#variable_conflict use_column
declare
    from_ constant timestamptz = (select s.raw_from from rollup_state s);
begin
    return query
    select rollup_hour_of(b.time)
    from (
        select s.quantity_id, s.channel from rollup_series s join quantity q using (quantity_id)
        where s.device_id = device and q.kind = 'counter'
    ) s
    cross join lateral rollup_before(device, s.quantity_id, s.channel, starts, 1) b
    where rollup_hour_of(b.time) >= from_;
end
$$;

comment on function rollup_previous is
'starts より前の、積算値の最後の値の時間。その値が正しいかどうかは次の値から分かるので、次が変われば計算し直す。
The hours of the last values of counters before a moment: whether they are right is told by what comes after them.';

create function rollup_turned()
returns table (device_id integer, hour timestamptz, next_at timestamptz)
language plpgsql stable rows 5 set plan_cache_mode = force_custom_plan set jit = off as $$
#variable_conflict use_column
declare
    until_ constant timestamptz = (select s.materialised_until from rollup_state s);
    from_ constant timestamptz = (select s.raw_from from rollup_state s);
    counters_ constant smallint[] = array(select q.quantity_id from quantity q where q.kind = 'counter');
begin
    return query
    select k.device_id, rollup_hour_of(k.time), n.time
    from last_reading k
    cross join lateral (
        select r.time, r.value from reading_counted r
        where r.device_id = k.device_id and r.quantity_id = k.quantity_id and r.channel = k.channel
          and r.time >= until_
        order by r.time limit 1
    ) n
    where k.quantity_id = any(counters_) and k.time >= from_ and k.time < until_
      and (k.provisional or n.value < k.value);
end
$$;

comment on function rollup_turned is
'締め切った最後の値が正しいかどうかを、締め切り後の最初の値(next_at)が変えうる時間: 暫定のものと、次の値が小さいもの。
The last hours of counters that were summed up before their next value (next_at) came, where that matters: those that were provisional, and those whose next value is lower.';

create view rollup_noted as
select d.device_id, d.hour from rollup_due d
union all
select late.device_id, to_timestamp(late.hour * 3600.0)
from rollup_late l cross join lateral unnest(l.devices, l.hours) late (device_id, hour)
where to_timestamp(late.hour * 3600.0) >= (select s.raw_from from rollup_state s);

comment on view rollup_noted is
'計算し直すべき時間(機器ごと)。書き込みが記録したままのものを含む。
The hours of devices that are due, also those that still stand as the writers noted them.';

create view rollup_due_span as
select due.device_id, min(due.hour) as starts, max(due.hour) + interval '1 hour' as ends
from (
    select
        d.device_id, d.hour,
        d.hour - row_number() over (partition by d.device_id order by d.hour) * interval '1 hour' as island
    from (select distinct u.device_id, u.hour from rollup_noted u) d
) due
group by due.device_id, due.island;

comment on view rollup_due_span is
'計算し直すべき時間を、機器ごとに連続する期間にまとめたもの。
The hours that are due, by device, put together where they touch.';

create view rollup_pending as
select due.device_id, due.hour
from rollup_noted due
where due.hour < (select s.materialised_until from rollup_state s)
union
select span.device_id, after.hour
from rollup_due_span span
cross join lateral rollup_next(span.device_id, span.starts, span.ends) after
where span.ends < (select s.materialised_until from rollup_state s)
  and after.hour < (select s.materialised_until from rollup_state s)
union
select span.device_id, earlier.hour
from rollup_due_span span
cross join lateral rollup_previous(span.device_id, span.starts) earlier
where span.starts <= (select s.materialised_until from rollup_state s)
union
select turned.device_id, turned.hour from rollup_turned() turned;

comment on view rollup_pending is
'集計表の値がまだ正しくない時間: 計算待ちの時間と、その前後で変わる時間。読むときはその場で計算する。
The hours for which the tables do not hold yet: those that are due and those that look into them. Readers get them computed on the spot.';

create view rollup_pending_span as
select pending.device_id, min(pending.hour) as starts, max(pending.hour) + interval '1 hour' as ends
from (
    select
        p.device_id, p.hour,
        p.hour - row_number() over (partition by p.device_id order by p.hour) * interval '1 hour' as island
    from rollup_pending p
) pending
group by pending.device_id, pending.island;

comment on view rollup_pending_span is
'rollup_pending を連続する期間にまとめたもの。
rollup_pending, put together where its hours touch.';

create view rollup_pending_days as
select pending.device_id, min(pending.day) as first_day, max(pending.day) + 1 as until_day
from (
    select
        p.device_id, p.day,
        p.day - row_number() over (partition by p.device_id order by p.day)::integer as island
    from (
        select distinct h.device_id, rollup_day_of(h.hour) as day
        from rollup_pending h
        where h.hour < (select rollup_midnight(rollup_day_of(s.materialised_until)) from rollup_state s)
    ) p
) pending
group by pending.device_id, pending.island;

comment on view rollup_pending_days is
'集計表の値がまだ正しくない日を、連続する期間にまとめたもの。
The days for which the tables do not hold yet, put together where they touch.';

create function rollup_note(devices integer[], hours timestamptz[]) returns bigint
language sql volatile as $$
    with noted as (
        insert into rollup_due (device_id, hour)
        select distinct changed.device_id, rollup_hour_of(changed.at)
        from unnest(devices, hours) changed (device_id, at) cross join rollup_state s
        where rollup_hour_of(changed.at) < s.closing_until and rollup_hour_of(changed.at) >= s.raw_from
        returning 1
    )
    select count(*) from noted
$$;

comment on function rollup_note is
'機器と時刻の組を、計算し直すべき時間として記録する。集計がまだ締め切っていない時間は記録しない。戻り値は記録した時間数。
Notes the hours of pairs of device and moment as due, where they are not open anyway; returns how many.';

create function rollup_touch(device integer, from_ timestamptz, to_ timestamptz) returns bigint
language sql volatile as $$
    select rollup_note(array_agg(device), array_agg(touched.hour))
    from (
        select rollup_hour_of(r.time) as hour from reading r
        where r.device_id = device and r.time >= from_ and r.time < to_
        union
        select rollup_hour_of(u.time) from uplink u
        where u.device_id = device and u.time >= from_ and u.time < to_
        union
        select h.hour from rollup_hour h
        where h.device_id = device and h.hour > from_ - interval '1 hour' and h.hour < to_
        union
        select h.hour from uplink_hour h
        where h.device_id = device and h.hour > from_ - interval '1 hour' and h.hour < to_
    ) touched
$$;

comment on function rollup_touch is
'1機器の期間 [from_, to_) の集計を計算し直すべきことを記録する(訂正、無効化、再計算)。戻り値は記録した時間数。
Says that what lies in [from_, to_) of one device must be computed again; returns how many hours that are.';

create function rollup_note_turns() returns bigint
language plpgsql volatile set plan_cache_mode = force_custom_plan set jit = off as $$
declare
    noted_ bigint;
begin
    insert into rollup_due (device_id, hour)
    select distinct h.device_id, h.hour
    from (
        select h.*, q.greatest_per_hour as per_hour,
            lag(h.last) over (partition by h.device_id, h.quantity_id, h.channel order by h.hour) as before
        from rollup_hour h join quantity q using (quantity_id)
        where q.kind = 'counter' and h.count > 0
    ) h
    cross join rollup_state s
    where h.hour >= s.raw_from and h.hour < s.materialised_until
      and (
          h.minimum < h.before or h.maximum > h.last or h.first > h.minimum
          or h.increase > h.per_hour or h.before > 0 and h.last >= 2 * h.before
      );
    get diagnostics noted_ = row_count;
    return noted_;
end
$$;

comment on function rollup_note_turns is
'締め切った時間のうち、積算値が戻ったもの、最大の速さを超えたもの、2倍以上になったものを、計算し直すべきものとして記録する。積算値の増分の規則が変わった更新のときに一度。
Notes as due the hours in which a counter went back, was faster than it can be, or doubled: once, at the upgrade that brings the rule for these. Returns how many.';
