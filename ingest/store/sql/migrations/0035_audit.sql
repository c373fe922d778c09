-- While the service runs: safe, these tables are new and an older service knows nothing of them.
-- Who did what (監査ログ). Rows are added by audit_append alone, and each carries the hash of the one before it: what was
-- changed or taken out afterwards is found by `noroshi audit verify`.

create table audit_entry (
    entry_id bigint primary key,         -- 1, 2, 3, ... without a gap
    at timestamptz not null,
    actor text not null,                 -- login, 'token:<id> <name>', 'command:<system user>', 'service', '' unknown
    department text not null,            -- of the actor, as it was then
    organisation text,                   -- code: whose data it is about
    project text,                        -- code
    action text not null,                -- ingest/access/audit.py has the closed list
    subject text not null,               -- what it was done to: a login, a file, a page
    before text,                         -- JSON, where something was changed
    after text,
    previous bytea not null,             -- the hash of the entry before; of the first: 32 zeros
    hash bytea not null                  -- SHA-256 of the row as audit_text writes it
);

create index audit_entry_at on audit_entry (at);
-- The last sign-in of everybody in the list of people, in a log of years.
create index audit_entry_signed_in on audit_entry (actor, at) where action = 'signed_in';

-- Addresses stand apart: they are deleted earlier, and the hashes go on being right.
create table audit_address (
    entry_id bigint primary key,
    at timestamptz not null,
    address text not null
);

-- The last entry that was deleted when its period of retention had passed: here the chain begins.
create table audit_anchor (
    one_row boolean primary key default true check (one_row),
    entry_id bigint not null,
    hash bytea not null,
    at timestamptz not null
);

insert into audit_anchor (entry_id, hash, at) values (0, decode(repeat('00', 32), 'hex'), '-infinity');

-- The text of an entry that its hash is of. Times are microseconds since 1970.
create function audit_text(
    of_entry bigint, of_at timestamptz, of_actor text, of_department text, of_organisation text, of_project text,
    of_action text, of_subject text, of_before text, of_after text, of_previous bytea
) returns text language sql immutable as $$
    select jsonb_build_array(
        $1, (extract(epoch from $2) * 1000000)::bigint, $3, $4, $5, $6, $7, $8, $9, $10, encode($11, 'hex')
    )::text
$$;

create function audit_append(
    of_actor text, of_department text, of_organisation text, of_project text, of_action text, of_subject text,
    of_before text, of_after text, of_address text
) returns bigint language plpgsql volatile security definer as $$
declare
    last_id bigint;
    last_hash bytea;
    now_ timestamptz;
begin
    -- One at a time until the end of the transaction: each needs the hash of the one before.
    perform from audit_anchor for update;
    if not found then
        raise object_not_in_prerequisite_state using message = 'audit_anchor has no row: the chain has no beginning';
    end if;
    now_ = clock_timestamp();
    select e.entry_id, e.hash into last_id, last_hash from audit_entry e order by e.entry_id desc limit 1;
    if last_id is null then
        select a.entry_id, a.hash into last_id, last_hash from audit_anchor a;
    end if;
    insert into audit_entry values (
        last_id + 1, now_, of_actor, of_department, of_organisation, of_project, of_action, of_subject, of_before,
        of_after, last_hash,
        sha256(convert_to(audit_text(
            last_id + 1, now_, of_actor, of_department, of_organisation, of_project, of_action, of_subject, of_before,
            of_after, last_hash
        ), 'UTF8'))
    );
    if of_address is not null then
        -- One that is there already is left over from an entry that was cut off: it must not stop the next.
        insert into audit_address values (last_id + 1, now_, of_address)
        on conflict (entry_id) do update set at = excluded.at, address = excluded.address;
    end if;
    return last_id + 1;
end
$$;

-- Nobody changes an entry, not even by mistake of the owner; and only what lies before the anchor can be deleted.
create function audit_stays() returns trigger language plpgsql as $$
begin
    if tg_op <> 'DELETE' then
        raise insufficient_privilege using message = 'the audit log is only added to';
    end if;
    if not exists (select from audit_anchor a where old.entry_id <= a.entry_id) then
        raise insufficient_privilege using message = 'the audit log is only added to';
    end if;
    return old;
end
$$;

create trigger audit_stays before update or delete on audit_entry for each row execute function audit_stays();
create trigger audit_stays_whole before truncate on audit_entry for each statement execute function audit_stays();

-- Deletes what is older than `until`, from the beginning on, and lets the chain begin behind it. Never of the last year.
create function audit_forget(until timestamptz) returns bigint
language plpgsql volatile security definer as $$
declare
    last_id bigint;
    deleted bigint;
begin
    if until is null or until > now() - interval '1 year' then
        raise insufficient_privilege using message = 'entries of the last year are kept';
    end if;
    perform from audit_anchor for update;
    -- Up to the first that stays: after a step of the clock times need not rise.
    select coalesce(min(e.entry_id), 0) - 1 into last_id from audit_entry e where e.at >= until;
    if last_id < 0 then
        select max(e.entry_id) into last_id from audit_entry e;
    end if;
    update audit_anchor a set entry_id = e.entry_id, hash = e.hash, at = e.at from audit_entry e where e.entry_id = last_id;
    -- Not in the head of the function: only a superuser may write a setting of ours there.
    perform set_config('noroshi.audit_retention', 'on', true);
    delete from audit_entry e where e.entry_id <= last_id;
    get diagnostics deleted = row_count;
    perform set_config('noroshi.audit_retention', 'off', true);
    delete from audit_address a where a.entry_id <= last_id;
    return deleted;
end
$$;

create function audit_forget_addresses(until timestamptz) returns bigint
language sql volatile security definer as $$
    with gone as (delete from audit_address a where a.at < $1 returning 1) select count(*) from gone
$$;

do $$
declare
    each regprocedure;
begin
    foreach each in array array[
        'audit_append(text, text, text, text, text, text, text, text, text)', 'audit_forget(timestamptz)',
        'audit_forget_addresses(timestamptz)', 'audit_stays()'
    ]::regprocedure[] loop
        execute format('alter function %s set search_path = pg_catalog, %I, pg_temp', each, current_schema());
        execute format('revoke execute on function %s from public', each);
    end loop;
end
$$;
