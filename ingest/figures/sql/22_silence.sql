-- Who is silent, for those who send alerts: one cause makes one row.

create view figure_silence as
with grouped as materialized (
    -- A handful of rows for each gateway: what follows costs nothing, however many devices there are.
    select network, gateway, last_gateway, count(*) filter (where state = 'silent') as silent
    from figure_device_state group by network, gateway, last_gateway
),
behind as (
    select b.code, sum(g.silent)::bigint as devices_silent
    from grouped g
    cross join lateral (select g.gateway as code union select g.last_gateway) b
    group by b.code
),
of_gateway as materialized (
    select s.gateway as code, s.project, s.network, s.state = 'silent' as silent,
        coalesce(b.devices_silent, 0) as devices_silent
    from figure_gateway_state s
    left join behind b on b.code = s.gateway
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
    g.project, g.network, g.code as gateway, g.silent, g.devices_silent, null::bigint as devices_silent_alone
from of_gateway g
union all
select p.code, n.code, null, null, coalesce(d.devices_silent, 0), coalesce(d.devices_silent_alone, 0)
from network n join project p using (project_id) left join of_network d on d.network = n.code;

comment on view figure_silence is
'通知のための途絶のまとめ。基地局ごとに1行と、通信網ごとに1行(gateway は空)。基地局は figure_gateway_state が silent のときに途絶。devices_silent は途絶中(figure_device_state が silent)の機器の数で、devices_silent_alone はそのうち途絶中の基地局の配下にないもの。
Silence as alerts need it: a row for each gateway, and one for each network (gateway is null). A gateway is silent when figure_gateway_state calls it silent. devices_silent: devices that figure_device_state calls silent, behind the gateway or in the network; devices_silent_alone: of these, devices that are not behind a silent gateway.';
