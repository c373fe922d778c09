-- What came to its end, without addresses. What is on its way stays, lest it be sent by both.
with incident_number as (
    select incident_id, row_number() over (order by incident_id) as number
    from watch_incident join project using (project_id)
    where code = %(project)s
),
event_number as (
    select event_id, row_number() over (order by event_id) as number
    from watch_event join project using (project_id)
    where code = %(project)s
),
ended as (
    select w.* from watch_delivery w join project using (project_id)
    where code = %(project)s and (
        w.delivered_at is not null or w.given_up_at is not null or w.doubt_at is not null
        or w.withheld not in ('', 'quiet_hours')
    )
),
sent as (
    select * from ended
    union
    select w.* from watch_delivery w join ended on ended.delivery_id = w.digest_id
),
delivery_number as (
    select delivery_id, row_number() over (order by delivery_id) as number from sent
)
select
    j.number as delivery, p.code as project, i.number as incident, e.number as event, w.channel, w.kind,
    case w.kind when 'mqtt' then w.target else '' end as target, w.recipient, w.step, w.purpose, w.effect,
    w.idempotency_key::text as idempotency_key, b.number as digest, w.queued_at, w.due_at, w.tries, w.delivered_at,
    w.resent, w.doubt_at, w.given_up_at, w.withheld, w.failed_ja, w.failed_en
from sent w
join delivery_number j using (delivery_id)
join project p on p.project_id = w.project_id
left join incident_number i on i.incident_id = w.incident_id
left join event_number e on e.event_id = w.event_id
left join delivery_number b on b.delivery_id = w.digest_id
where p.code = %(project)s
