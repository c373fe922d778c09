-- Of the project's own gateways: what a neighbour's says of itself belongs to the neighbour.
select
    g.code as gateway, e.time, e.message_id, e.received_at, e.kind, e.online, e.received, e.received_ok, e.wanted, e.sent,
    e.latitude, e.longitude, e.altitude, e.more::text as more
from gateway_event e
join gateway g using (gateway_id)
join network n using (network_id)
join project p using (project_id)
where p.code = %(project)s
