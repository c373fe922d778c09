-- What of the published devices may stand in open data, and what they measured, without a value that is doubtful.

create function figure_report_open_series(
    project_code text, from_ timestamptz, to_ timestamptz, open_ text[], weather text[]
)
returns table (
    device_id integer, device text, device_name text, use text, latitude double precision, longitude double precision,
    quantity_id smallint, quantity text, label_ja text, unit_ja text, kind text, channel smallint, first_hour timestamptz,
    weather_law boolean, verified datemultirange, reason text
)
language plpgsql stable rows 100 set plan_cache_mode = force_custom_plan set jit = off as $$
#variable_conflict use_column
declare
    published_ constant integer[] = array(
        select d.device_id from device d join project p using (project_id) where p.code = project_code and d.published
    );
begin
    return query
    with heard as (
        select h.device_id, h.quantity_id, h.channel, min(h.hour) as first_hour
        from rollup_hours_between(published_, rollup_hour_of(from_ - interval '31 days'), to_) h
        where h.count > 0
        group by h.device_id, h.quantity_id, h.channel
    ),
    ledger as (
        select a.device_id, range_agg(daterange(
                a.acquired_on, least(a.verification_until + 1, a.disposed_on)
            )) as days
        from asset a
        join device d on d.device_id = a.device_id and d.project_id = a.project_id
        where a.device_id = any(published_)
          and a.verification_number is not null and a.verification_until is not null and a.jma_notified_on is not null
          and coalesce(a.acquired_on, '-infinity') < least(a.verification_until + 1, a.disposed_on)
        group by a.device_id
    )
    select d.device_id, d.code, d.name, d.use, d.latitude, d.longitude, q.quantity_id, q.code, q.label_ja, q.unit_ja,
        q.kind, h.channel, h.first_hour, q.code = any(weather), coalesce(l.days, '{}'),
        case
            when q.code = any(open_) then null
            when not q.code = any(weather) then 'not_open'
            when not coalesce(l.days, '{}') && daterange(rollup_day_of(from_), rollup_day_of(to_ - interval '1 second'), '[]')
                then 'not_verified'
            when not coalesce(l.days, '{}') @> daterange(
                rollup_day_of(greatest(from_, h.first_hour)), rollup_day_of(to_ - interval '1 second'), '[]')
                then 'partly_verified'
        end
    from heard h
    join device d on d.device_id = h.device_id
    join quantity q on q.quantity_id = h.quantity_id
    left join ledger l on l.device_id = h.device_id;
end
$$;

comment on function figure_report_open_series is
'公開する機器(台帳の「公開」)の系列: 期間 [from_, to_) またはその前31日に測定のある項目。open_: 公開できる項目、weather: 気象業務法の検定と届出を要する項目。first_hour: その最初の1時間。verified: 台帳の資産に検定番号・検定の有効期限・気象庁届出日のそろっている日。reason: 公開しない理由。not_open: open_ にも weather にもない。not_verified: 期間のどの日も verified でない。partly_verified: 一部の日だけ(その日だけ公開する)。公開としていない機器は現れない。
The series of the published devices: what they measured in [from_, to_) or the 31 days before. open_: quantities that may be published; weather: those that need a verified instrument and a notification. verified: the days on which the ledger has verification number, its expiry and the day of notification. reason, why it is left out: not_open, not_verified (on no day), partly_verified (only those days are published). No other device appears.';

create function figure_report_open(
    project_code text, from_ timestamptz, to_ timestamptz, now_ timestamptz, step interval, open_ text[], weather text[],
    summed text[]
)
returns table (
    device text, quantity text, channel smallint, at timestamptz, value double precision, minimum double precision,
    maximum double precision, readings bigint, left_out bigint, expected bigint, quality text
)
language plpgsql stable rows 1000 set plan_cache_mode = force_custom_plan set jit = off as $$
#variable_conflict use_column
declare
    -- Only what is over: the last slot that ends by now.
    end_ constant timestamptz = least(to_, date_bin(step, greatest(now_, from_), from_));
    devices_ integer[];
    codes_ jsonb;
