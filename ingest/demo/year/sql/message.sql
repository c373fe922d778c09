-- One month of messages of the veterans, made of nothing but their numbers: the same in every demonstration.
-- The settings noroshi.year_starts and noroshi.year_ends say which, and noroshi.year_late whether those that came late.

create temporary table year_message on commit drop as
with hour as materialized (
    select hour, pg_temp.rise(hour) as rise,
        -- Warmest in August and in the early afternoon.
        11.5 + 12.5 * cos(2 * pi() * (extract(doy from hour at time zone 'Asia/Tokyo') - 213) / 365)
            + 4 * cos(2 * pi() * (extract(hour from hour at time zone 'Asia/Tokyo') - 14) / 24) as celsius
    from generate_series(current_setting('noroshi.year_starts')::timestamptz, current_setting('noroshi.year_ends')::timestamptz - interval '1 hour', interval '1 hour') hour
),
due as (
    select d.*, h.hour, h.rise, h.celsius, greatest(d.since, s.season_starts) as counts_from
    from year_device d cross join hour h
    cross join lateral (
        select case when d.season_from is not null then
            (extract(year from h.hour at time zone 'Asia/Tokyo')::integer || '-' || d.season_from)::date::timestamp
                at time zone 'Asia/Tokyo'
        end as season_starts
    ) s
    where h.hour >= d.since
      and (d.season_from is null
           or to_char(h.hour at time zone 'Asia/Tokyo', 'MM-DD') between d.season_from and d.season_to)
)
select d.device_id, d.kind, d.gateway_id, d.hour, d.rise, d.celsius, d.number, d.quiet,
    d.hour + (d.offset_s + pg_temp.chance(d.device_id, d.hour, 1) * 20) * interval '1 second' as time,
    (
        extract(epoch from d.hour - d.counts_from)::bigint / 3600 - (
            select coalesce(sum(extract(epoch from least(s.ends, d.hour) - s.starts)::bigint / 3600), 0)
            from year_silence s
            where s.device_id = d.device_id and s.mute and s.starts >= d.counts_from and s.starts < d.hour
        )
    )::bigint as counter,
    late.arrives
from due d
left join lateral (
    select s.arrives from year_silence s
    where s.device_id = d.device_id and s.arrives is not null and d.hour >= s.starts and d.hour < s.ends
    limit 1
) late on true
where (late.arrives is not null) = (current_setting('noroshi.year_late') = 'on')
  -- Never two hours in a row: what is lost on the air is no outage.
  and (pg_temp.chance(d.device_id, d.hour, 2) >= 2 * d.loss or late.arrives is not null
       or (extract(epoch from d.hour)::bigint / 3600 + d.device_id) % 2 = 0)
  and not exists (
      select from year_silence s
      where s.device_id = d.device_id and s.arrives is null and d.hour >= s.starts and d.hour < s.ends
  );

insert into uplink_packed (time, received_at, message_id, counter, device_id, payload_bytes, gateway_id, rssi_centi,
    snr_centi, airtime_ms, kind, offered, refused, gateway_count, spreading_factor)
select m.time,
    case when m.arrives is null then m.time + (0.3 + 2 * pg_temp.chance(m.device_id, m.hour, 3)) * interval '1 second'
        else m.arrives + extract(hour from m.hour)::integer * interval '0.1 second' end,
    (m.device_id::bigint << 32) + extract(epoch from m.hour)::bigint / 3600, m.counter, m.device_id, 46, m.gateway_id,
    (-9200 - 1800 * pg_temp.chance(m.device_id, m.hour, 4))::integer,
    (900 - 1500 * pg_temp.chance(m.device_id, m.hour, 4))::integer, 72,
    case when m.arrives is null then 0 else 4 end, 2, 0, 1, 8
from year_message m;

insert into reading_packed (time, device_id, amount, quantity_id, channel, per, quality)
select m.time, m.device_id, v.amount, q.quantity_id, 0, k.per,
    case when k.code = 'soil_moisture' and v.amount > 700 then 1 end
from year_message m
join (values
    ('paddy', 'paddy_water_level', 10), ('paddy', 'battery_level', 1), ('soil', 'soil_moisture', 10),
    ('soil', 'battery_voltage', 100), ('house', 'air_temperature', 10), ('house', 'air_humidity', 10),
    ('trap', 'trap_state', 1), ('trap', 'battery_level', 1), ('river', 'river_level', 100),
    ('river', 'battery_voltage', 100)
) k (kind, code, per) on k.kind = m.kind
join quantity q on q.code = k.code and q.of_project_id is null
left join year_drift f on f.device_id = m.device_id and m.hour >= f.starts and m.hour < f.ends
cross join lateral (
    select case k.code
        when 'paddy_water_level' then 45 + 120 * m.rise + 15 * sin(m.number + extract(doy from m.hour) / 5)
        when 'battery_level' then 97 - 0.15 * extract(doy from m.hour)
        when 'soil_moisture' then 230 + 20 * sin(m.number) + 160 * m.rise
            + coalesce(f.per_day * 10 * extract(epoch from m.hour - f.starts) / 86400, 0)
        when 'battery_voltage' then case when m.kind = 'river' then 1250 else coalesce((
            select least(360, 310 + extract(epoch from s.starts - m.hour) / 86400) from year_silence s
            where s.device_id = m.device_id and s.battery and m.hour < s.starts
              and m.hour > s.starts - interval '45 days'
        ), 360) end
        when 'air_temperature' then 10 * (greatest(m.celsius, 9) + 4)
        when 'air_humidity' then 700 + 120 * sin(extract(hour from m.hour) / 4 + m.number)
        when 'trap_state' then (pg_temp.chance(m.device_id, m.hour, 5) > 0.997)::integer
        when 'river_level' then 100 * (m.quiet + m.rise) + 2 * pg_temp.chance(m.device_id, m.hour, 6)
    end::integer as amount
) v;

-- The account of these messages, so that a report of a month finds as many as it counts.
insert into tally (hour, project_id, writer, stored, readings_offered, readings_stored, payload_bytes)
select m.hour, d.project_id, 'year', count(*), 2 * count(*), 2 * count(*), 46 * count(*)
from year_message m join device d using (device_id)
group by m.hour, d.project_id
on conflict (hour, project_id, writer) do update set
    stored = tally.stored + excluded.stored, readings_offered = tally.readings_offered + excluded.readings_offered,
    readings_stored = tally.readings_stored + excluded.readings_stored,
    payload_bytes = tally.payload_bytes + excluded.payload_bytes;
