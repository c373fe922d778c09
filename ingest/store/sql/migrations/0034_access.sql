-- While the service runs: safe, these tables are new and an older service knows nothing of them.
-- Who may see and do what: organisations (団体), people, what each of them may do where, their sessions and tokens.
-- Secrets are never here: of passwords an Argon2id hash, of links, sessions and tokens the SHA-256 of a random value.

create table organisation (
    organisation_id integer generated always as identity primary key,
    code text not null unique,           -- 団体コード with its check digit; projects are its own by organisation_code
    name text not null,
    created_at timestamptz not null default now()
);

create table person (
    person_id integer generated always as identity primary key,
    login text not null unique,          -- as it is compared: NFKC, lower case
    name text not null,
    department text not null default '', -- 課; figures of use count by it
    password_hash text,                  -- null: no password yet, or one who signs in elsewhere
    password_set_at timestamptz,
    totp_key text,                       -- base32; null: no second factor
    totp_step bigint,                    -- the last step that was used: none is accepted twice
    issuer text,                         -- of an OpenID provider, with the subject there
    subject text,
    disabled_at timestamptz,
    created_at timestamptz not null default now(),
    unique (issuer, subject),
    check ((issuer is null) = (subject is null))
);

-- A role counts in an organisation (its own projects and those shared with it), in one project, in one network (of the
-- installer), or everywhere (all three null).
create table membership (
    membership_id integer generated always as identity primary key,
    person_id integer not null references person on delete cascade,
    role text not null check (role in ('viewer', 'reporter', 'operator', 'admin', 'installer')),
    organisation_id integer references organisation on delete cascade,
    project_id integer references project,
    network_id integer references network,
    source text not null default 'local' check (source in ('local', 'oidc')),  -- who gave it and may take it away
    check (num_nonnulls(organisation_id, project_id, network_id) <= 1),
    check ((role = 'installer') = (network_id is not null))
);

create unique index membership_once on membership
    (person_id, coalesce(organisation_id, 0), coalesce(project_id, 0), coalesce(network_id, 0), source);

-- Another organisation's part in a project: its people have there the lesser of this role and their own.
create table project_share (
    project_id integer not null references project,
    organisation_id integer not null references organisation on delete cascade,
    role text not null check (role in ('viewer', 'reporter', 'operator', 'admin')),
    primary key (project_id, organisation_id)
);

create table sign_in_link (
    digest bytea primary key,
    person_id integer not null references person on delete cascade,
    purpose text not null check (purpose in ('password', 'session')),  -- set a password, or sign in at once
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    used_at timestamptz
);

create table web_session (
    digest bytea primary key,
    person_id integer not null references person on delete cascade,
    csrf text not null,
    organisation_id integer references organisation on delete set null,  -- whose data is looked at; null: of all
    created_at timestamptz not null default now(),
    seen_at timestamptz not null default now(),
    browser text not null default ''
);

create index web_session_of on web_session (person_id);

create table api_token (
    token_id integer generated always as identity primary key,
    digest bytea not null unique,
    name text not null,
    person_id integer not null references person on delete cascade,  -- who made it; it never may more than they
    projects integer[],                  -- only these; null: all that its maker may see
    scopes text[] not null check (scopes <@ array['figures', 'readings', 'metrics'] and cardinality(scopes) > 0),
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    last_used_at timestamptz,
    revoked_at timestamptz
);

-- Who made a link could use it. So links that are not used yet end when their person gets a role in another organisation.
create function membership_ends_links() returns trigger language plpgsql as $$
begin
    if exists (
        select from (
            select coalesce(m.organisation_id, o.organisation_id) as owner
            from membership m
            left join network n on n.network_id = m.network_id
            left join project p on p.project_id = coalesce(m.project_id, n.project_id)
            left join organisation o on o.code = p.organisation_code
            where m.person_id = new.person_id
        ) held
        having count(distinct coalesce(held.owner, 0)) > 1
    ) then
        delete from sign_in_link l where l.person_id = new.person_id and l.used_at is null;
    end if;
    return null;
end
$$;

create trigger membership_ends_links after insert on membership
for each row execute function membership_ends_links();

-- Failed attempts to sign in, by account and by address, as leaky buckets: what is over drains with time.
create table sign_in_attempt (
    bucket text collate "C" primary key,  -- ingest/access/attempts.py has the kinds
    level double precision not null,
    at timestamptz not null
);

-- What is begun at an OpenID provider: kept until the browser comes back, used once.
create table oidc_request (
    state_digest bytea primary key,
    browser_digest bytea not null,       -- of a cookie: the answer counts in the browser that began
    nonce text not null,
    verifier text not null,              -- of PKCE
    goes_to text not null,
    expires_at timestamptz not null
);

create index oidc_request_expires on oidc_request (expires_at);

-- Roles of the database that see the projects of one organisation: the readers of Grafana.
create table access_reader (
    role_name name primary key,
    organisation_id integer not null references organisation on delete cascade
);
