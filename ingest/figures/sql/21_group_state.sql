-- Gateways, networks and projects: what their devices say, taken together.

create function figure_group_state(live bigint, silent bigint, never bigint, resting bigint, disabled bigint)
returns text language sql immutable as $$
    select case
        when live > 0 then 'live'
        when silent > 0 then 'silent'
        when never > 0 then 'never'
        when resting > 0 then 'resting'
        when disabled > 0 then 'disabled'
        else 'empty'
    end
$$;

comment on function figure_group_state is
'機器の状態の集まりから、基地局・通信網・事業の状態を決める。1台でも受信中なら live。
State of a group from the states of its devices: live as soon as one device is; silent when one should speak and none does.';

create view figure_gateway_report as
select
    g.gateway_id,
    case
        when conn.online = false and coalesce(conn.time >= stats.time, true) then 'offline'
        when lapse.at < now() then 'offline'
        else 'online'
    end as presence,
    greatest(conn.received_at, stats.received_at) as reported_at,
    counts.received as received_hour,
    counts.received_ok as received_ok_hour,
    counts.wanted as wanted_hour,
    counts.sent as sent_hour,
    place.latitude,
    place.longitude,
    case
        when conn.online = false and coalesce(conn.time >= stats.time, true) then conn.received_at
        else lapse.at
    end as offline_from
from gateway g
left join lateral (
    select e.time, e.received_at, e.online from gateway_event e
    where e.gateway_id = g.gateway_id and e.kind = 1 order by e.time desc limit 1
) conn on true
left join lateral (
    -- The period is what lay between the last two, of the last three: one lost message does not stretch it.
    select max(s.time) as time, max(s.received_at) as received_at, min(s.gap) as period
    from (
        select e.time, e.received_at, e.time - lag(e.time) over (order by e.time) as gap
        from (
            select l.time, l.received_at from gateway_event l
            where l.gateway_id = g.gateway_id and l.kind = 0 order by l.time desc limit 3
        ) e
    ) s
) stats on true
left join lateral (                      -- when it will be missed, if it sends statistics
    select greatest(stats.received_at, case when conn.online then conn.received_at end)
        + 3 * greatest(stats.period, interval '30 seconds') as at
    where stats.time is not null
) lapse on true
left join lateral (
    select
        sum(e.received)::bigint as received, sum(e.received_ok)::bigint as received_ok,
        sum(e.wanted)::bigint as wanted, sum(e.sent)::bigint as sent
    from gateway_event e
    where e.gateway_id = g.gateway_id and e.kind = 0 and e.time > now() - interval '1 hour' and e.time <= now()
) counts on true
left join lateral (
    select e.latitude, e.longitude from gateway_event e
    where e.gateway_id = g.gateway_id and e.kind = 0 and e.latitude is not null order by e.time desc limit 1
) place on true
where conn.time is not null or stats.time is not null;

comment on view figure_gateway_report is
'基地局自身の報告。presence: 切断の通知(conn)が最後にあれば offline、接続の通知または定期報告(stats)から報告間隔の3倍(最短90秒)を過ぎれば offline、それ以外は online。直近1時間の受信・正常受信・送信指示・送信のフレーム数は定期報告の増分の合計。位置は最後に報告されたもの。offline_from: offline になった時刻、または次の報告がなければなる時刻。報告しない基地局の行はない。
What gateways say of themselves; no row for one that says nothing. presence: offline if the last word on its connection is OFFLINE and no statistics came after it, or if it sends statistics and 3 x their period (at least 90 s) have passed since the last of them and since it connected; else online. reported_at: newest time of receipt. offline_from: since when it is offline, or will be if nothing comes (null for one that sends no statistics). Frames of the last hour: sums of the increments in the statistics (received from devices, of these without error; wanted: to be sent to devices, of these sent). Position: the last one it reported.';

