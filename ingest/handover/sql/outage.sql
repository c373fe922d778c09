with outage_number as (
    select outage_id, row_number() over (order by outage_id) as number
    from outage join project using (project_id)
    where code = %(project)s
)
-- What has gone to another project since is not of this hand-over.
select
    i.number as outage, p.code as project, o.level, n.code as network, g.code as gateway, d.code as device,
    w.number as part_of, o.starts, o.ends, o.found_at, o.proposed_cause, o.proposed_ja, o.proposed_en, o.cause,
    o.cause_note, o.cause_at, o.cause_by, o.withdrawn_at, o.devices
from outage o
join outage_number i using (outage_id)
join project p on p.project_id = o.project_id
left join outage_number w on w.outage_id = o.part_of
left join network n on n.network_id = o.network_id and n.project_id = o.project_id
left join (gateway g join network h on h.network_id = g.network_id)
    on g.gateway_id = o.gateway_id and h.project_id = o.project_id
left join device d on d.device_id = o.device_id and d.project_id = o.project_id
where p.code = %(project)s
