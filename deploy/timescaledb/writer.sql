-- What the service may do: write rows, and let go what a policy of retention lets go. It can make, change or drop no
-- table, nor say that a migration was applied. Run by the owner of the tables after each upgrade, for an upgrade may
-- bring new tables. Running it again is harmless.

grant usage on schema public to noroshi_writer;

do $$
declare
    thing record;
begin
    for thing in
        select relname as name, relkind as kind from pg_class
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'S')
          and pg_has_role(current_user, relowner, 'usage')
          and not exists (select from pg_depend where objid = pg_class.oid and deptype = 'e')
    loop
        if thing.kind = 'S' then
            execute format('grant usage, select on sequence %I to noroshi_writer', thing.name);
        elsif thing.kind = 'v' or thing.name in ('schema_migration', 'figure_version') then
            execute format('grant select on %I to noroshi_writer', thing.name);
        else
            execute format('grant select, insert, update, delete on %I to noroshi_writer', thing.name);
        end if;
    end loop;
    if to_regprocedure('let_go_chunks(text, timestamptz, timestamptz)') is not null then
        grant execute on function let_go_chunks(text, timestamptz, timestamptz) to noroshi_writer;
    end if;
end
$$;
