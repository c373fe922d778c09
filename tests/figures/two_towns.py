"""Two organisations, each with rows in every table that knows a project; all that is of one says so in its name."""

from typing import Any

from tests.fixtures.database import Database

SEED = """
insert into organisation (code, name) values ('010006', '甲市'), ('020001', '乙市');
insert into project (code, name, organisation_code, organisation_name)
values ('here', '甲の事業', '010006', '甲市'), ('there', '乙の事業', '020001', '乙市');
insert into network (code, project_id, kind, name)
select 'net_' || p.code, p.project_id, 'lorawan', p.code from project p;
select audit_append('x', '', p.organisation_code, p.code, 'plan_frozen', 'month 2020-04-01', null,
    '{"digest": "' || repeat('ab', 32) || '", "reason": "", "revision": 1}', null) from project p;
insert into audit_verdict (verified_at, entries, last_id, last_hash, faults, ja, en)
values (now(), 2, 2, '', 0, '', '');
insert into gateway (code, network_id, name, latitude, longitude)
select 'gw_' || n.name, n.network_id, n.name, 35, 135 from network n;
insert into profile (code, body) values ('shared', '{}');
insert into device (project_id, code, network_id, gateway_id, name, interval_s, installed_on, enabled)
select n.project_id, 'dev_' || i || '_' || n.name, n.network_id, g.gateway_id, n.name, 600, current_date - 9, true
from network n join gateway g using (network_id), generate_series(1, 2) i;
insert into quantity (quantity_id, code, unit, unit_ja, kind, label_ja, label_en, reject_low,
    reject_high, flag_low, flag_high, states, of_project_id)
select 30000 + p.project_id, 'own_' || p.code, '1', '1', 'gauge', p.code, p.code, 0, 9, 0, 9, '{}', p.project_id
from project p;
insert into quantity_range (project_id, quantity_id, reject_low)
select p.project_id, 1, 0 from project p;
insert into device_binding (device_id, quantity_id, channel, valid_from, level, scale, "offset")
select d.device_id, 1, 0, now() - interval '9 days', '', 1, 0 from device d;
insert into device_stage (device_id, quantity_id, channel, rank, name, name_en, level_m, official, valid_from)
select d.device_id, 1, 0, 1, d.name, d.name, 2, false, now() - interval '9 days' from device d;
insert into uplink_packed (time, received_at, message_id, counter, device_id, payload_bytes, gateway_id, rssi_centi,
    snr_centi, airtime_ms, kind, offered, refused, gateway_count, spreading_factor)
select t, t, d.device_id * 1000 + extract(hour from t)::bigint, 1,
     d.device_id, 9, d.gateway_id, -9000, 500, 60, 1, 1, 0, 1, 7
from device d, generate_series(now() - interval '3 days', now(), interval '1 hour') t;
insert into reading_packed (time, device_id, amount, quantity_id, channel, per)
select t, d.device_id, 10 * d.device_id, 1, 0, 10
from device d, generate_series(now() - interval '3 days', now(), interval '1 hour') t;
insert into reading_conflict (time, value, device_id, quantity_id, channel, message_id, received_at)
select now(), 5, d.device_id, 1, 0, 1, now() from device d;
insert into rollup_hour (hour, device_id, quantity_id, channel, count, flagged, minimum, maximum, total, first, last,
    first_at, last_at)
select date_trunc('hour', now()) - interval '50 days', d.device_id, 1, 0, 1, 0, 1, 1, 1, 1, 1, now(), now()
from device d;
insert into rollup_day (day, device_id, quantity_id, channel, count, flagged, minimum, maximum, total, first, last,
    first_at, last_at)
select current_date - 50, d.device_id, 1, 0, 1, 0, 1, 1, 1, 1, 1, now(), now()
from device d;
insert into uplink_hour (hour, device_id, received, payload_bytes, resets, first_at, last_at)
select date_trunc('hour', now()) - interval '50 days', d.device_id, 1, 1, 0, now(), now() from device d;
insert into uplink_day (day, device_id, received, payload_bytes, resets, first_at, last_at)
select current_date - 50, d.device_id, 1, 1, 0, now(), now() from device d;
insert into rollup_stretch (device_id, starts, ends, interval_s, calm, readings, flagged, uplinks, payload_bytes,
    dead_s, slots, halves)
select d.device_id, current_date - 50, current_date - 49, 600, false, 1, 0, 1, 1, 0, 1, 1 from device d;
insert into rollup_due (device_id, hour)
select d.device_id, date_trunc('hour', now()) - interval '2 days' from device d;
insert into rollup_late (devices, hours)
select array_agg(d.device_id), array_agg(extract(epoch from date_trunc('hour', now()))::bigint / 3600 - 30)
from device d;
insert into rollup_series (device_id, quantity_id, channel) select d.device_id, 1, 0 from device d;
insert into tally (hour, project_id, writer, stored)
select date_trunc('hour', now()), p.project_id, 'w', 5 from project p;
insert into tally (hour, project_id, writer, quarantined) values (date_trunc('hour', now()), 0, 'w', 5);
insert into quarantine (message_id, time, part, received_at, reason, detail, topic, payload, device_id, project_id)
select 100 + d.device_id, now(), 0, now(), 'invalid_json', d.name, d.name, 'x', d.device_id, d.project_id from device d;
insert into quarantine (message_id, time, part, received_at, reason, detail, topic, payload)
values (1, now(), 0, now(), 'invalid_json', 'nobody', 'there', 'x');
insert into gateway_event (time, received_at, message_id, gateway_id, kind, online)
select now(), now(), 1, g.gateway_id, 1, true from gateway g;
insert into gateway_heard (gateway_id, received_at) select g.gateway_id, now() from gateway g;
insert into correction (kind, device_id, quantity_id, channel, starts, ends, scale, offset_, who, why)
select 'recalibrate', d.device_id, 1, 0, now() - interval '2 days', now() - interval '1 day', 1, 0, d.name, d.name
from device d;
insert into retention (project_id, kind, keep_months) select p.project_id, 'raw', 60 from project p;
insert into retention_run (ran_at, project_id, kind, table_name, before, rows)
select now(), p.project_id, 'raw', p.code, now(), 1 from project p;
insert into plan_version (project_id, number, entered_by, reason, document, digest)
select p.project_id, 1, p.code, p.name, '{}', '' from project p;
insert into work_entry (project_id, kind, starts, minutes, place, entered_by)
select p.project_id, 'patrol', now(), 30, p.code, p.code from project p;
insert into planned_stop (project_id, starts, ends, reason, entered_by)
select p.project_id, now(), now() + interval '1 day', p.code, p.code from project p;
insert into observation (project_id, code, first_day, last_day, value, unit, source, entered_by)
select p.project_id, p.code, current_date, current_date, 1, '円', p.code, p.code from project p;
insert into outage (project_id, level, device_id, starts)
select d.project_id, 'device', d.device_id, now() from device d;
insert into outage_change (outage_id, project_id, by, what, reason_ja, reason_en)
select o.outage_id, o.project_id, p.code, 'ended', p.code, p.code from outage o join project p using (project_id);
insert into plan_snapshot (project_id, kind, first_day, until_day, revision, frozen_at, frozen_by, software, reason,
    body, digest)
select p.project_id, 'month', current_date, current_date + 30, 1, now(), p.code, '1', p.code, '{}', '' from project p;
insert into plan_review (project_id, kind, first_day, factors, entered_by)
select p.project_id, 'month', current_date, p.code, p.code from project p;
insert into measure (project_id, number, fiscal_year, kind, title, owner, due, state, entered_by)
select p.project_id, 1, 2026, 'improvement', p.name, p.code, current_date, 'proposed', p.code from project p;
insert into measure_event (measure_id, project_id, by, before, after)
select m.measure_id, m.project_id, p.code, '{}', '{}' from measure m join project p using (project_id);
insert into plan_cycle (project_id, fiscal_year, closed_by, draft)
select p.project_id, 2025, p.code, '{}' from project p;
insert into asset (project_id, code, name, device_id)
select d.project_id, d.code, d.name, d.device_id from device d;
insert into report_order (project_id, kind, first_day, last_day, forms, ordered_by)
select p.project_id, 'yearly', '2026-04-01', '2027-03-31', '{xlsx}', p.code from project p;
insert into report (project_id, kind, first_day, last_day, state, document, digest, software, made_at, made_by)
select p.project_id, 'yearly', '2026-04-01', '2027-03-31', 'draft', '{}', '', '1', now(), p.code from project p;
insert into report_file (report_id, project_id, form, name, content, sha256)
select r.report_id, r.project_id, 'xlsx', p.code, '', '' from report r join project p using (project_id);
insert into report_text (project_id, kind, first_day, key, text, author, entered_by)
select p.project_id, 'yearly', '2026-04-01', 'issues/1', p.name, p.code, p.code from project p;
insert into report_comparison (report_id, project_id, compared_at)
select r.report_id, r.project_id, now() from report r;
insert into report_schedule (project_id, kind, forms, about, day, addresses, entered_by)
select p.project_id, 'monthly', '{xlsx}', 'last_month', 10, array[p.code], p.code from project p;
insert into report_delivery (project_id, first_day, last_day, address, message_id)
select p.project_id, '2026-04-01', '2026-04-30', p.code, p.code from project p;
insert into watch_selected (device_id, quantity_id) select d.device_id, 1 from device d;
insert into watch_document (project_id, number, body, source, applied_by)
select p.project_id, 1, '{}', p.code, p.code from project p;
insert into watch_drill (project_id, title, starts, ends, begun_by)
select p.project_id, p.name, now(), now() + interval '1 hour', p.code from project p;
insert into watch_incident (project_id, kind, subject, device_id, opened_at, rank, top_rank, live)
select d.project_id, 'stage', 'stage:d' || d.device_id, d.device_id, now(), 1, 1, true from device d;
insert into watch_event (project_id, incident_id, kind, subject, rule, device_id, quantity_id, channel, at, before_rank,
    rank, name, origin)
select i.project_id, i.incident_id, 'stage', i.subject, '', i.device_id, 1, 0, now(), 0, 1, p.name, 'live'
from watch_incident i join project p using (project_id);
insert into watch_delivery (project_id, incident_id, channel, kind, target, recipient, idempotency_key)
select i.project_id, i.incident_id, 'mail', 'mail', p.code, p.code, gen_random_uuid()
from watch_incident i join project p using (project_id);
insert into watch_action (project_id, incident_id, action, at, by, way, note)
select i.project_id, i.incident_id, 'note', now(), p.code, 'page', p.name
from watch_incident i join project p using (project_id);
insert into watch_maintenance (project_id, starts, ends, reason, entered_by)
select p.project_id, now(), now() + interval '1 hour', p.name, p.code from project p;
insert into watch_duty (project_id, person, starts, ends, entered_by)
select p.project_id, p.code, now(), now() + interval '1 hour', p.code from project p;
select rollup_fill_last(null);
"""


class Foreign:
    """Finds in a row what belongs to the other organisation: its numbers, or a word that only its things have."""

    def __init__(self, town: Database) -> None:
        connection = town.connect()

        def numbers(key: str, query: str) -> None:
            self.numbers[key] = {row[0] for row in connection.execute(query.encode())}

        self.numbers: dict[str, set[int]] = {}
        of_there = "join project p using (project_id) where p.code = 'there'"
        numbers("device_id", f"select device_id from device {of_there}")
        numbers("network_id", f"select network_id from network {of_there}")
        numbers("project_id", "select project_id from project where code = 'there'")
        numbers("gateway_id", f"select gateway_id from gateway join network using (network_id) {of_there}")
        self.numbers["of_project_id"] = self.numbers["project_id"]

    def within(self, row: dict[str, Any]) -> list[str]:
        told = [key for key, numbers in self.numbers.items() if row.get(key) in numbers]
        told += [key for key, value in row.items() if isinstance(value, str) and ("there" in value or "乙" in value)]
        if isinstance(row.get("devices"), list):
            told += ["devices"] * bool(set(row["devices"]) & self.numbers["device_id"])
        return told
