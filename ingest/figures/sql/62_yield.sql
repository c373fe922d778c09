-- Why data is missing: completeness as the product of what was sent, what arrived and what of it was valid.

create function figure_yield(projects text[], first_day date, until_day date, now_ timestamptz)
returns table (
    level text, network text, network_name text, network_kind text, use text,
    devices bigint, devices_counted bigint, expected bigint, received bigint, completeness double precision,
    counted_expected bigint, transmitted bigint, arrived bigint, counted_received bigint,
    transmission_rate double precision, arrival_rate double precision, validity_rate double precision,
    payload_mean double precision
)
language sql stable as $$
    with usage as materialized (
        select u.*
        from unnest(projects) chosen (code)
        cross join lateral figure_usage_device(
            chosen.code, rollup_midnight(first_day), rollup_midnight(until_day), now_
        ) u
    ),
    lost as (
        select l.device_id, sum(l.lost)::bigint as lost
        from rollup_uplink_days((select array_agg(u.device_id) from usage u), first_day, until_day) l
        group by l.device_id
    ),
    counted as (                 -- only who counts its messages tells what was sent
        select
            u.*, l.lost is not null and u.expected > 0 as counted,
            u.uplinks + greatest(coalesce(l.lost, 0), 0) as sent
        from usage u left join lost l using (device_id)
    ),
    summed as (
        select
            case
                when grouping(c.network) = 0 then 'network'
                when grouping(c.network_kind) = 0 then 'kind'
                when grouping(c.use) = 0 then 'use'
                else 'all'
            end as level,
            c.network, c.network_name, c.network_kind, c.use,
            count(*) as devices,
            count(*) filter (where c.counted) as devices_counted,
            coalesce(sum(c.expected), 0)::bigint as expected,
            coalesce(sum(c.received), 0)::bigint as received,
            coalesce(sum(c.expected) filter (where c.counted), 0)::bigint as counted_expected,
            coalesce(sum(c.sent) filter (where c.counted), 0)::bigint as transmitted,
            coalesce(sum(c.uplinks) filter (where c.counted), 0)::bigint as arrived,
            coalesce(sum(c.received) filter (where c.counted), 0)::bigint as counted_received,
            (sum(c.payload_bytes)::double precision / nullif(sum(c.uplinks), 0)) as payload_mean
        from counted c
        group by grouping sets ((c.network, c.network_name, c.network_kind), (c.network_kind), (c.use), ())
    )
    select
        s.level, s.network, s.network_name, s.network_kind, s.use, s.devices, s.devices_counted,
        s.expected, s.received, figure_completeness(s.received, s.expected),
        s.counted_expected, s.transmitted, s.arrived, s.counted_received,
        figure_completeness(s.transmitted, s.counted_expected),
        figure_completeness(s.arrived, s.transmitted),
        figure_completeness(s.counted_received, s.arrived),
        s.payload_mean
    from summed s
$$;

comment on function figure_yield is
'データ取得率の内訳。first_day から until_day の前日まで(日本時間)、now_ 時点。level = network(通信網別)、kind(通信方式別)、use(分野別)、all(合計)。
completeness(データ取得率)= received ÷ expected は figure_usage と同じ数。内訳は通番のある機器(devices_counted 台)だけで計算する: transmission_rate(送信率)= transmitted ÷ counted_expected、arrival_rate(無線到達率)= arrived ÷ transmitted、validity_rate(有効率)= counted_received ÷ arrived。品質の確認(watch_flag)で誤りとされた測定だけの区間は counted_received に入らない(どの確認によるかは figure_quality)。3つの積は通番のある機器のデータ取得率に等しい(それぞれ小数第2位以下切捨て)。transmitted は届いた測定メッセージ数と通番から数えた欠落の和。間隔より多く送る機器では送信率が100%を超え、その分だけ有効率が下がる。payload_mean: 測定メッセージ1件あたりの平均バイト数。
Why data is missing, from first_day to the day before until_day in Japan, as seen at now_. completeness: the same figure as in figure_usage. The three rates are those of the devices that count their messages (devices_counted): transmission_rate = transmitted / counted_expected (device, power), arrival_rate = arrived / transmitted (radio, gateway), validity_rate = counted_received / arrived (sensor, decoding; slots whose readings all failed a test of quality do not count: figure_quality says which); their product is the completeness of these devices. transmitted: messages that arrived and those known to be lost by their counter. A device that sends more often than registered has more than 100 % in the first and less in the last. payload_mean: mean bytes a message.';

create function figure_device_days(project_code text, device_code text, first_day date, until_day date, now_ timestamptz)
returns table (
    day date, expected bigint, received bigint, completeness double precision, uplinks bigint, lost bigint,
    arrival_rate double precision, flagged bigint
)
language sql stable as $$
    with chosen as (
        select d.* from device d join project p using (project_id) where p.code = project_code and d.code = device_code
    ),
    every as (
        select c.device_id, c.interval_s, c.calm_interval_s, day::date as day, (
            select coalesce(sum(extract(epoch from a.ends - a.starts)), 0)::double precision
            from figure_active(
                c.season_from, c.season_to, c.installed_on, rollup_midnight(day::date),
                least(rollup_midnight(day::date + 1), now_)
            ) a
        ) as active_s
        from chosen c
        cross join generate_series(first_day, least(until_day - 1, rollup_day_of(now_)), interval '1 day') day
    ),
    usage as (
        select u.* from rollup_usage_between(
            array(select c.device_id from chosen c), rollup_midnight(first_day), rollup_midnight(until_day)
        ) u
    ),
    sent as (
        select l.day, l.lost from rollup_uplink_days(array(select c.device_id from chosen c), first_day, until_day) l
    )
    select
        e.day, n.expected, n.received, figure_completeness(n.received, n.expected),
        coalesce(u.uplinks, 0)::bigint, s.lost,
        figure_completeness(u.uplinks, case when s.lost is not null then u.uplinks + greatest(s.lost, 0) end),
        coalesce(u.flagged, 0)::bigint
    from every e
    left join usage u on u.day = e.day
    left join sent s on s.day = e.day
    cross join lateral (
        select floor(e.active_s / e.interval_s)::bigint as expected,
            least(floor(e.active_s / e.interval_s)::bigint, coalesce(greatest(u.slots, u.halves), 0)) as received
        where e.calm_interval_s is null
        union all
        select coalesce(sum(m.expected), 0)::bigint, coalesce(sum(m.received), 0)::bigint
        from figure_mode_usage(
            array[e.device_id], rollup_midnight(e.day), greatest(least(rollup_midnight(e.day + 1), now_), rollup_midnight(e.day))
        ) m
        where e.calm_interval_s is not null
        having e.calm_interval_s is not null
    ) n
    order by e.day
$$;

comment on function figure_device_days is
'1機器の1日(日本時間)ごとの受信。expected: その日の動作秒数 ÷ 送信間隔(送信間隔が2つある機器は figure_mode_usage)。received: 測定のある区間の数(rollup_usage の slots と halves の多い方、expected まで)。日ごとに数えるため、期間全体の figure_usage_device と端の区間で1ずれることがある。uplinks: 測定メッセージ数。lost: 通番から数えた欠落。arrival_rate(無線到達率)= uplinks ÷ (uplinks + lost)、通番がなければ値なし。
What came of one device by day in Japan. received: slots with a measurement, at most expected (of a gauge of two intervals: figure_mode_usage); counted day by day, so it may differ by one at the edges from figure_usage_device over the whole period. lost: by the message counter. arrival_rate: uplinks / (uplinks + lost), null without a counter.';
