-- Every device at this moment: one look into the newest chunks a device, or into what is kept, however long the history
-- is.

create view figure_device_state as
select
    d.device_id,
    p.code as project,
    p.name as project_name,
    n.code as network,
    n.name as network_name,
    n.kind as network_kind,
    g.code as gateway,
    g.name as gateway_name,
    heard_by.code as last_gateway,
    d.code as device,
    d.name as device_name,
    d.model,
    d.use,
    d.latitude,
    d.longitude,
    d.interval_s,
    d.calm_interval_s,
    figure_interval_s(d.interval_s, d.calm_interval_s, level.flood) as interval_now_s,
    figure_patience_s(d.interval_s, d.calm_interval_s, level.flood) as patience_s,
    case
        when not d.enabled then 'disabled'
        when last.received_at >= now() - figure_patience_s(d.interval_s, d.calm_interval_s, level.flood) * interval '1 second'
            then 'live'
        when not exists (
            select from figure_active(
                d.season_from, d.season_to, d.installed_on, now(), now() + interval '1 microsecond'
            )
        ) then 'resting'
        when last.received_at is null then 'never'
        else 'silent'
    end as state,
    last.time as last_time,
    last.received_at as last_received_at,
    extract(epoch from now() - last.received_at)::double precision as silent_s,
    last.rssi_dbm,
    last.snr_db,
    -- Scalar subqueries: whoever does not select these columns does not pay for them. Of what was measured within a week
    -- only the newest chunks are looked at, of what is older the row that is kept. Written twice, for each in a function
    -- of its own would be planned alone, for each device.
    coalesce(
        (
            select f.value
            from (
                select r.time, r.value from reading_counted r
                where r.device_id = d.device_id and r.channel = 0 and r.time > now() - interval '7 days'
                  and r.quantity_id = (select q.quantity_id from quantity q where q.code = 'battery_level')
                order by r.time desc limit 1
            ) f
            where f.time > last.time - interval '35 days'
        ),
        case when last.settled then (
            select k.value from last_reading k
            where k.device_id = d.device_id and k.channel = 0 and k.time > last.time - interval '35 days'
              and k.quantity_id = (select q.quantity_id from quantity q where q.code = 'battery_level')
        ) else (
            select s.value from rollup_seek_values(d.device_id, last.time - interval '35 days') s
            where s.channel = 0
              and s.quantity_id = (select q.quantity_id from quantity q where q.code = 'battery_level')
        ) end
    ) as battery_level,
    coalesce(
        (
            select f.value
            from (
                select r.time, r.value from reading_counted r
                where r.device_id = d.device_id and r.channel = 0 and r.time > now() - interval '7 days'
                  and r.quantity_id = (select q.quantity_id from quantity q where q.code = 'battery_voltage')
                order by r.time desc limit 1
            ) f
            where f.time > last.time - interval '35 days'
        ),
        case when last.settled then (
            select k.value from last_reading k
            where k.device_id = d.device_id and k.channel = 0 and k.time > last.time - interval '35 days'
              and k.quantity_id = (select q.quantity_id from quantity q where q.code = 'battery_voltage')
        ) else (
            select s.value from rollup_seek_values(d.device_id, last.time - interval '35 days') s
            where s.channel = 0
              and s.quantity_id = (select q.quantity_id from quantity q where q.code = 'battery_voltage')
        ) end
    ) as battery_voltage,
    case when last.time > now() - interval '10 minutes' then lately.readings else 0 end as readings_10min
from device d
join project p using (project_id)
join network n using (network_id)
left join gateway g using (gateway_id)
join rollup_last_uplink last using (device_id)
left join (                              -- in one go for all; left out where nobody asks for it
    select u.device_id, sum(u.offered - u.refused) as readings from uplink u
    where u.time > now() - interval '10 minutes' group by u.device_id
) lately using (device_id)
left join lateral (                      -- figure_flood_at, in one plan with the rest; only where there are two intervals
    select l.metres >= d.active_level_m as flood from figure_level_last(d.device_id, now()) l
    where d.calm_interval_s is not null limit 1
) level on true
left join gateway heard_by on heard_by.gateway_id = last.gateway_id;

comment on view figure_device_state is
'機器ごとの現在の状態。最新のメッセージ(測定時刻が最も新しいもの。切断通知など機器自身の発信でない種別9は除く)の受信時刻から patience_s を超えて受信がなければ途絶(silent)。interval_now_s: いま適用される送信間隔(figure_interval_s)。送信間隔が2つある機器は、最後に分かっている水位(figure_level_last)が観測開始水位以上なら interval_s、それ以外は calm_interval_s。patience_s(figure_patience_s): 送信間隔の3倍、平常時の間隔なら1.5倍。運用期間外または設置日前で受信のない機器は resting、台帳で停止中の機器は disabled、一度も受信のない機器は never。電池は最新メッセージ前35日以内の最後の値。直近10分の測定値数は測定時刻で数え、受け入れた数(隔離を除く)。
Each device at this moment. "Last" is the message with the newest measurement time; what is said about a device and not by it (kind 9: a death told by the broker, a downlink on its way) is no sign of life. silent: not received for more than patience_s; interval_now_s, patience_s: the interval that holds now (of a gauge of two intervals by its last known level, figure_level_last), and after how long without a message it is silent (three intervals, in calm mode 1.5); resting: the same outside the season of operation or before the day of installation (a device that speaks is live in any season); disabled: by the registry; never: no message yet. Battery: last value within 35 days before the last message, channel 0. readings_10min: readings accepted (offered - refused) from messages measured in the last 10 minutes.';
