-- The last value of everything a device reports.

create view figure_latest as
select
    d.device_id,
    p.code as project,
    d.code as device,
    d.name as device_name,
    q.code as quantity,
    last.channel,
    q.label_ja,
    q.label_en,
    q.unit,
    q.unit_ja,
    q.kind,
    last.time,
    last.value,
    s.name as state_name,
    last.quality,
    array_remove(array[
        case when last.quality & 1 <> 0 then 'range' end,
        case when last.quality & 2 <> 0 then 'time_absent' end,
        case when last.quality & 4 <> 0 then 'clock_unset' end,
        case when last.quality & 8 <> 0 then 'clock_ahead' end,
        case when last.quality & 16 <> 0 then 'clamped' end,
        case when last.quality & 32 <> 0 then 'publisher' end,
        case when last.quality & 64 <> 0 then 'unknown_key' end
    ], null) as flags
from device d
join project p using (project_id)
join rollup_last_uplink heard using (device_id)
cross join lateral (
    select distinct on (found.quantity_id, found.channel) found.*
    from (
        -- What was measured within a week, as rollup_seek_values finds it, but in the newest chunks only.
        (
            with recursive walk as (
                (
                    select r.quantity_id, r.channel, r.time, r.value, r.quality from reading_counted r
                    where r.device_id = d.device_id and r.time > now() - interval '7 days'
                    order by r.quantity_id desc, r.channel desc, r.time desc limit 1
                )
                union all
                select below.* from walk cross join lateral (
                    select r.quantity_id, r.channel, r.time, r.value, r.quality from reading_counted r
                    where r.device_id = d.device_id and r.time > now() - interval '7 days'
                      and (r.quantity_id, r.channel) < (walk.quantity_id, walk.channel)
                    order by r.quantity_id desc, r.channel desc, r.time desc limit 1
                ) below
            )
            select * from walk
        )
        union all
        select k.quantity_id, k.channel, k.time, k.value, k.quality from last_reading k
        where k.device_id = d.device_id and heard.settled
        union all
        select s.* from rollup_seek_values(d.device_id, heard.time - interval '35 days') s where not heard.settled
    ) found
    where found.time > heard.time - interval '35 days'
    order by found.quantity_id, found.channel, found.time desc
) last
join quantity q on q.quantity_id = last.quantity_id
left join figure_state_name s on s.quantity_id = last.quantity_id and s.value = last.value;

comment on view figure_latest is
'機器・測定項目・チャネルごとの最後の値(測定時刻による)。その機器自身の最新メッセージ前35日以内のもの。状態量は名称つき。flags は品質の注記。
The last value of each device, quantity and channel by measurement time, within the 35 days before the last message of the device itself. state_name: name of the value of a state. flags: remarks on quality, empty when there are none.';