create view figure_gateway_state as
with device_now as materialized (         -- once: it is one look-up a device
    select
        device_id, network, gateway, last_gateway, state, last_received_at, patience_s,
        bool_or(last_gateway is not null) over (partition by network) as names_gateways
    from figure_device_state
),
behind as (
    -- A device stands behind the gateway the registry names and behind the one that heard it last.
    select gateway as code, device_id, state, last_received_at, patience_s,
        -- In a network that names its gateways a message that names none says nothing of them.
        case when last_gateway is null and not names_gateways then last_received_at end as presumed_at
    from device_now where gateway is not null
    union
    select last_gateway, device_id, state, last_received_at, patience_s, null
    from device_now where last_gateway is not null and last_gateway is distinct from gateway
),
through as (
    select last_gateway as code, max(last_received_at) as heard_at
    from device_now where last_gateway is not null group by last_gateway
),
counted as (
    select
        code,
        max(presumed_at) as presumed_at,
        coalesce(
            min(patience_s) filter (where state = 'live'), min(patience_s) filter (where state = 'silent')
        ) as patience_s,
        count(*) as devices,
        count(*) filter (where state = 'live') as live,
        count(*) filter (where state = 'silent') as silent,
        count(*) filter (where state = 'never') as never,
        count(*) filter (where state = 'resting') as resting,
        count(*) filter (where state = 'disabled') as disabled
    from behind group by code
),
of_network as (
    select network, min(patience_s) filter (where state = 'live') as patience_s from device_now group by network
),
sign as (
    select
        g.gateway_id, g.code, r.presence, r.reported_at, r.offline_from,
        greatest(h.received_at, t.heard_at) as heard_at,
        -- Where messages name no gateway, the registry is all that is known.
        greatest(h.received_at, t.heard_at, c.presumed_at) as last_heard_at,
        coalesce(c.patience_s, n.patience_s, 3 * 3600) * interval '1 second' as patience,
        coalesce(c.live, 0) as live, coalesce(c.silent, 0) as silent
    from gateway g
    join network w using (network_id)
    left join of_network n on n.network = w.code
    left join counted c on c.code = g.code
    left join through t on t.code = g.code
    left join gateway_heard h on h.gateway_id = g.gateway_id
    left join figure_gateway_report r on r.gateway_id = g.gateway_id
)
select
    g.gateway_id,
    p.code as project,
    n.code as network,
    n.name as network_name,
    n.kind as network_kind,
    g.code as gateway,
    g.name as gateway_name,
    coalesce(g.latitude, r.latitude) as latitude,
    coalesce(g.longitude, r.longitude) as longitude,
    judged.state,
    s.last_heard_at,
    extract(epoch from now() - greatest(s.last_heard_at, s.reported_at))::double precision as silent_s,
    coalesce(c.devices, 0) as devices,
    coalesce(c.live, 0) as live,
    coalesce(c.silent, 0) as silent,
    coalesce(c.never, 0) as never,
    coalesce(c.resting, 0) as resting,
    coalesce(c.disabled, 0) as disabled,
    r.presence,
    r.reported_at,
    r.received_hour,
    r.received_ok_hour,
    r.wanted_hour,
    r.sent_hour,
    case when judged.state = 'silent' then
        case
            when s.presence is null then s.last_heard_at + s.patience
            when s.heard_at > s.reported_at then greatest(s.offline_from, s.heard_at + s.patience)
            else s.offline_from
        end
    end as silent_from
from gateway g
join network n using (network_id)
join project p using (project_id)
join sign s using (gateway_id)
left join counted c on c.code = g.code
left join figure_gateway_report r on r.gateway_id = g.gateway_id
cross join lateral (
    select case
        when s.presence = 'online' then 'live'
        when s.presence = 'offline' then
            case when s.heard_at > s.reported_at and s.heard_at >= now() - s.patience then 'live' else 'silent' end
        when s.last_heard_at >= now() - s.patience then 'live'
        when s.last_heard_at is not null and (s.live > 0 or s.silent > 0) then 'silent'
        when s.live > 0 or s.silent > 0 then 'never'
        else figure_group_state(
            0, 0, coalesce(c.never, 0), coalesce(c.resting, 0), coalesce(c.disabled, 0)
        )
    end as state
) judged;

comment on view figure_gateway_state is
'基地局ごとの現在の状態。基地局自身のしるし(自身の報告、この基地局を通った受信)だけで決め、台帳で配下とされた機器がほかの基地局で受かっていても live にはしない。自身の報告(presence)が online なら live、offline なら silent(その後にこの基地局を通った受信があれば live)。報告のない基地局は、最後の受信(last_heard_at)から、配下の機器(台帳で指定された機器、または最後にこの基地局が受信した機器)のうち受信中のものの最も短い patience_s(送信間隔の3倍、平常時の間隔なら1.5倍)までなら live、過ぎれば silent、一度も受信がなければ never。last_heard_at は、どの機器のものであれこの基地局を通った最も新しい受信時刻(メッセージが基地局を名指ししない通信網では、台帳で配下とされた機器の受信時刻)。silent_s は最後のしるしからの秒数。位置は台帳、なければ基地局自身の報告。silent_from: 途絶とみなした時刻(silent のときだけ)。presence などは基地局自身の報告(figure_gateway_report)で、報告しない基地局では空。
Each gateway at this moment, judged by its own signs alone: what it says of itself, and what came through it. Devices that the registry puts behind it and that are heard elsewhere do not make it live. It says of itself (presence) that it is online: live; offline: silent, unless something came through it since. A gateway that says nothing is live for the shortest patience_s (three intervals, in calm mode 1.5) of the live devices behind it (those the registry names, and those whose latest message it received) after the last receipt through it; then silent; never, if nothing ever came through it. last_heard_at: newest receipt through it, whichever device it was (in a network whose messages name no gateway: of the devices that the registry puts behind it). silent_s: since its last sign. Position: of the registry, else the gateway''s own. silent_from: the moment from which it counts as silent; null unless it does. presence and what follows it: what the gateway says of itself (figure_gateway_report); null where it says nothing.';

