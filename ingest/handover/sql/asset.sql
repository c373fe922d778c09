select
    p.code as project, a.code, a.name, d.code as device, g.code as gateway, a.model, a.serial, a.quantity,
    a.unit_price_yen, a.subsidised_yen, a.subsidy_yen, a.acquired_on, a.service_life_years, a.disposal_until, a.place,
    a.technical_conformity, a.jc_star, a.support_until, a.label_attached_on, a.photo, a.verification_number,
    a.verification_until, a.jma_notified_on, a.state, a.disposed_on, a.note
from asset a
join project p using (project_id)
left join device d on d.device_id = a.device_id and d.project_id = a.project_id
left join gateway g on g.gateway_id = a.gateway_id
where p.code = %(project)s
