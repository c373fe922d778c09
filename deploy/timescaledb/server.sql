-- What PostgreSQL gives everybody and nobody here needs. Run once by a superuser, in the database of Noroshi, on a server
-- that serves nobody else (containers do it when the database is made). `noroshi doctor --only roles` says whether it is
-- needed. Running it again is harmless. Where the roles have other names, write those names into this file first.
--   psql --username postgres --dbname noroshi --file deploy/timescaledb/server.sql
\set ON_ERROR_STOP 1

do $$
declare
    each record;
begin
    if to_regrole('noroshi') is null or to_regrole('noroshi_writer') is null or to_regrole('grafana') is null then
        raise exception 'there is no role noroshi, noroshi_writer or grafana here: nothing was done'
            using hint = 'make the roles (deploy/timescaledb/init), or write the names of yours into this file';
    end if;
    -- Large objects fill the disk, advisory locks stop the service, messages fill the log: for who writes only.
    for each in
        select p.oid::regprocedure as name, p.proname ~ '^pg_(try_)?advisory|^pg_logical_emit' as needed from pg_proc p
        where p.pronamespace = 'pg_catalog'::regnamespace
          and p.proname ~ '^(lo_|loread$|lowrite$|pg_advisory_|pg_try_advisory_|pg_logical_emit_message$)'
    loop
        execute format('revoke execute on function %s from public', each.name);
        if each.needed then
            execute format('grant execute on function %s to noroshi, noroshi_writer', each.name);
        end if;
    end loop;
    -- Other databases of this server, and temporary tables in ours.
    for each in select datname as name from pg_database where datallowconn and datname <> current_database() loop
        execute format('revoke connect, temporary on database %I from public', each.name);
    end loop;
    execute format('revoke all on database %I from public', current_database());
    execute format('grant connect, temporary on database %I to noroshi, noroshi_writer', current_database());
    execute format('grant connect on database %I to grafana', current_database());
    -- A schema that was made before PostgreSQL 15 lets everybody make tables in it.
    revoke create on schema public from public;
end
$$;

-- Of what a reader can lift by SET nothing holds him: this he cannot lift.
alter role grafana set temp_file_limit = '2GB';
alter role grafana connection limit 20;