create view figure_network_state as
with device_count as (
    select
        network,
        count(*) as devices,
        count(*) filter (where state = 'live') as live,
        count(*) filter (where state = 'silent') as silent,
        count(*) filter (where state = 'never') as never,
        count(*) filter (where state = 'resting') as resting,
        count(*) filter (where state = 'disabled') as disabled,
        max(last_received_at) as last_received_at,
        sum(readings_10min) as readings_10min
    from figure_device_state group by network
),
gateway_count as (
    select network, count(*) as gateways, count(*) filter (where state = 'silent') as gateways_silent
    from figure_gateway_state group by network
)
select
    n.network_id,
    p.code as project,
    p.name as project_name,
    n.code as network,
    n.name as network_name,
    n.kind as network_kind,
    figure_group_state(
        coalesce(d.live, 0), coalesce(d.silent, 0), coalesce(d.never, 0), coalesce(d.resting, 0),
        coalesce(d.disabled, 0)
    ) as state,
    coalesce(d.devices, 0) as devices,
    coalesce(d.live, 0) as live,
    coalesce(d.silent, 0) as silent,
    coalesce(d.never, 0) as never,
    coalesce(d.resting, 0) as resting,
    coalesce(d.disabled, 0) as disabled,
    coalesce(g.gateways, 0) as gateways,
    coalesce(g.gateways_silent, 0) as gateways_silent,
    d.last_received_at,
    coalesce(d.readings_10min, 0)::bigint as readings_10min
from network n
join project p using (project_id)
left join device_count d on d.network = n.code
left join gateway_count g on g.network = n.code;

comment on view figure_network_state is
'通信網ごとの現在の状態。機器と基地局の数を状態別に数える。
Each network at this moment: its devices counted by state (they add up to devices), and its gateways.';

create view figure_project_state as
with summed as (
    select
        project,
        count(*) as networks,
        sum(devices)::bigint as devices,
        sum(live)::bigint as live,
        sum(silent)::bigint as silent,
        sum(never)::bigint as never,
        sum(resting)::bigint as resting,
        sum(disabled)::bigint as disabled,
        sum(gateways)::bigint as gateways,
        sum(gateways_silent)::bigint as gateways_silent,
        max(last_received_at) as last_received_at,
        sum(readings_10min)::bigint as readings_10min
    from figure_network_state group by project
),
aside as (
    select q.project_id, sum(figure_quarantine_parts(q.part, q.part_name, q.part_value)) as quarantine_open
    from quarantine q where q.replayed_at is null group by q.project_id
)
select
    p.project_id,
    p.code as project,
    p.name as project_name,
    p.organisation_code,
    p.organisation_name,
    figure_group_state(
        coalesce(s.live, 0), coalesce(s.silent, 0), coalesce(s.never, 0), coalesce(s.resting, 0),
        coalesce(s.disabled, 0)
    ) as state,
    coalesce(s.devices, 0) as devices,
    coalesce(s.live, 0) as live,
    coalesce(s.silent, 0) as silent,
    coalesce(s.never, 0) as never,
    coalesce(s.resting, 0) as resting,
    coalesce(s.disabled, 0) as disabled,
    coalesce(s.networks, 0) as networks,
    coalesce(s.gateways, 0) as gateways,
    coalesce(s.gateways_silent, 0) as gateways_silent,
    s.last_received_at,
    coalesce(s.readings_10min, 0) as readings_10min,
    coalesce(a.quarantine_open, 0) as quarantine_open
from project p
left join summed s on s.project = p.code
left join aside a using (project_id);

comment on view figure_project_state is
'事業ごとの現在の状態。通信網の合計。quarantine_open は未処理の隔離件数(メッセージ全体と個々の測定値の合計)。
Each project at this moment: the sums of its networks. A device in a network of another project counts where its network is. quarantine_open: parts set aside and not replayed.';
