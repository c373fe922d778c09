-- A series of one quantity, thinned out to what a screen can show.

create function figure_step_s(from_ timestamptz, to_ timestamptz, points integer)
returns integer language sql immutable as $$
    select coalesce(
        (
            select min(step) from unnest(array[
                1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400
            ]) step
            where step >= extract(epoch from to_ - from_) / greatest(points, 1)
        ),
        86400 * ceil(extract(epoch from to_ - from_) / greatest(points, 1) / 86400)::integer
    )
$$;

comment on function figure_step_s is
'グラフの集計幅(秒)。期間 ÷ 点数以上で最も小さいきりのよい幅。
Width of a bucket in seconds: the smallest round one with which the period has no more than `points` buckets (plus the two cut ones at its ends).';

create function figure_readings(
    project_code text, device_code text, quantity_code text, from_ timestamptz, to_ timestamptz, points integer
)
returns table (
    channel smallint, "time" timestamptz, value double precision, low double precision, high double precision,
    samples bigint, flagged bigint, total double precision
)
language sql stable as $$
    with bucket as (
        select
            r.channel,
            q.kind,
            -- A subquery: a prepared statement would else work the width out for each reading.
            date_bin(
                (select figure_step_s(from_, to_, points) * interval '1 second'), r.time,
                timestamptz '2000-01-01 00:00+09'
            ) as start,
            avg(r.value) as mean,
            (array_agg(r.value order by r.time desc))[1] as last,
            avg(sind(r.value)) as east,
            avg(cosd(r.value)) as north,
            min(r.value) as low,
            max(r.value) as high,
            sum(r.value) as total,
            count(*) as samples,
            count(*) filter (where r.quality <> 0) as flagged
        from reading_counted r
        join quantity q using (quantity_id)
        join device d using (device_id)
        join project p using (project_id)
        where p.code = project_code and d.code = device_code and q.code = quantity_code
          and r.time >= from_ and r.time < to_
        group by r.channel, q.kind, start
    )
    select
        channel,
        start,
        case
            when kind = 'gauge' then mean
            when kind <> 'direction' then last
            when abs(east) < 1e-9 and abs(north) < 1e-9 then null
            when atan2d(east, north) < 0 then atan2d(east, north) + 360
            else atan2d(east, north)
        end,
        case when kind <> 'direction' then low end,
        case when kind <> 'direction' then high end,
        samples,
        flagged,
        case when kind in ('gauge', 'event') then total::numeric::double precision end
    from bucket
    order by channel, start
$$;

comment on function figure_readings is
'1測定項目の時系列(間引き)。期間 [from_, to_) を集計幅(figure_step_s、日本時間0時起点)で区切り、ゲージは平均と最小・最大、風向はベクトル平均、積算・状態・事象は区間の最後の値。total: ゲージと事象の値の合計(区間の雨量や頭数のように足せるもののため)。測定のない区間は行がない。
A series of one quantity in [from_, to_), in buckets of figure_step_s seconds counted from midnight in Japan. value: mean of a gauge, vector mean of a direction (null where directions cancel out), last value of a counter, state or event. total: sum of the values of a gauge or event, for those that can be added (rain of an interval, animals). A bucket without a reading has no row.';
