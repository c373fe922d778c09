-- Whose projects may be seen now, as ranges of numbers: a row is held against them faster than against a list.
-- The role of the pages believes its settings, which `enter` makes for each request; nobody else can take that role.
-- Any other role behind the wall is the reader of one organisation, and is looked up. Nobody at all sees nothing.

-- Of a role that the session may take, with the owner's rights: a reader may not read the accounts.
create function wall.projects_of(reader name) returns int4multirange language sql stable security definer as $$
    select coalesce(range_agg(int4range(p.project_id, p.project_id, '[]')), '{}')
    from (
        select p.project_id
        from access_reader r join organisation o using (organisation_id) join project p on p.organisation_code = o.code
        where r.role_name = reader and pg_has_role(session_user, reader, 'member')
        union
        select s.project_id
        from access_reader r join project_share s using (organisation_id)
        where r.role_name = reader and pg_has_role(session_user, reader, 'member')
    ) p
$$;

create function wall.networks_of(reader name) returns int4multirange language sql stable security definer as $$
    select coalesce(range_agg(int4range(n.network_id, n.network_id, '[]')), '{}')
    from network n where n.project_id <@ wall.projects_of(reader)
$$;

create function wall.devices_of(reader name) returns int4multirange language sql stable security definer as $$
    select coalesce(range_agg(int4range(d.device_id, d.device_id, '[]')), '{}')
    from device d where d.project_id <@ wall.projects_of(reader)
$$;

create function wall.gateways_of(reader name) returns int4multirange language sql stable security definer as $$
    select coalesce(range_agg(int4range(g.gateway_id, g.gateway_id, '[]')), '{}')
    from gateway g join network n using (network_id) where n.project_id <@ wall.projects_of(reader)
$$;

-- For the length of a session, until it is called again. `projects`: their numbers with commas, or * for all; `networks`:
-- those of an installer.
create function wall.enter(projects text, networks text) returns void
language plpgsql volatile security definer as $$
declare
    named_ constant integer[] = case when projects = '*' then '{}' else string_to_array(projects, ',')::integer[] end;
    networks_ constant integer[] = string_to_array(networks, ',')::integer[];
    seen text;
begin
    perform set_config('noroshi.everything', case when projects = '*' then 'on' else 'off' end, false);
    if projects = '*' then
        perform set_config('noroshi.projects', '{(,)}', false), set_config('noroshi.networks', '{(,)}', false),
            set_config('noroshi.devices', '{(,)}', false), set_config('noroshi.gateways', '{(,)}', false);
        return;
    end if;
    select range_agg(int4range(n.network_id, n.network_id, '[]'))::text into seen
    from network n where n.project_id = any(named_) or n.network_id = any(networks_);
    perform set_config('noroshi.networks', coalesce(seen, '{}'), false);
    -- An installer sees the name of the project whose network it is.
    select range_agg(int4range(p.project_id, p.project_id, '[]'))::text into seen
    from project p where p.project_id = any(named_) or p.project_id in (
        select n.project_id from network n where n.network_id = any(networks_)
    );
    perform set_config('noroshi.projects', coalesce(seen, '{}'), false);
    select range_agg(int4range(d.device_id, d.device_id, '[]'))::text into seen
    from device d where d.project_id = any(named_) or d.network_id = any(networks_);
    perform set_config('noroshi.devices', coalesce(seen, '{}'), false);
    select range_agg(int4range(g.gateway_id, g.gateway_id, '[]'))::text into seen
    from gateway g join network n using (network_id)
    where n.project_id = any(named_) or n.network_id = any(networks_);
    perform set_config('noroshi.gateways', coalesce(seen, '{}'), false);
end
$$;

-- The reader of an organisation, for a figure that is computed as the pages would: by the role that was taken, else by
-- the one that came. Within such a figure current_user is the role of the pages.
create function wall.enter_reader() returns void language plpgsql volatile security definer as $$
declare
    reader constant name = coalesce(nullif(current_setting('role'), 'none'), session_user);
begin
    perform set_config('noroshi.everything', 'off', false),
        set_config('noroshi.projects', wall.projects_of(reader)::text, false),
        set_config('noroshi.networks', wall.networks_of(reader)::text, false),
        set_config('noroshi.devices', wall.devices_of(reader)::text, false),
        set_config('noroshi.gateways', wall.gateways_of(reader)::text, false);
end
$$;

revoke execute on function wall.enter_reader() from public;
grant execute on function wall.enter_reader() to noroshi_pages;
revoke execute on function wall.enter(text, text) from public;
grant execute on function wall.enter(text, text) to noroshi_pages;
