-- One month of messages of the veterans, made of nothing but their numbers: the same in every demonstration.
-- The settings noroshi.year_starts and noroshi.year_ends say which, and noroshi.year_late whether those that came late.

create temporary table year_message on commit drop as
with hour as materialized (
    select hour, (date_part('epoch', hour) / 3600)::bigint as n, pg_temp.rise(hour) as rise,
        pg_temp.rise(hour + interval '1 hour') as next_rise, pg_temp.rain(hour, (date_part('epoch', hour) / 3600)::bigint) as rain,
        extract(year from hour at time zone 'Asia/Tokyo')::integer as year,
        to_char(hour at time zone 'Asia/Tokyo', 'MM-DD') as day,
        -- Warmest in August and in the early afternoon.
        11.5 + 12.5 * cos(2 * pi() * (extract(doy from hour at time zone 'Asia/Tokyo') - 213) / 365)
            + 4 * cos(2 * pi() * (extract(hour from hour at time zone 'Asia/Tokyo') - 14) / 24) as celsius
    from generate_series(current_setting('noroshi.year_starts')::timestamptz, current_setting('noroshi.year_ends')::timestamptz - interval '1 hour', interval '1 hour') hour
),
silent as materialized (
    select s.device_id, h.hour, min(s.arrives) as arrives, bool_or(s.arrives is null) as unheard
    from year_silence s join hour h on h.hour >= s.starts and h.hour < s.ends
    group by s.device_id, h.hour
),
device as materialized (
    select d.*, exists (select from year_silence s where s.device_id = d.device_id and s.mute) as mutes
    from year_device d
),
-- Of a gauge of two intervals: the part of the hour in which it sends, and how many more messages than hours there were.
gauged as materialized (
    select g.device_id, g.hour, g.high, unnest(case when g.high then '{0, 1, 2, 3, 4, 5}'::integer[] else '{0}' end) as part, g.more
    from (
        select d.device_id, h.hour, f.hour is not null as high,
            5 * (count(f.hour) over (partition by d.device_id order by h.hour) - (f.hour is not null)::integer + (
                select count(*) from year_flood b
                where b.device_id = d.device_id and b.hour < current_setting('noroshi.year_starts')::timestamptz
            )) as more
        from year_device d cross join hour h
        left join year_flood f on f.device_id = d.device_id and f.hour = h.hour
        where d.active_cm is not null
    ) g
),
due as (
    select d.*, h.hour, h.n + coalesce(g.part, 0) * 16777216 as key, h.n, coalesce(g.part, 0) as part, g.high,
        coalesce(g.more, 0) + coalesce(g.part, 0) as more,
        h.rise + (h.next_rise - h.rise) * coalesce(g.part, 0) / 6 as rise, h.rain, h.celsius, greatest(d.since, case when d.season_from is not null then
        make_timestamptz(h.year, left(d.season_from, 2)::integer, right(d.season_from, 2)::integer, 0, 0, 0, 'Asia/Tokyo')
    end) as counts_from
    from device d cross join hour h
    left join gauged g on g.device_id = d.device_id and g.hour = h.hour
    where h.hour >= d.since and (h.n - (date_part('epoch', d.since) / 3600)::bigint) % d.every = 0 and (d.season_from is null or h.day between d.season_from and d.season_to)
)
select d.device_id, d.kind, d.gateway_id, d.hour, d.key as n, d.rise, d.rain, d.celsius, d.number, d.quiet,
    d.hour + (d.offset_s + d.part * 600 + pg_temp.chance(d.device_id, d.key, 1) * 20) * interval '1 second' as time,
    (d.n - (date_part('epoch', d.counts_from) / 3600)::bigint) / d.every + d.more - coalesce(muted.messages, 0) as counter,
    silent.arrives
from due d
left join silent on silent.device_id = d.device_id and silent.hour = d.hour
left join lateral (
    select sum(
        pg_temp.spoken((date_part('epoch', least(s.ends, d.hour) - d.counts_from) / 3600)::bigint, d.every)
        - pg_temp.spoken((date_part('epoch', s.starts - d.counts_from) / 3600)::bigint, d.every)
    )::bigint as messages
    from year_silence s
    where s.device_id = d.device_id and s.mute and s.starts >= d.counts_from and s.starts < d.hour
) muted on d.mutes
where (silent.arrives is not null) = (current_setting('noroshi.year_late') = 'on')
  and silent.unheard is not true
  -- Never two messages in a row: what is lost on the air is no outage. A gauge of two intervals repeats the one that it
  -- sends in an hour of low water until it is acknowledged.
  and (pg_temp.chance(d.device_id, d.key, 2) >= 2 * d.loss or silent.arrives is not null
       or (case when d.high then d.part else d.n / d.every end + d.device_id) % 2 = 0 or not d.high);

