-- How much came in, minute by minute.

create view figure_readings_per_minute as
with clock as (
    select generate_series(
        date_trunc('minute', now()) - interval '60 minutes',
        date_trunc('minute', now()) - interval '1 minute',
        interval '1 minute'
    ) as minute
),
counted as (
    select d.project_id, u.minute, count(*) as messages, sum(u.accepted) as readings
    from device d
    cross join lateral (
        select date_trunc('minute', uplink.received_at) as minute, uplink.offered - uplink.refused as accepted
        from uplink
        where uplink.device_id = d.device_id and uplink.time > now() - interval '2 hours'
          and uplink.received_at >= date_trunc('minute', now()) - interval '60 minutes'
    ) u
    group by d.project_id, u.minute
)
select
    clock.minute,
    p.code as project,
    coalesce(c.messages, 0) as messages,
    coalesce(c.readings, 0)::bigint as readings
from clock
cross join project p
left join counted c on c.project_id = p.project_id and c.minute = clock.minute;

comment on view figure_readings_per_minute is
'直近60分(現在の分を除く)の毎分の受信メッセージ数と受け入れた測定値数、受信時刻による。測定時刻が2時間より古いまとめ送りは含まない(それらは figure_identity_hourly が正確に数える)。
Messages and accepted readings (offered - refused) of each of the last 60 whole minutes, by time of receipt. Found through the index (device_id, time), so messages measured more than 2 hours ago (late backfills) are not in it; figure_identity_hourly counts those exactly.';