begin
    select array_agg(distinct s.device_id), jsonb_agg(distinct s.device) into devices_, codes_
    from figure_report_open_series(project_code, from_, to_, open_, weather) s
    where s.reason is null or s.reason = 'partly_verified';
    if devices_ is null or end_ <= from_ then
        return;
    end if;
    return query
    with series as materialized (
        select s.* from figure_report_open_series(project_code, from_, to_, open_, weather) s
        where s.reason is null or s.reason = 'partly_verified'
    ),
    stretch as materialized (
        select t.device_id, t.interval_s, t.starts, t.ends
        from figure_plan_stretch(project_code, from_, end_, jsonb_build_object('devices', codes_)) t
    ),
    duty as materialized (       -- hour by hour: how long the device was to work, and how much it was to send
        select t.device_id, h.hour, sum(p.seconds) as seconds, sum(p.seconds / t.interval_s) as expected
        from stretch t
        cross join lateral generate_series(
            rollup_hour_of(t.starts), t.ends - interval '1 microsecond', interval '1 hour'
        ) h (hour)
        cross join lateral (
            select extract(epoch from least(t.ends, h.hour + interval '1 hour') - greatest(t.starts, h.hour)) as seconds
        ) p
        group by t.device_id, h.hour
    ),
    measured as materialized (
        select h.*, s.kind, s.quantity = any(summed) as is_sum, u.seconds is distinct from 3600 as is_edge
        from rollup_hours_between(devices_, from_, end_, array(select distinct s.quantity_id from series s)) h
        join series s on s.device_id = h.device_id and s.quantity_id = h.quantity_id and s.channel = h.channel
        left join duty u on u.device_id = h.device_id and u.hour = h.hour
        where h.count > 0
    ),
    looked as (                  -- only where the sums by hour may hold something doubtful
        select m.device_id, m.quantity_id, m.channel, m.hour,
            count(r.time) filter (where r.sound) as good, count(r.time) filter (where not r.sound) as doubted,
            coalesce(bool_or(r.late_clock) filter (where r.sound), false) as clock,
            sum(r.value) filter (where r.sound) as total, min(r.value) filter (where r.sound) as minimum,
            max(r.value) filter (where r.sound) as maximum
        from measured m
        left join lateral (
            select c.time, c.value, coalesce(c.quality, 0) & 49 = 0 and not exists (    -- as figure_sound has it
                    select from watch_flag f
                    where f.grade = 4 and f.device_id = c.device_id and f.quantity_id = c.quantity_id
                      and f.channel = c.channel and c.time >= f.starts and c.time <= f.ends
                ) as sound,
                coalesce(c.quality, 0) & 14 <> 0 as late_clock
            from reading_counted c
            where c.device_id = m.device_id and c.quantity_id = m.quantity_id and c.channel = m.channel
              and c.time >= m.hour and c.time < m.hour + interval '1 hour'
              and exists (select from stretch t where t.device_id = m.device_id and c.time >= t.starts and c.time < t.ends)
        ) r on true
        where m.flagged > 0 or m.is_edge or exists (
            select from watch_flag f
            where f.grade = 4 and f.device_id = m.device_id and f.quantity_id = m.quantity_id and f.channel = m.channel
              and f.starts < m.hour + interval '1 hour' and f.ends >= m.hour
        )
        group by m.device_id, m.quantity_id, m.channel, m.hour
    ),
    hourly as (
        select m.device_id, m.quantity_id, m.channel, m.hour, m.kind, m.is_sum,
            case
                when l.hour is null then m.count - m.implausible
                when m.kind = 'gauge' then l.good
                when l.doubted = 0 and not m.is_edge then m.count - m.implausible
                else 0
            end as good,
            case
                when l.hour is null then m.implausible
                when l.good + l.doubted = 0 and not m.is_edge then m.count  -- the readings themselves were let go
                when m.kind = 'gauge' then l.doubted
                when l.doubted = 0 and not m.is_edge then m.implausible
                else l.good + l.doubted
            end as left_out,
            coalesce(l.clock, false) or m.provisional as is_estimate,
            case when l.hour is null then m.total else l.total end as total,
            case when l.hour is null then m.minimum else l.minimum end as minimum,
            case when l.hour is null then m.maximum else l.maximum end as maximum,
            m.increase, m.east, m.north
        from measured m
        left join looked l on l.device_id = m.device_id and l.quantity_id = m.quantity_id and l.channel = m.channel
            and l.hour = m.hour
    ),
    summed_up as (
        select h.device_id, h.quantity_id, h.channel, date_bin(step, h.hour, from_) as at, sum(h.good)::bigint as good,
            sum(h.left_out)::bigint as left_out, bool_or(h.is_estimate) as is_estimate, sum(h.total) as total,
            min(h.minimum) as minimum, max(h.maximum) as maximum, sum(h.increase) as increase,
            sum(h.east) as east, sum(h.north) as north
        from hourly h group by 1, 2, 3, 4
    ),
    slot as (
        select u.device_id, date_bin(step, u.hour, from_) as at, floor(sum(u.expected) + 0.000001)::bigint as expected
        from duty u group by 1, 2
    ),
    stopped as (                 -- slots in which the device was to do nothing because of a planned stop
        select d.device_id, g.at
        from device d
        join planned_stop p on p.project_id = d.project_id and p.voided_at is null
            and (p.network_id is null or p.network_id = d.network_id)
            and (p.gateway_id is null or p.gateway_id = d.gateway_id)
            and (p.device_id is null or p.device_id = d.device_id)
        cross join lateral generate_series(
            date_bin(step, greatest(p.starts, from_), from_), least(p.ends, end_) - interval '1 microsecond', step
        ) g (at)
        where d.device_id = any(devices_) and p.starts < end_ and p.ends > from_
          and not exists (select from slot s where s.device_id = d.device_id and s.at = g.at)
          and exists (
              select from device_placement l
              cross join lateral figure_active(l.season_from, l.season_to, l.installed_on, g.at, g.at + step) a
              where l.device_id = d.device_id and l.project_id = d.project_id and l.enabled
                and l.valid_from < g.at + step and coalesce(l.valid_to, 'infinity') > g.at
          )
        group by 1, 2
    ),
    line as (
        select s.*, t.at, t.expected, false as is_stopped from series s join slot t on t.device_id = s.device_id
        union all
        select s.*, t.at, 0, true from series s join stopped t on t.device_id = s.device_id
    )
    select l.device, l.quantity, l.channel, l.at, w.value,
        case when w.is_mean then r.minimum end, case when w.is_mean then r.maximum end,
        coalesce(r.good, 0), coalesce(r.left_out, 0), l.expected,
        case
            when l.is_stopped then 'adjusting'
            when coalesce(r.good, 0) = 0 and coalesce(r.left_out, 0) = 0 then 'missing'
            when w.value is null then 'faulty'
            when r.left_out > 0 or r.is_estimate then 'estimated'
            when l.quantity = any(summed) and r.good < l.expected or r.good * 100 < l.expected * 80 then 'estimated'
            else 'good'
        end
    from line l
    left join summed_up r on r.device_id = l.device_id and r.quantity_id = l.quantity_id and r.channel = l.channel
        and r.at = l.at
    cross join lateral (
        select
            case
                when l.is_stopped or coalesce(r.good, 0) = 0 then null
                when l.kind = 'direction' then case when r.left_out = 0 then rollup_direction(r.east, r.north, r.good) end
                when l.kind = 'counter' then case when r.left_out = 0 then r.increase end
                when l.quantity = any(summed) then case when r.left_out = 0 then r.total end
                else r.total / r.good
            end as value,
            l.kind = 'gauge' and not l.quantity = any(summed) as is_mean
    ) w
    where l.at + step > l.first_hour
      and (not l.weather_law or l.verified @> rollup_day_of(l.at))
      and (l.expected > 0 or l.is_stopped or r.good + r.left_out > 0);