analyze year_message;

insert into uplink_packed (time, received_at, message_id, counter, device_id, payload_bytes, gateway_id, rssi_centi,
    snr_centi, airtime_ms, kind, offered, refused, gateway_count, spreading_factor)
select m.time,
    case when m.arrives is null then m.time + (0.3 + 2 * pg_temp.chance(m.device_id, m.n, 3)) * interval '1 second'
        else m.arrives + extract(hour from m.hour)::integer * interval '0.1 second' end,
    (m.device_id::bigint << 32) + m.n, m.counter, m.device_id, 46, m.gateway_id,
    (-9200 - 1800 * pg_temp.chance(m.device_id, m.n, 4))::integer,
    (900 - 1500 * pg_temp.chance(m.device_id, m.n, 4))::integer, 72,
    case when m.arrives is null then 0 else 4 end, case m.kind when 'rain' then 3 else 2 end, 0, 1, 8
from year_message m;

insert into reading_packed (time, device_id, amount, quantity_id, channel, per, quality)
select m.time, m.device_id, v.amount, q.quantity_id, 0, k.per,
    case when k.code = 'soil_moisture' and v.amount > 700 then 1 end
from year_message m
join (values
    ('paddy', 'paddy_water_level', 10), ('paddy', 'battery_level', 1), ('soil', 'soil_moisture', 10),
    ('soil', 'battery_voltage', 100), ('house', 'air_temperature', 10), ('house', 'air_humidity', 10),
    ('trap', 'trap_state', 1), ('trap', 'battery_level', 1), ('river', 'river_level', 100),
    ('river', 'battery_voltage', 100),
    ('rain', 'rain_amount', 10), ('rain', 'air_temperature', 10), ('rain', 'snow_depth', 1)
) k (kind, code, per) on k.kind = m.kind
join quantity q on q.code = k.code and q.of_project_id is null
left join year_drift f on f.device_id = m.device_id and m.hour >= f.starts and m.hour < f.ends
cross join lateral (
    select case k.code
        when 'paddy_water_level' then 45 + 120 * m.rise + 15 * sin(m.number + date_part('doy', m.hour) / 5)
        when 'battery_level' then 97 - 0.15::double precision * date_part('doy', m.hour)
        when 'soil_moisture' then 230 + 20 * sin(m.number) + 160 * m.rise
            + coalesce(f.per_day * 10 * date_part('epoch', m.hour - f.starts) / 86400, 0)
        when 'battery_voltage' then case when m.kind = 'river' then 1250 else coalesce((
            select least(360, 310 + date_part('epoch', s.starts - m.hour) / 86400) from year_silence s
            where s.device_id = m.device_id and s.battery and m.hour < s.starts
              and m.hour > s.starts - interval '45 days'
        ), 360) end
        when 'air_temperature' then 10 * case m.kind when 'rain' then m.celsius else greatest(m.celsius, 9) + 4 end
        when 'air_humidity' then 700 + 120 * sin(date_part('hour', m.hour) / 4 + m.number)
        when 'trap_state' then (pg_temp.chance(m.device_id, m.n, 5) > 0.997)::integer
        when 'rain_amount' then 10 * m.rain
        when 'snow_depth' then case when (date_part('doy', m.hour)::integer + 20) % 365 < 105
            then 55 * sin(pi() * ((date_part('doy', m.hour)::integer + 20) % 365) / 105) else 0 end
        when 'river_level' then pg_temp.centimetres(m.device_id, m.n, m.quiet, m.rise)
    end::integer as amount
) v;

-- The account of these messages, so that a report of a month finds as many as it counts.
insert into tally (hour, project_id, writer, stored, readings_offered, readings_stored, payload_bytes)
select m.hour, d.project_id, 'year', count(*), sum(r.readings), sum(r.readings), 46 * count(*)
from year_message m join device d using (device_id)
cross join lateral (select case m.kind when 'rain' then 3 else 2 end as readings) r
group by m.hour, d.project_id
on conflict (hour, project_id, writer) do update set
    stored = tally.stored + excluded.stored, readings_offered = tally.readings_offered + excluded.readings_offered,
    readings_stored = tally.readings_stored + excluded.readings_stored,
    payload_bytes = tally.payload_bytes + excluded.payload_bytes;
