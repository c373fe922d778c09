-- Single messages, and how they came over the radio.

create view figure_uplink as
select
    p.code as project,
    d.code as device,
    u.time,
    u.received_at,
    u.counter,
    g.code as gateway,
    g.name as gateway_name,
    u.rssi_dbm,
    u.snr_db,
    u.spreading_factor,
    u.airtime_ms,
    u.payload_bytes,
    u.offered,
    u.refused,
    u.quality
from uplink u
join device d using (device_id)
join project p using (project_id)
left join gateway g on g.gateway_id = u.gateway_id;

comment on view figure_uplink is
'読み取れたメッセージ1件ごとの記録。測定時刻、受信時刻、通番、電波の品質、大きさ、含まれた測定値数(offered)とそのうち隔離した数(refused)。
One row for every message that was understood: times, counter, best receiving gateway, radio quality, size, readings offered and of these refused. quality: remarks about its time.';

create function figure_link(
    project_code text, device_code text, from_ timestamptz, to_ timestamptz, points integer
)
returns table (
    "time" timestamptz, rssi_dbm double precision, rssi_low real, rssi_high real,
    snr_db double precision, snr_low real, snr_high real, messages bigint,
    margin_low double precision, gateways double precision, airtime_ms double precision,
    rtt_ms double precision, handovers bigint
)
language sql stable as $$
    select
        date_bin(
            (select figure_step_s(from_, to_, points) * interval '1 second'), u.time, timestamptz '2000-01-01 00:00+09'
        ) as start,
        avg(u.rssi_dbm), min(u.rssi_dbm), max(u.rssi_dbm),
        avg(u.snr_db), min(u.snr_db), max(u.snr_db),
        count(*),
        min(u.snr_db + 2.5 * (u.spreading_factor - 4)),
        avg(u.gateway_count)::double precision,
        sum(u.airtime_ms)::double precision,
        avg(u.rtt_ms),
        count(*) filter (where u.cell <> u.cell_before)
    from (
        select m.*, lag(m.cell) over (partition by m.cell is null order by m.time) as cell_before
        from (
            select
                l.time, l.rssi_dbm, l.snr_db, l.spreading_factor, l.gateway_count, l.airtime_ms,
                case when jsonb_typeof(l.link -> 'rtt_ms') = 'number' then (l.link ->> 'rtt_ms')::double precision
                end as rtt_ms,
                coalesce(l.link #>> '{halow,bssid}', l.link #>> '{nr,nci}', l.link #>> '{lte,eci}') as cell
            from uplink l
            join device d using (device_id)
            join project p using (project_id)
            where p.code = project_code and d.code = device_code and l.time >= from_ and l.time < to_
        ) m
    ) u
    group by start
    order by start
$$;

comment on function figure_link is
'1機器の電波の品質の時系列(間引き)。期間 [from_, to_) を figure_readings と同じ幅で区切り、RSSI と SNR の平均・最小・最大、メッセージ数。margin_low: LoRa の復調限界(SF7 で -7.5 dB、SF が1増すごとに -2.5 dB)に対する余裕の最小値。gateways: 受信した基地局数の平均。airtime_ms: 送信時間の合計。rtt_ms: 往復遅延の平均。handovers: 接続先(HaLow のアクセスポイント、5G・LTE のセル)が変わった回数。
The radio link of one device in [from_, to_), in the same buckets as figure_readings: mean, least and greatest RSSI and SNR (null where no message told them), and the number of messages. margin_low: least distance of the SNR from where LoRa stops being understood (-7.5 dB at SF7, 2.5 dB less with each step up). gateways: mean number that heard a message. airtime_ms: summed. rtt_ms: mean round-trip time. handovers: how often the access point (HaLow) or the cell (5G, LTE) was another than before.';
