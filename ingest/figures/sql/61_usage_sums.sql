-- The usage of devices summed up to networks and the project, in one pass over the data.

create function figure_usage(project_code text, from_ timestamptz, to_ timestamptz, now_ timestamptz)
returns table (
    level text, network text, network_name text, network_kind text, device_id integer,
    devices bigint, devices_expected bigint, devices_heard bigint, devices_below bigint,
    device text, device_name text, model text, use text, enabled boolean, interval_s integer,
    calm_interval_s integer, active_s double precision,
    expected bigint, received bigint, completeness double precision, reference_only boolean,
    uplinks bigint, readings bigint, flagged bigint, quarantined bigint, payload_bytes bigint,
    first_at timestamptz, last_at timestamptz, longest_silence_s double precision
)
language sql stable as $$
    with usage as materialized (
        select * from figure_usage_device(project_code, from_, to_, now_)
    ),
    summed as (
        select
            u.network, u.network_name, u.network_kind, u.device_id,
            case when grouping(u.network) = 1 then 'project' when grouping(u.device_id) = 1 then 'network' else 'device' end
                as level,
            count(*) as devices,
            count(*) filter (where u.expected > 0) as devices_expected,
            count(*) filter (where u.uplinks > 0 or u.readings > 0) as devices_heard,
            count(*) filter (where u.reference_only) as devices_below,
            coalesce(sum(u.active_s), 0) as active_s,
            coalesce(sum(u.expected), 0)::bigint as expected,
            coalesce(sum(u.received), 0)::bigint as received,
            coalesce(sum(u.uplinks), 0)::bigint as uplinks,
            coalesce(sum(u.readings), 0)::bigint as readings,
            coalesce(sum(u.flagged), 0)::bigint as flagged,
            coalesce(sum(u.quarantined), 0)::bigint as quarantined,
            coalesce(sum(u.payload_bytes), 0)::bigint as payload_bytes,
            min(u.first_at) as first_at,
            max(u.last_at) as last_at,
            max(u.longest_silence_s) as longest_silence_s
        from usage u
        group by grouping sets (
            (u.network, u.network_name, u.network_kind, u.device_id), (u.network, u.network_name, u.network_kind), ()
        )
    )
    select
        s.level, s.network, s.network_name, s.network_kind, s.device_id,
        s.devices, s.devices_expected, s.devices_heard, s.devices_below,
        u.device, u.device_name, u.model, u.use, u.enabled, u.interval_s, u.calm_interval_s, s.active_s,
        s.expected, s.received, figure_completeness(s.received, s.expected),
        figure_reference_only(s.received, s.expected),
        s.uplinks, s.readings, s.flagged, s.quarantined, s.payload_bytes, s.first_at, s.last_at, s.longest_silence_s
    from summed s left join usage u on u.device_id = s.device_id
$$;

comment on function figure_usage is
'利用実績。level = device(figure_usage_device の各行)、network(通信網ごとの合計)、project(事業全体の合計、1行)。データ取得率は受信数の合計 ÷ 期待受信数の合計。longest_silence_s は最大。devices_heard: 期間内にメッセージまたは測定値のあった機器数。devices_below: データ取得率80%未満の機器数。
Usage at three levels in one pass: device (the rows of figure_usage_device), network and project (sums; one row for the project, even of no device). completeness of a sum: received over expected, so that each device weighs by what was expected of it. longest_silence_s: the longest of any device. devices_heard: devices with a message or a stored reading in the period. devices_below: devices under 80 %.';

create function figure_usage_network(project_code text, from_ timestamptz, to_ timestamptz, now_ timestamptz)
returns table (
    network text, network_name text, network_kind text,
    devices bigint, devices_expected bigint, devices_heard bigint, devices_below bigint,
    expected bigint, received bigint, completeness double precision, reference_only boolean,
    uplinks bigint, readings bigint, flagged bigint, quarantined bigint, payload_bytes bigint,
    first_at timestamptz, last_at timestamptz, longest_silence_s double precision
)
language sql stable as $$
    select
        u.network, u.network_name, u.network_kind, u.devices, u.devices_expected, u.devices_heard, u.devices_below,
        u.expected, u.received, u.completeness, u.reference_only, u.uplinks, u.readings, u.flagged, u.quarantined,
        u.payload_bytes, u.first_at, u.last_at, u.longest_silence_s
    from figure_usage(project_code, from_, to_, now_) u where u.level = 'network'
$$;

comment on function figure_usage_network is
'通信網別の利用実績(figure_usage の level = network)。
Usage by network: the rows of figure_usage with level = network.';

create function figure_usage_project(project_code text, from_ timestamptz, to_ timestamptz, now_ timestamptz)
returns table (
    devices bigint, devices_expected bigint, devices_heard bigint, devices_below bigint,
    expected bigint, received bigint, completeness double precision, reference_only boolean,
    uplinks bigint, readings bigint, flagged bigint, quarantined bigint, payload_bytes bigint,
    first_at timestamptz, last_at timestamptz, longest_silence_s double precision
)
language sql stable as $$
    select
        u.devices, u.devices_expected, u.devices_heard, u.devices_below,
        u.expected, u.received, u.completeness, u.reference_only, u.uplinks, u.readings, u.flagged, u.quarantined,
        u.payload_bytes, u.first_at, u.last_at, u.longest_silence_s
    from figure_usage(project_code, from_, to_, now_) u where u.level = 'project'
$$;

comment on function figure_usage_project is
'事業全体の利用実績(figure_usage の level = project)、1行。
Usage of the project as a whole: the one row of figure_usage with level = project.';
