-- While the service runs: stop it first where it comes as the role noroshi_writer: that role may no longer change
-- `tally` and `correction` itself, which is what an older program does.

-- What the service changes of what was measured, counted or corrected, it changes by these functions alone: its role may
-- add rows to those tables and nothing else (deploy/timescaledb/writer.sql). Each runs with the rights of the owner of
-- the tables, looks only into this schema, and checks what is asked of it.

-- Counts are added. Only a replay takes something out of quarantine again. Returns what is late for the rollups.
create function account_note(
    received timestamptz, of_project integer, of_writer text, add_stored bigint, add_duplicate bigint,
    add_quarantined bigint, add_readings_offered bigint, add_readings_stored bigint, add_readings_duplicate bigint,
    add_readings_conflict bigint, add_readings_quarantined bigint, add_payload_bytes bigint
) returns timestamptz language plpgsql volatile security definer as $$
begin
    if least(add_stored, add_duplicate, add_readings_stored, add_readings_conflict, add_payload_bytes) < 0
        or (of_writer <> 'replay' and least(add_quarantined, add_readings_quarantined) < 0)
    then
        raise insufficient_privilege using message = 'what was counted is not taken back';
    end if;
    insert into tally as t (
        hour, project_id, writer, stored, duplicate, quarantined, readings_offered, readings_stored,
        readings_duplicate, readings_conflict, readings_quarantined, payload_bytes
    ) values (
        date_trunc('hour', received, 'UTC'), of_project, of_writer, add_stored, add_duplicate, add_quarantined,
        add_readings_offered, add_readings_stored, add_readings_duplicate, add_readings_conflict,
        add_readings_quarantined, add_payload_bytes
    )
    on conflict (hour, project_id, writer) do update set
        stored = t.stored + excluded.stored,
        duplicate = t.duplicate + excluded.duplicate,
        quarantined = t.quarantined + excluded.quarantined,
        readings_offered = t.readings_offered + excluded.readings_offered,
        readings_stored = t.readings_stored + excluded.readings_stored,
        readings_duplicate = t.readings_duplicate + excluded.readings_duplicate,
        readings_conflict = t.readings_conflict + excluded.readings_conflict,
        readings_quarantined = t.readings_quarantined + excluded.readings_quarantined,
        payload_bytes = t.payload_bytes + excluded.payload_bytes;
    return (select nullif(s.closing_until, '-infinity') from rollup_state s);
end
$$;

-- Until the end of the transaction nobody else books a batch.
create function account_lock() returns void language plpgsql volatile security definer as $$
begin
    lock table tally in exclusive mode;
end
$$;

-- The triggers of the table refuse everything else that could be done to a correction.
create function correction_revoke(of_correction integer, by_whom text, because text)
returns setof correction language sql volatile security definer as $$
    update correction set revoked_by = $2, revoked_at = now(), revoked_why = $3
    where correction_id = $1 and revoked_at is null
    returning *
$$;

-- Which devices have corrections is derived from those, and kept by a trigger of theirs.
alter function correction_reaches() security definer;

-- Whether the subsidy still demands it: for five fiscal years after the one of completion, unless somebody said less.
create function retention_held(of_project integer, of_kind text) returns boolean
language sql stable security definer as $$
    select case when $1 = 0 then $2 not in ('quarantine', 'log') else coalesce((
        select not exists (
                select from retention r
                where r.project_id = $1 and r.kind = $2 and r.forced_by is not null
            )
            and (p.completed_on is null or now() < make_timestamptz(
                extract(year from p.completed_on - interval '3 months')::integer + 6, 4, 1, 0, 0, 0, 'Asia/Tokyo'
            ))
        from project p where p.project_id = $1
    ), true) end
$$;

-- Rows of one device, gateway or project, as a run of retention has announced them; they are booked in it.
create function retention_delete(of_run bigint, of_owner integer, starts timestamptz, ends timestamptz)
returns bigint language plpgsql volatile security definer as $$
declare
    announced retention_run%rowtype;
    place record;
    gone bigint;
begin
    select * into announced from retention_run r where r.retention_run_id = of_run for update;
    select * into place from (values
        ('raw', 'reading_packed', 'device_id', 'time'),
        ('raw', 'reading_conflict', 'device_id', 'time'),
        ('link', 'uplink_packed', 'device_id', 'time'),
        ('link', 'gateway_event', 'gateway_id', 'time'),
        ('rollup', 'rollup_hour', 'device_id', 'hour'),
        ('rollup', 'rollup_day', 'device_id', $day$(day::timestamp at time zone 'Asia/Tokyo')$day$),
        ('rollup', 'uplink_hour', 'device_id', 'hour'),
        ('rollup', 'uplink_day', 'device_id', $day$(day::timestamp at time zone 'Asia/Tokyo')$day$),
        ('rollup', 'rollup_usage_day', 'device_id', $day$(day::timestamp at time zone 'Asia/Tokyo')$day$),
        ('quarantine', 'quarantine', 'coalesce(project_id, 0)', 'received_at'),
        ('log', 'tally', 'coalesce(project_id, 0)', 'hour')
    ) as known (kind, table_name, owner, at)
    where known.kind = announced.kind and known.table_name = announced.table_name;
    if place is null or ends > announced.before or announced.before > now() - interval '27 days'
        or retention_held(announced.project_id, announced.kind)
        or announced.project_id is distinct from (case place.owner
            when 'device_id' then (select d.project_id from device d where d.device_id = of_owner)
            when 'gateway_id' then (
                select n.project_id from gateway g join network n using (network_id) where g.gateway_id = of_owner
            )
            else of_owner
        end)
    then
        raise insufficient_privilege using message = 'this is kept: its period of retention has not passed';
    end if;
    execute format(
        'delete from %I where %s = $1 and %s >= $2 and %s < $3', place.table_name, place.owner, place.at, place.at
    ) using of_owner, starts, ends;
    get diagnostics gone = row_count;
    update retention_run r set rows = r.rows + gone where r.retention_run_id = of_run;
    return gone;
end
$$;

-- What went in whole chunks.
create function retention_book(of_run bigint, gone bigint) returns void
language sql volatile security definer as $$
    update retention_run set rows = rows + greatest($2, 0) where retention_run_id = $1
$$;

-- Temporary tables of the caller come last in the path, so that none of them stands in for a table of ours.
do $$
declare
    ours regprocedure;
begin
    for ours in
        select oid::regprocedure from pg_proc
        where pronamespace = current_schema()::regnamespace
          and proname in ('account_note', 'account_lock', 'correction_revoke', 'correction_reaches', 'retention_held',
                          'retention_delete', 'retention_book')
    loop
        execute format('alter function %s set search_path = pg_catalog, %I, pg_temp', ours, current_schema());
        execute format('revoke execute on function %s from public', ours);
    end loop;
end
$$;
