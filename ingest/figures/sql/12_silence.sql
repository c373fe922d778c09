-- Who is silent, for those who send alerts: every device is looked at once, and one cause makes one row.

create view figure_silence as
with grouped as materialized (
    -- A handful of rows for each gateway: what follows costs nothing, however many devices there are.
    select
        network, gateway, last_gateway,
        count(*) filter (where state = 'live') as live,
        count(*) filter (where state = 'silent') as silent,
        bool_or(last_received_at is not null) as heard
    from figure_device_state group by network, gateway, last_gateway
),
counted as (
    -- Behind a gateway and heard by it: as in figure_gateway_state.
    select
        b.code, sum(g.live) as live, sum(g.silent) as silent,
        bool_or(g.heard and coalesce(g.last_gateway, g.gateway) = b.code) as heard
    from grouped g
    cross join lateral (select g.gateway as code union select g.last_gateway) b
    group by b.code
),
of_gateway as (
    select
        g.network_id, g.code, coalesce(c.silent, 0)::bigint as devices_silent,
        case
            when r.presence is not null then r.presence = 'offline'
            else coalesce(c.live = 0 and c.silent > 0 and c.heard, false)
        end as silent
    from gateway g
    left join counted c on c.code = g.code
    left join figure_gateway_report r on r.gateway_id = g.gateway_id
),
of_network as (
    select
        d.network, sum(d.silent)::bigint as devices_silent,
        sum(d.silent) filter (
            where not exists (select from of_gateway g where g.silent and g.code in (d.gateway, d.last_gateway))
        )::bigint as devices_silent_alone
    from grouped d group by d.network
)
select
    p.code as project, n.code as network, g.code as gateway, g.silent, g.devices_silent,
    null::bigint as devices_silent_alone
from of_gateway g join network n using (network_id) join project p using (project_id)
union all
select p.code, n.code, null, null, coalesce(d.devices_silent, 0), coalesce(d.devices_silent_alone, 0)
from network n join project p using (project_id) left join of_network d on d.network = n.code;

comment on view figure_silence is
'通知のための途絶のまとめ。基地局ごとに1行と、通信網ごとに1行(gateway は空)。基地局は、自身の報告があればそれが offline のとき、なければ figure_gateway_state が silent のときに途絶。devices_silent は途絶中(figure_device_state が silent)の機器の数で、devices_silent_alone はそのうち途絶中の基地局の配下にないもの。
Silence as alerts need it: a row for each gateway, and one for each network (gateway is null). A gateway is silent when it says of itself that it is offline, or, where it says nothing of itself, when figure_gateway_state calls it silent. devices_silent: devices that figure_device_state calls silent, behind the gateway or in the network; devices_silent_alone: of these, devices that are not behind a silent gateway.';
