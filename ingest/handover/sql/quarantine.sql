-- What the account of the project counts. A device that has moved to another project since is not named.
select
    z.time, z.message_id, z.part, z.received_at, z.reason, z.detail, z.part_name, z.part_value::text as part_value,
    z.topic, z.payload, d.code as device, p.code as project, z.retained, z.replayed_at
from quarantine z
join project p on p.project_id = z.project_id
left join device d on d.device_id = z.device_id and d.project_id = p.project_id
where p.code = %(project)s
