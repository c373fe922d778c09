-- The tables that are small and not written to by COPY: row-level security. Everybody else sees them as before; of the
-- policies that restrict this, one is for the pages and one for the readers of single organisations.

do $$
declare
    each record;
begin
    for each in
        select * from (values
            ('project', 'projects', 'project_id'),
            ('network', 'networks', 'network_id'),
            ('gateway', 'gateways', 'gateway_id'),
            ('device', 'devices', 'device_id'),
            ('device_binding', 'devices', 'device_id'),
            ('device_stage', 'devices', 'device_id'),
            ('correction', 'devices', 'device_id'),
            ('corrected_device', 'devices', 'device_id'),
            ('quantity', 'projects', 'of_project_id'),
            ('quantity_range', 'projects', 'project_id'),
            ('retention', 'projects', 'project_id'),
            ('retention_run', 'projects', 'project_id'),
            ('device_placement', 'projects', 'project_id'),
            ('plan_version', 'projects', 'project_id'),
            ('work_entry', 'projects', 'project_id'),
            ('planned_stop', 'projects', 'project_id'),
            ('observation', 'projects', 'project_id'),
            ('outage', 'projects', 'project_id'),
            ('outage_change', 'projects', 'project_id'),
            ('measure_event', 'projects', 'project_id'),
            ('plan_snapshot', 'projects', 'project_id'),
            ('plan_review', 'projects', 'project_id'),
            ('measure', 'projects', 'project_id'),
            ('plan_cycle', 'projects', 'project_id'),
            ('report_order', 'projects', 'project_id'),
            ('report', 'projects', 'project_id'),
            ('report_file', 'projects', 'project_id'),
            ('report_text', 'projects', 'project_id'),
            ('report_comparison', 'projects', 'project_id'),
            ('report_schedule', 'projects', 'project_id'),
            ('report_delivery', 'projects', 'project_id'),
            ('watch_document', 'projects', 'project_id'),
            ('watch_incident', 'projects', 'project_id'),
            ('watch_event', 'projects', 'project_id'),
            ('watch_delivery', 'projects', 'project_id'),
            ('watch_action', 'projects', 'project_id'),
            ('watch_maintenance', 'projects', 'project_id'),
            ('watch_duty', 'projects', 'project_id'),
            ('watch_drill', 'projects', 'project_id'),
            ('watch_push', 'projects', 'project_id'),
            ('watch_airtime', 'projects', 'project_id'),
            ('watch_flag', 'devices', 'device_id'),
            ('watch_selected', 'devices', 'device_id'),
            ('asset', 'projects', 'project_id')
        ) as policies (name, seen, key)
    loop
        if not (select c.relrowsecurity from pg_class c where c.oid = to_regclass('public.' || each.name)) then
            execute format('alter table public.%I enable row level security', each.name);
        end if;
        execute format('drop policy if exists everybody on public.%I', each.name);
        execute format('create policy everybody on public.%I using (true) with check (true)', each.name);
        -- A quantity of the catalogue is nobody's own.
        execute format(
            'create policy wall_pages on public.%1$I as restrictive for select to noroshi_pages using ('
                || '%3$s case when %4$I <@ (select nullif(current_setting(%2$L, true), %5$L)::int4multirange)'
                || ' then true else false end)',
            each.name, 'noroshi.' || each.seen, case each.name when 'quantity' then 'of_project_id is null or' end, each.key, ''
        );
        execute format(
            'create policy wall on public.%1$I as restrictive for select to noroshi_walled using ('
                || '%3$s case when %4$I <@ (select wall.%2$I(current_user)) then true else false end)',
            each.name, each.seen || '_of', case each.name when 'quantity' then 'of_project_id is null or' end, each.key
        );
        execute format('grant select on public.%I to noroshi_walled, noroshi_pages', each.name);
    end loop;
end
$$;

-- Of nobody's projects.
grant select on
    public.profile, public.figure_setting, public.figure_state_name, public.figure_version, public.rollup_state,
    public.outage_state, public.housekeeping_run, public.schema_migration, public.notice,
    public.audit_verdict, public.signing_key, public.watch_run
to noroshi_walled, noroshi_pages;
-- Whether somebody watches, how much waits to be watched, and for how long; not whose it is.
grant select (name, done_until, updated_at) on public.watch_progress to noroshi_walled, noroshi_pages;
grant select (note_id, noted_at, late) on public.watch_note to noroshi_walled, noroshi_pages;
-- Answers anybody who has a file of a submission, and says only what the file says itself.
grant execute on function public.report_of_file(bytea) to noroshi_walled, noroshi_pages;
grant usage on schema public, wall to noroshi_walled, noroshi_pages;
grant usage on schema wall_pages to noroshi_pages;
grant select on all tables in schema wall to noroshi_walled;
grant select on all tables in schema wall_pages to noroshi_pages;

-- Who has the address and the keys of a phone can write to it: they are for the pages alone.
revoke select on public.watch_push from noroshi_walled;
