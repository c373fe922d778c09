-- Once, as a superuser, where the database was made before there were accounts: the roles behind the wall, as
-- init/100_noroshi.sh makes them today. `noroshi db upgrade` afterwards puts the wall up. Running it again is harmless.

do $$
begin
    if to_regrole('noroshi_walled') is null then
        create role noroshi_walled nologin;
    end if;
    if to_regrole('noroshi_pages') is null then
        create role noroshi_pages nologin;
    end if;
end
$$;

grant noroshi_pages to noroshi_writer with inherit false, set true;
grant noroshi_pages to noroshi with inherit false, set true;
grant noroshi_walled to noroshi with admin true, inherit false, set false;
