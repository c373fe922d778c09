-- What Grafana may read: every figure, and the tables that the functions among them read on the caller's behalf.
-- Run by the owner of the tables after each upgrade, for an upgrade may bring new figures. Running it again is harmless.
-- Of what is set aside only the columns that are counted: its payloads are nobody's business here.

grant usage on schema public to grafana;

do $$
declare
    figure name;
begin
    for figure in
        select relname from pg_class
        where relnamespace = 'public'::regnamespace and relkind = 'v'
          and relname ~ '^(figure_|rollup_|reading_counted$|uplink_(hourly|daily)$)'
    loop
        execute format('grant select on %I to grafana', figure);
    end loop;
end
$$;

grant select on project, network, gateway, device, quantity, figure_state_name, uplink, reading to grafana;
grant select on rollup_hour, rollup_day, uplink_hour, uplink_day, rollup_usage_day to grafana;
grant select on rollup_due, rollup_late, rollup_state, rollup_series, last_uplink, last_reading to grafana;
grant select (device_id, time, replayed_at) on quarantine to grafana;