end
$$;

comment on function figure_report_open is
'公開する系列(figure_report_open_series)の値、step(1時間または24時間)ごと、終わった区間だけ。value: 平均、summed の項目は合計、積算値は増分(rollup_hours)、方位はベクトル平均。値そのものに注記のある測定(想定範囲外・上限に丸めた・送信側が疑わしいとした)、計画停止中・運用期間外の測定は使わない。readings: 使った測定の数、left_out: 使わなかった測定の数、expected: 期待受信数。quality: good 正常; estimated 推定(一部を使わなかった、期待の80%未満(合計は一部でも足りない)、時刻が受信時刻、増分が未確定); faulty 異常(使える測定がない。合計・増分・方位は一部でも使えないとき。値なし); missing 欠測; adjusting 調整中(計画停止)。
The values of the published series by step (an hour or 24 hours), of slots that are over. value: the mean; of `summed` the sum, of a counter the increase, of a direction the vector mean. Readings with a remark about the value itself, and those within planned stops or outside the season, are not used. readings, left_out: how many were used and were not; expected: how many were to come. quality: good; estimated (some left out, below 80 % of what was expected, a sum with any missing, times of receipt, an increase not settled); faulty (nothing usable; of sums, increases and directions already if some was not; no value); missing; adjusting (planned stop).';
