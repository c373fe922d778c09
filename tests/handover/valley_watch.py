"""The watch of the valley of the hand-over, as statements for one project."""

_LEVEL = "(select quantity_id from quantity where code = 'river_level')"
_SUBJECT = f"'stage:d' || %(device)s::integer || ':q' || {_LEVEL} || ':c0:d1'"
WATCH = (
    (
        "insert into watch_document (project_id, number, body, source, applied_by) values (%(project)s, 1,"
        """ '{"rules": [], "tiny": 1e-7}', 'rules: []  # なし', '係')"""
    ),
    (
        "insert into watch_drill (project_id, title, starts, ends, begun_by, ended_at) values (%(project)s, '訓練',"
        " '2026-05-01', '2026-05-02', '係', '2026-05-02')"
    ),
    (
        "insert into watch_incident (project_id, kind, hazard, subject, device_id, opened_at, closed_at, rank,"
        f" top_rank, live, drill_id, mark) select %(project)s, 'stage', 'river', coalesce({_SUBJECT}, 'stage:n0'),"
        " %(device)s::integer, '2026-05-01', '2026-05-02', 0, 2, true, d.drill_id,"
        " case when d.drill_id is null then 'false' end"
        " from (select drill_id from watch_drill where project_id = %(project)s union all select null) d"
        " order by d.drill_id nulls first"
    ),
    (
        "insert into watch_event (project_id, incident_id, kind, subject, rule, device_id, quantity_id, channel, at,"
        " before_rank, rank, value, origin, details) select project_id, incident_id, kind, subject, 'd1', device_id,"
        f" {_LEVEL}, 0, opened_at, 0, 2, 2.5, case when drill_id is null then 'live' else 'drill' end,"
        """ case when drill_id is null then '{"b": 1, "a": 1.50}' else jsonb_build_object('drill', drill_id) end"""
        " from watch_incident where project_id = %(project)s order by incident_id"
    ),
    (
        "insert into watch_delivery (project_id, incident_id, event_id, channel, kind, target, idempotency_key,"
        " delivered_at, link_digest) select project_id, incident_id, event_id, kinds.kind, kinds.kind, 'https://secret',"
        " gen_random_uuid(), case when kinds.kind <> 'slack' then at end, 'x' from watch_event,"
        " (values ('mail'), ('mqtt'), ('slack')) kinds (kind) where project_id = %(project)s order by event_id, 4"
    ),
    (
        "update watch_delivery set delivered_at = null, digest_id = (select max(delivery_id) from watch_delivery"
        " where kind = 'mqtt' and project_id = %(project)s) where kind = 'mail' and project_id = %(project)s"
    ),
    (
        "insert into watch_action (project_id, incident_id, action, at, by, way, rank, note) select project_id,"
        " incident_id, 'acknowledge', opened_at, '係', 'page', 2, '=1+1' from watch_incident"
        " where project_id = %(project)s order by incident_id"
    ),
    (
        "insert into watch_action (project_id, action, at, by, way, device_id) values"
        " (%(project)s, 'missed', '2026-05-03', '係', 'page', %(device)s)"
    ),
    (
        "insert into watch_action (project_id, action, at, by, way, about) select project_id, 'not_missed', at, by,"
        " way, watch_action_id from watch_action where action = 'missed' and project_id = %(project)s"
    ),
    (
        "insert into watch_maintenance (project_id, device_id, starts, ends, reason, entered_by) values (%(project)s,"
        " %(device)s, '2026-05-01', '2026-05-02', '電池', '係')"
    ),
    (
        "insert into watch_duty (project_id, person, starts, ends, entered_by) values (%(project)s, 'tanaka',"
        " '2026-05-01', '2026-05-02', '係')"
    ),
    (
        "insert into watch_flag (device_id, quantity_id, channel, test, starts, ends, readings, grade)"
        f" select d, {_LEVEL}, 0, 'spike', '2026-05-01', '2026-05-02', 3, 4"
        " from (values (%(device)s::integer)) given (d) where d is not null"
    ),
    (
        "insert into watch_airtime (transmitter, project_id, device_id, month, worst_s, worst_at, estimated)"
        " select 'd:' || d, %(project)s, d, '2026-05-01', 12.5, '2026-05-02', true"
        " from (values (%(device)s::integer)) given (d) where d is not null"
    ),
    (
        "insert into watch_airtime (transmitter, project_id, gateway_id, month, worst_s, worst_at, estimated)"
        " select 'g:' || g.gateway_id, %(project)s, g.gateway_id, '2026-05-01', 3.5, '2026-05-02', false"
        " from gateway g join network n using (network_id) where n.project_id = %(project)s"
        " order by g.gateway_id limit 1"
    ),
)
"""The same of the watch: a real incident and one of a drill, one message on its way, one missed by mistake."""
