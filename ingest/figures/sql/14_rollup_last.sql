-- The last message and the last values. Of who spoke within a week they are found by one look into the newest chunks,
-- which the planner sees by the constant bound. Of the others they are kept, for what the sums by hour hold; only
-- where something is due, or the sums are behind by a week, they are searched for.

create function rollup_keep_last(devices integer[], from_ timestamptz, to_ timestamptz) returns void
language plpgsql volatile set plan_cache_mode = force_custom_plan set jit = off as $$
begin
    insert into last_uplink as k (device_id, time, received_at, gateway_id, rssi_dbm, snr_db)
    select distinct on (u.device_id) u.device_id, u.time, u.received_at, u.gateway_id, u.rssi_dbm, u.snr_db
    from uplink u
    where u.time >= from_ and u.time < to_ and u.kind <> 9 and (devices is null or u.device_id = any(devices))
    order by u.device_id, u.time desc, u.message_id desc
    on conflict (device_id) do update set
        time = excluded.time, received_at = excluded.received_at, gateway_id = excluded.gateway_id,
        rssi_dbm = excluded.rssi_dbm, snr_db = excluded.snr_db
    where excluded.time >= k.time;

    -- The newest of each series within the span is in the sums by hour; its quality is only asked for where some is.
    insert into last_reading as k (device_id, quantity_id, channel, time, value, provisional, quality)
    select n.device_id, n.quantity_id, n.channel, n.last_at, n.last, n.provisional, case when n.flagged > 0 then (
        select r.quality from reading r
        where r.device_id = n.device_id and r.quantity_id = n.quantity_id and r.channel = n.channel
          and r.time = n.last_at and r.time >= from_ and r.time < to_
    ) end
    from (
        select distinct on (h.device_id, h.quantity_id, h.channel) h.*
        from rollup_hour h
        where h.hour >= from_ and h.hour < to_ and h.count > 0 and (devices is null or h.device_id = any(devices))
        order by h.device_id, h.quantity_id, h.channel, h.hour desc
    ) n
    on conflict (device_id, quantity_id, channel) do update set
        time = excluded.time, value = excluded.value, provisional = excluded.provisional, quality = excluded.quality
    where excluded.time >= k.time or (k.time >= from_ and k.time < to_);

    -- What was annulled and left nothing in the span: the value before it is the last one, if it was not let go.
    with gone as (
        select k.device_id, k.quantity_id, k.channel from last_reading k
        where k.time >= from_ and k.time < to_ and k.device_id = any(devices) and not exists (
            select from rollup_hour h
            where h.device_id = k.device_id and h.quantity_id = k.quantity_id and h.channel = k.channel
              and h.hour >= from_ and h.hour < to_ and h.count > 0
        )
    ),
    found as (
        select g.device_id, g.quantity_id, g.channel, b.time, b.value, b.quality, (
            select h.provisional from rollup_hour h
            where h.device_id = g.device_id and h.quantity_id = g.quantity_id and h.channel = g.channel
              and h.hour = rollup_hour_of(b.time)
        ) as provisional
        from gone g left join lateral rollup_value_before(g.device_id, g.quantity_id, g.channel, from_) b on true
    ),
    moved as (
        update last_reading k set time = f.time, value = f.value, quality = f.quality, provisional = f.provisional
        from found f
        where k.device_id = f.device_id and k.quantity_id = f.quantity_id and k.channel = f.channel
          and f.time is not null
    )
    delete from last_reading k using found f
    where k.device_id = f.device_id and k.quantity_id = f.quantity_id and k.channel = f.channel and f.time is null;
end
$$;

comment on function rollup_keep_last is
'最後のメッセージと最後の値の表(last_uplink, last_reading)を、集計したばかりの期間 [from_, to_) に合わせる。devices が NULL なら全機器(新しい期間に限る)。
Brings last_uplink and last_reading into line with the span [from_, to_) that was just summed up; devices null: all of them, for a span newer than all before.';

create function rollup_value_before(device integer, quantity smallint, channel_ smallint, at timestamptz)
returns table ("time" timestamptz, value double precision, quality smallint)
language plpgsql stable rows 1 set plan_cache_mode = force_custom_plan set jit = off as $$
declare
    hour_ constant timestamptz = (
        select h.hour from rollup_hour h
        where h.device_id = device and h.quantity_id = quantity and h.channel = channel_ and h.hour < at and h.count > 0
        order by h.hour desc limit 1
    );
begin
    return query
    select r.time, r.value, r.quality from reading_counted r
    where r.device_id = device and r.quantity_id = quantity and r.channel = channel_
      and r.time >= hour_ and r.time < hour_ + interval '1 hour'
    order by r.time desc limit 1;
end
$$;

comment on function rollup_value_before is
'ある時刻(毎時0分)より前の最後の測定値。集計の表から時間を知る。削除された測定値は出ない。
The last reading of a series before a moment on the hour, found through the sums by hour; none where it was let go.';

create function rollup_fill_last(chosen integer[]) returns void
language plpgsql volatile set plan_cache_mode = force_custom_plan set jit = off as $$
declare
    until_ constant timestamptz = (select s.materialised_until from rollup_state s);
