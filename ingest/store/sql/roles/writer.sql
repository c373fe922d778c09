-- What the service may do, table by table. What was measured, counted or corrected it may add to and never change: the
-- few changes it needs are functions that check what they do (migration 0020). It can make, change or drop no table,
-- nor say that a migration was applied. `noroshi db upgrade` runs this where the role is there; running it by hand, as
-- the owner of the tables, does the same. Running it again is harmless. A table that is not named here is only read.

do $$
declare
    thing record;
    wanted constant text[] = array[
        -- measured, counted, corrected, deleted: on record
        ['uplink_packed', 'select, insert'],
        ['reading_packed', 'select, insert'],
        ['reading_conflict', 'select, insert'],
        ['gateway_event', 'select, insert'],
        ['quarantine', 'select, insert, update (replayed_at)'],
        ['tally', 'select, insert'],
        ['correction', 'select, insert'],
        ['retention_run', 'select, insert'],
        ['corrected_device', 'select'],
        -- the registry
        ['project', 'select, insert, update'],
        ['network', 'select, insert, update'],
        ['gateway', 'select, insert, update'],
        ['profile', 'select, insert, update'],
        ['device', 'select, insert, update'],
        ['quantity', 'select, insert, update'],
        ['figure_state_name', 'select, insert, update'],
        ['figure_setting', 'select'],
        ['quantity_range', 'select, insert, update'],
        ['device_binding', 'select, insert, update'],
        ['device_stage', 'select, insert, update'],
        ['asset', 'select, insert, update'],
        ['retention', 'select, insert, update, delete'],
        ['registry_state', 'select, update'],
        -- who may see what; the audit log is added to by a function
        ['organisation', 'select, insert, update, delete'],
        ['person', 'select, insert, update'],
        ['membership', 'select, insert, update, delete'],
        ['project_share', 'select, insert, update, delete'],
        ['sign_in_link', 'select, insert, update, delete'],
        ['web_session', 'select, insert, update, delete'],
        ['api_token', 'select, insert, update'],
        ['sign_in_attempt', 'select, insert, update, delete'],
        ['oidc_request', 'select, insert, delete'],
        ['access_reader', 'select, insert, delete'],
        ['audit_entry', 'select'],
        ['audit_address', 'select'],
        ['audit_anchor', 'select'],
        ['audit_verdict', 'select, insert, update'],
        -- the plan: what is evidence is only added to
        ['device_placement', 'select'],
        ['plan_version', 'select, insert'],
        ['work_entry', 'select, insert, update (voided_at, voided_by, void_reason)'],
        ['planned_stop', 'select, insert, update (signed_at, signed_by, sign_reason, voided_at, voided_by, void_reason)'],
        ['observation', 'select, insert, update (voided_at, voided_by, void_reason)'],
        ['outage', 'select, insert, update'],
        ['outage_change', 'select, insert'],
        ['outage_state', 'select, update'],
        ['outage_due', 'select, insert, delete'],
        ['plan_snapshot', 'select, insert'],
        ['plan_review', 'select, insert'],
        ['measure', 'select, insert, update'],
        ['measure_event', 'select, insert'],
        ['plan_cycle', 'select, insert'],
        -- reports: a trigger keeps what is frozen as it is
        ['report_order', 'select, insert, update'],
        ['report', 'select, insert, update, delete'],
        ['report_file', 'select, insert, update, delete'],
        ['report_text', 'select, insert'],
        ['report_comparison', 'select, insert, update'],
        ['report_schedule', 'select, insert, update, delete'],
        ['report_delivery', 'select, insert, update'],
        ['signing_key', 'select, insert, update (retired_at)'],
        -- watch: what was noticed and done is only added to
        ['watch_selected', 'select, insert, update, delete'],
        ['watch_selection', 'select, update'],
        ['watch_note', 'select, insert, delete, update (readings)'],
        ['watch_document', 'select, insert'],
        ['watch_incident', 'select, insert, update'],
        ['watch_event', 'select, insert, update (withdrawn_at, withdrawn_ja, withdrawn_en, incident_id)'],
        ['watch_delivery', 'select, insert, update'],
        ['watch_action', 'select, insert'],
        ['watch_maintenance', 'select, insert, update (ends, ended_by)'],
        ['watch_duty', 'select, insert, update (voided_by)'],
        ['watch_drill', 'select, insert, update (ended_at, ended_by)'],
        ['watch_push', 'select, insert, update'],
        ['watch_flag', 'select, insert, update, delete'],
        ['watch_airtime', 'select, insert, update'],
        ['watch_progress', 'select, insert, update'],
        ['watch_touched', 'select, insert, delete'],
        ['watch_run', 'select, insert, update'],
        -- the memory of the running service
        ['delivery', 'select, insert, update'],
        ['worker_session', 'select, insert, delete'],
        ['service_life', 'select, insert, update, delete'],
        ['under_way', 'select, insert, delete'],
        ['installation', 'select, update (former_client_id)'],
        ['session_canary', 'select, insert, update'],
        ['sparkplug_session', 'select, insert, update, delete'],
        ['housekeeping_run', 'select, insert, update'],
        ['notice', 'select'],
        ['lorawan_frame', 'select, insert, update, delete'],
        ['gateway_heard', 'select, insert, update'],
        -- derived: can be computed again as long as there are readings
        ['rollup_hour', 'select, insert, delete'],
        ['rollup_day', 'select, insert, delete'],
        ['uplink_hour', 'select, insert, delete'],
        ['uplink_day', 'select, insert, delete'],
        ['rollup_usage_day', 'select, insert, delete'],
        ['rollup_stretch', 'select, insert, delete'],
        ['rollup_due', 'select, insert, delete'],
        ['rollup_late', 'select, insert, delete'],
        ['rollup_series', 'select, insert'],
        ['rollup_state', 'select, update'],
        ['last_uplink', 'select, insert, update, delete'],
        ['last_reading', 'select, insert, update, delete']
    ];
    given text;
begin
    if to_regrole('noroshi_writer') is null then
        return;
    end if;
    execute format('grant usage on schema %I to noroshi_writer', current_schema());
    for thing in
        select c.relname as name, c.relkind as kind from pg_class c
        where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p', 'v', 'S')
          and pg_has_role(current_user, c.relowner, 'usage')
          and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
    loop
        if thing.kind = 'S' then
            execute format('grant usage, select on sequence %I to noroshi_writer', thing.name);
            continue;
        end if;
        select wanted[n][2] into given from generate_subscripts(wanted, 1) n where wanted[n][1] = thing.name;
        execute format('revoke all on table %I from noroshi_writer', thing.name);
        execute format('grant %s on table %I to noroshi_writer', coalesce(given, 'select'), thing.name);
    end loop;
    for thing in
        select p.oid::regprocedure as name from pg_proc p
        where p.pronamespace = current_schema()::regnamespace
          and p.proname in ('account_note', 'account_lock', 'correction_revoke', 'retention_held', 'retention_delete',
                            'retention_book', 'let_go_chunks', 'audit_append', 'audit_forget',
                            'audit_forget_addresses', 'report_of_file')
    loop
        execute format('grant execute on function %s to noroshi_writer', thing.name);
    end loop;
end
$$;
