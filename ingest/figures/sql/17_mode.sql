-- The level that decides which of the two intervals of a gauge holds, now and in the past.

create view figure_level_series as
select d.device_id, l.quantity_id, 0::smallint as channel, l.per_metre
from device d join figure_level_quantity l on l.of_project_id is null or l.of_project_id = d.project_id
union
select k.device_id, k.quantity_id, k.channel, l.per_metre
from last_reading k join figure_level_quantity l using (quantity_id);

comment on view figure_level_series is
'機器の水位の系列(figure_level_quantity)としてあり得るもの: 各項目のチャネル0と、測ったことのあるもの。per_metre: 1 m にあたる値。
The series of a device that may tell its level (figure_level_quantity): channel 0 of each quantity, and what it has measured. per_metre: what a metre is in the unit of the quantity.';

create function figure_level_last(device integer, at_ timestamptz)
returns table ("time" timestamptz, metres double precision)
language sql stable rows 1 as $$
    -- Of views alone: it is part of figure_device_state, whose readers may read no table.
    select r.time, r.value / s.per_metre
    from figure_level_series s
    cross join lateral (
        select c.time, c.value from reading_counted c
        where c.device_id = device and c.quantity_id = s.quantity_id and c.channel = s.channel
          and c.time <= at_ and c.time > at_ - interval '40 days'
        order by c.time desc limit 1
    ) r
    where s.device_id = device
    order by r.time desc, 2 desc limit 1
$$;

comment on function figure_level_last is
'機器の、ある時刻に最後に分かっていた水位(m)とその測定時刻。水位の項目(figure_level_quantity)のうち最も新しいもの。40日より前のものは知らないとみなす。なければ行はない。
The last level of a device that was known at a moment, in metres: the newest of its levels (figure_level_quantity), the higher one of the same time. What is older than 40 days is not known any more. No row if there is none.';

create function figure_flood_at(device integer, active_level_m double precision, at_ timestamptz) returns boolean
language sql stable as $$
    select coalesce((select l.metres >= active_level_m from figure_level_last(device, at_) l), false)
$$;

comment on function figure_flood_at is
'ある時刻に、最後に分かっていた水位(figure_level_last)が観測開始水位以上だったか。水位が分からなければ偽。
Whether the last level known at a moment (figure_level_last) reaches active_level_m; false where none is known.';

create function figure_flood(devices integer[], from_ timestamptz, to_ timestamptz, of_today boolean)
returns table (device_id integer, span tstzmultirange)
language sql stable as $$
    with hourly as materialized (
        select h.device_id, h.hour, max(h.maximum / q.per_metre) as highest, min(h.first_at) as first_at,
            max(h.last_at) as last_at,
            (array_agg(h.last / q.per_metre order by h.last_at desc, h.last / q.per_metre desc))[1] as last
        from rollup_hours_between(
            devices, rollup_hour_of(from_ - interval '40 days'), to_, array(select l.quantity_id from figure_level_quantity l)
        ) h
        join figure_level_quantity q using (quantity_id)
        where cardinality(devices) > 0 and h.count > 0
        group by h.device_id, h.hour
    ),
    judged as (
        select h.*, h.highest >= l.active_level_m as reached, h.last >= l.active_level_m as stays,
            coalesce(lag(h.last) over device >= l.active_level_m, false) as before
        from hourly h
        join (
            select p.device_id, p.valid_from, coalesce(p.valid_to, 'infinity') as valid_to, p.active_level_m
            from device_placement p where not of_today
            union all
            select d.device_id, '-infinity', 'infinity', d.active_level_m from device d where of_today
        ) l on l.device_id = h.device_id and l.valid_from <= h.first_at and l.valid_to > h.first_at
        where l.active_level_m is not null
        window device as (partition by h.device_id order by h.hour)
    ),
    changing as materialized (   -- low after low changes nothing: most hours of a gauge
        select j.* from judged j where j.reached or j.before
    ),
    event as (
        select j.device_id, case when j.reached and not j.before then j.first_at else j.hour end as at, j.reached as flood,
            j.hour, 1 as place
        from changing j
        union all
        select j.device_id, case when j.reached and not j.stays then j.last_at else j.hour + interval '1 hour' end, j.stays,
            j.hour, 2
        from changing j
    ),
    held as (
        select e.device_id, e.flood, e.at,
            lead(e.at, 1, to_) over (partition by e.device_id order by e.at, e.hour, e.place) as until
        from event e
    )
    select h.device_id, range_agg(tstzrange(h.at, h.until)) * tstzmultirange(tstzrange(from_, to_))
    from held h
    where h.flood and h.at < h.until
    group by h.device_id
$$;

comment on function figure_flood is
'送信間隔が2つある機器(危機管理型水位計)が出水時の間隔で送るはずの期間、[from_, to_) のうち。水位(figure_level_quantity、m に換算)の最高が観測開始水位(active_level_m)以上だった時間(毎時0分から)、および測定がなく、最後に分かった水位がそれ以上だった時間。上がった時間はその時間の最初の測定から、下がった時間は最後の測定まで: それ以外は平常時の間隔でしか送らない。水位が一度も分からなければ平常時(40日前までさかのぼる)。最後の測定の後は figure_flood_at と同じ。of_today: 真なら今の台帳の観測開始水位を全期間に、偽ならその時の台帳のものを用いる。
When a gauge of two intervals (a low-cost flood gauge) was to send by the short one, of [from_, to_): the clock hours in which its level (figure_level_quantity, in metres) was at or above active_level_m, and those without a measurement in which the last known level was. The hour of the rise counts from its first measurement on, the hour of the fall up to its last, for outside of these the gauge had no reason to send. Calm where no level is known (of the 40 days before). After the last measurement it is what figure_flood_at says. of_today: by the active_level_m that the registry has now, for the whole time; else by that of then.';