begin
    if not isfinite(until_) then
        return;
    end if;
    insert into last_uplink (device_id, time, received_at, gateway_id, rssi_dbm, snr_db)
    select d.device_id, l.* from device d
    cross join lateral (
        select u.time, u.received_at, u.gateway_id, u.rssi_dbm, u.snr_db from uplink u
        where u.device_id = d.device_id and u.time < until_ and u.kind <> 9
        order by u.time desc, u.message_id desc limit 1
    ) l
    where chosen is null or d.device_id = any(chosen)
    on conflict (device_id) do update set
        time = excluded.time, received_at = excluded.received_at, gateway_id = excluded.gateway_id,
        rssi_dbm = excluded.rssi_dbm, snr_db = excluded.snr_db;
    insert into last_reading (device_id, quantity_id, channel, time, value, quality)
    select s.device_id, s.quantity_id, s.channel, l.* from (
        select r.device_id, r.quantity_id, r.channel, max(r.time) as time from reading_packed r
        where r.time < until_ and (chosen is null or r.device_id = any(chosen))
        group by r.device_id, r.quantity_id, r.channel
    ) s
    cross join lateral (
        select c.* from (
            select r.time, r.value, r.quality from reading_counted r
            where r.device_id = s.device_id and r.quantity_id = s.quantity_id and r.channel = s.channel
              and r.time = s.time
            union all
            select earlier.* from (           -- the newest may be annulled
                select r.time, r.value, r.quality from reading_counted r
                where r.device_id = s.device_id and r.quantity_id = s.quantity_id and r.channel = s.channel
                  and r.time < s.time and exists (select from corrected_device a where a.device_id = s.device_id)
                order by r.time desc limit 1
            ) earlier
        ) c
        order by c.time desc limit 1
    ) l
    on conflict (device_id, quantity_id, channel) do update set
        time = excluded.time, value = excluded.value, quality = excluded.quality;
end
$$;

comment on function rollup_fill_last is
'最後のメッセージと最後の値の表を、測定値そのものから作り直す(導入時と引渡しの取込み時に一度)。chosen が NULL なら全機器。
Fills last_uplink and last_reading from what was measured: once at the upgrade that brings them, and for the devices of a hand-over; chosen null: all.';

create function rollup_seek_uplink(device integer)
returns table (
    "time" timestamptz, received_at timestamptz, gateway_id integer, rssi_dbm real, snr_db real
)
language plpgsql stable rows 1 set plan_cache_mode = force_custom_plan set jit = off as $$
declare
    upper_ timestamptz = 'infinity';
    lower_ timestamptz;
begin
    foreach lower_ in array array[now() - interval '40 days', now() - interval '400 days', timestamptz '-infinity'] loop
        return query
        select u.time, u.received_at, u.gateway_id, u.rssi_dbm, u.snr_db from uplink u
        where u.device_id = device and u.time >= lower_ and u.time < upper_ and u.kind <> 9
        order by u.time desc, u.message_id desc limit 1;
        exit when found;
        upper_ = lower_;
    end loop;
end
$$;

comment on function rollup_seek_uplink is
'機器の最後のメッセージを、メッセージそのものから探す。
The last message of a device, searched for among the messages themselves.';

create function rollup_seek_values(device integer, since timestamptz)
returns table (
    quantity_id smallint, channel smallint, "time" timestamptz, value double precision, quality smallint
)
language plpgsql stable rows 10 set plan_cache_mode = force_custom_plan set jit = off as $$
#variable_conflict use_column
begin
    return query
    -- Backwards through the index (device_id, quantity_id, channel, time): the first entry met of each
    -- quantity and channel is its newest, and from there one probe leads to the next quantity.
    with recursive walk as (
        (
            select r.quantity_id, r.channel, r.time, r.value, r.quality from reading_counted r
            where r.device_id = device and r.time > since
            order by r.quantity_id desc, r.channel desc, r.time desc limit 1
        )
        union all
        select below.* from walk cross join lateral (
            select r.quantity_id, r.channel, r.time, r.value, r.quality from reading_counted r
            where r.device_id = device and r.time > since
              and (r.quantity_id, r.channel) < (walk.quantity_id, walk.channel)
            order by r.quantity_id desc, r.channel desc, r.time desc limit 1
        ) below
    )
    select w.quantity_id, w.channel, w.time, w.value, w.quality from walk w;
end
$$;

comment on function rollup_seek_values is
'since より後の最後の値を、機器の項目・チャネルごとに測定値そのものから探す。
The last value of each series of a device after `since`, searched for among the readings themselves.';

create view rollup_last_uplink as
select
    d.device_id,
    coalesce(fresh.time, older.time) as time,
    coalesce(fresh.received_at, older.received_at) as received_at,
    case when fresh.time is not null then fresh.gateway_id else older.gateway_id end as gateway_id,
    case when fresh.time is not null then fresh.rssi_dbm else older.rssi_dbm end as rssi_dbm,
    case when fresh.time is not null then fresh.snr_db else older.snr_db end as snr_db,
    settled.settled
from device d
left join lateral (
    select u.time, u.received_at, u.gateway_id, u.rssi_dbm, u.snr_db from uplink u
    where u.device_id = d.device_id and u.kind <> 9 and u.time > now() - interval '7 days'
    order by u.time desc, u.message_id desc limit 1
) fresh on true
cross join lateral (
    select (select s.materialised_until from rollup_state s) >= now() - interval '7 days'
        and d.device_id not in (select n.device_id from rollup_noted n) as settled
) settled
left join lateral (
    select k.time, k.received_at, k.gateway_id, k.rssi_dbm, k.snr_db from last_uplink k
    where k.device_id = d.device_id and fresh.time is null and settled.settled
    union all
    select s.* from rollup_seek_uplink(d.device_id) s where fresh.time is null and not settled.settled
) older on true;

comment on view rollup_last_uplink is
'機器ごとの最新のメッセージ(測定時刻による)。切断通知など機器自身の発信でないもの(種別9)は除く。なければ time は空。settled: 集計が追いついていて、last_uplink と last_reading の値がその機器について正しい。
The last message of each device by measurement time; what is said about a device and not by it (kind 9) is none. time is null where there is none. settled: last_uplink and last_reading hold for this device, as nothing of it is due and the sums are not behind.';
