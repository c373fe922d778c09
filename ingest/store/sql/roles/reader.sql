-- What Grafana may read: every figure, and the tables that the functions among them read on the caller's behalf.
-- `noroshi db upgrade` runs this where the role is there, for an upgrade may bring new figures; running it by hand, as
-- the owner of the tables, does the same. Running it again is harmless.
-- Of what is set aside only the columns that are counted: its payloads are nobody's business here.

do $$
declare
    figure name;
begin
    if to_regrole('grafana') is null then
        return;
    end if;
    execute format('grant usage on schema %I to grafana', current_schema());
    for figure in
        select relname from pg_class
        where relnamespace = current_schema()::regnamespace and relkind = 'v'
          and relname ~ '^(figure_|rollup_|reading_counted$|uplink_(hourly|daily)$)'
    loop
        execute format('grant select on %I to grafana', figure);
    end loop;
    grant select on project, network, gateway, device, quantity, quantity_range, figure_state_name, figure_setting, uplink, reading to grafana;
    grant select on rollup_hour, rollup_day, uplink_hour, uplink_day, rollup_usage_day, rollup_stretch to grafana;
    grant select on rollup_due, rollup_late, rollup_state, rollup_series, last_uplink, last_reading to grafana;
    grant select (device_id, time, replayed_at) on quarantine to grafana;
    -- Of the watch no address, no link and no document.
    grant select on watch_event, watch_incident, watch_action, watch_run, watch_flag to grafana;
    grant select (project_id, number, applied_at) on watch_document to grafana;
    grant select (delivery_id, project_id, incident_id, event_id, channel, kind, recipient, step, purpose, digest_id,
        queued_at, due_at, delivered_at, given_up_at, doubt_at, withheld) on watch_delivery to grafana;
end
$$;
