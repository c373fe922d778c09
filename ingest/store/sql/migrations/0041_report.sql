-- While the service runs: safe, these tables are new and an older service knows nothing of them.
-- Reports: what was ordered, what was made, what was frozen for submission (提出版), and what people wrote into them.

-- What is asked for on the page, by API or by a schedule: a job makes it, never the request.
create table report_order (
    report_order_id bigint generated always as identity primary key,
    project_id integer not null references project,
    kind text not null,                  -- schemas/report_document.py ReportKind; 'set': the whole set of a year
    first_day date not null,             -- of the period
    last_day date not null,
    forms text[] not null,               -- of ingest/report/form/forms.py ReportForm
    options jsonb not null default '{}', -- how they are written: ingest/report/form/options.py
    purpose text not null default 'make' check (purpose in ('make', 'freeze', 'compare')),
    of_report bigint,                    -- the report that is to be frozen, or held against what would be computed now
    reason text not null default '',     -- of a revision that is to be frozen: why
    ordered_at timestamptz not null default now(),
    ordered_by text not null,
    client_key uuid,                     -- the same order is taken once
    tries integer not null default 0,    -- times that a process began to make it
    started_at timestamptz,
    ended_at timestamptz,
    done integer not null default 0,     -- steps done, of
    steps integer not null default 0,
    doing text not null default '',      -- what is being made, for people
    report_id bigint,                    -- what came of it
    failed_ja text,                      -- why nothing came of it
    failed_en text,
    cancelled_by text,                   -- who called it off
    unique (project_id, client_key),
    check ((purpose = 'make') = (of_report is null))
);
create index report_order_open on report_order (ordered_at) where ended_at is null;
create index report_order_project on report_order (project_id, ordered_at);

-- A report. A draft may be made again and thrown away; a frozen one stays as it is for ever.
create table report (
    report_id bigint generated always as identity primary key,
    project_id integer not null references project,
    kind text not null,
    first_day date not null,
    last_day date not null,
    state text not null check (state in ('draft', 'checked', 'frozen')),
    number text,                         -- of the submission: PROJECT-2026-yearly; its revisions share it
    revision integer,
    of_report bigint references report deferrable,  -- the revision before
    reason text not null default '',     -- of a revision: why
    document jsonb not null,             -- ReportDocument, whole
    digest bytea not null,               -- SHA-256 of its canonical text
    difference jsonb,                    -- to the revision before, cell by cell
    plan_number integer,
    software text not null,
    made_at timestamptz not null,
    made_by text not null,
    checked_at timestamptz,
    checked_by text,
    frozen_at timestamptz,
    frozen_by text,
    key_id text,                         -- of signing_key
    sealed jsonb,                        -- of a frozen one: the SHA-256 of each of its files, by form
    options jsonb not null default '{}', -- how its files are written, which freezing it keeps
    check ((state = 'draft') = (checked_at is null)),
    check ((state = 'frozen') = (number is not null)),
    check (num_nonnulls(number, revision, frozen_at, frozen_by, key_id, sealed) in (0, 6)),
    unique (project_id, number, revision)
);
create index report_project on report (project_id, kind, first_day);

-- The files of a report as bytes: what was handed in can be handed out again, bit for bit.
create table report_file (
    report_id bigint not null references report on delete cascade,
    project_id integer not null references project,
    form text not null,                  -- xlsx, pdf, csv, csv_cp932, json, zip, difference
    name text not null,
    content bytea not null,
    sha256 bytea not null,
    signature bytea,                     -- the text beside the file: its statement, signed; null while it is a draft
    primary key (report_id, form)
);
create index report_file_sha256 on report_file (sha256);

-- What people wrote into a report (要因分析, 課題, 方針, 委員の意見): the newest row of a key counts, the older ones stay.
create table report_text (
    report_text_id bigint generated always as identity primary key,
    project_id integer not null references project,
    kind text not null,
    first_day date not null,
    key text not null,                   -- of the WrittenCell
    text text not null,
    author text not null,
    written_at timestamptz not null default now(),
    entered_by text not null,
    source text not null default ''      -- the file it came back in, or empty for the page
);
create index report_text_project on report_text (project_id, kind, first_day, key);

-- The keys that sign frozen reports. The private part stands on the disk of the service, never here.
create table signing_key (
    key_id text primary key,             -- the first 16 hexadecimal digits of the SHA-256 of the public key
    public_key bytea not null,
    own boolean not null default false,  -- made here; false: it came with the hand-over of a project
    made_at timestamptz not null default now(),
    retired_at timestamptz               -- signs nothing any more; what it signed before stays valid
);
create unique index signing_key_in_use on signing_key (own) where own and retired_at is null;

-- Whether what was frozen is still what would be computed, as it was last looked at.
create table report_comparison (
    report_id bigint primary key references report on delete cascade,
    project_id integer not null references project,
    compared_at timestamptz not null,
    changes integer,                     -- values that differ; null: it could not be computed
    first_changes jsonb not null default '[]',  -- the first hundred of them
    failed_ja text,
    failed_en text
);

-- Reports and reminders by e-mail go to people where they have an address.
alter table person
    add column email text not null default '' check (email ~ '^[!-~]{0,254}$');

-- Who gets which report by e-mail, and when; and who is reminded of what is due.
create table report_schedule (
    report_schedule_id bigint generated always as identity primary key,
    project_id integer not null references project,
    purpose text not null default 'report' check (purpose in ('report', 'reminder')),
    kind text not null default '',       -- schemas/report_document.py ReportKind; a reminder is of every duty
    forms text[] not null default '{}',
    about text not null default '',      -- schemas/report_calendar.py About: of which period, seen from the day
    day integer check (day between 1 and 28),
    month integer check (month between 1 and 12),  -- null: every month
    role text not null default '',       -- everybody with this role in the project or in its organisation
    addresses text[] not null default '{}' check (cardinality(addresses) <= 20),
    active_since timestamptz not null default now(),  -- what fell due before is not sent
    paused_at timestamptz,
    entered_at timestamptz not null default now(),
    entered_by text not null,
    check ((purpose = 'report') = (day is not null and kind <> '' and about <> '' and cardinality(forms) > 0)),
    check (role <> '' or cardinality(addresses) > 0)
);

-- One row is one e-mail to one address. `sending_since` is written before it is sent, the outcome after: a row with
-- neither outcome nor sender is in doubt, and is not sent again by itself.
create table report_delivery (
    report_delivery_id bigint generated always as identity primary key,
    project_id integer not null references project,
    report_schedule_id bigint references report_schedule on delete set null,
    report_id bigint references report on delete set null,
    purpose text not null default 'report' check (purpose in ('report', 'reminder', 'test')),
    kind text not null default '',       -- of the report; of a reminder the code of the duty
    first_day date not null,             -- of the period; of a reminder the day on which the duty begins
    last_day date not null,
    address text not null,
    message_id text not null unique,
    queued_at timestamptz not null default now(),
    tries integer not null default 0,
    next_try_at timestamptz not null default now(),
    sending_since timestamptz,
    sent_at timestamptz,
    doubt_at timestamptz,                -- nobody knows whether the server took it
    given_up_at timestamptz,
    failed_ja text,                      -- what went wrong last
    failed_en text,
    settled_at timestamptz,              -- somebody saw that it failed, or was in doubt, and saw to it
    settled_by text,
    unique (report_schedule_id, kind, first_day, address),
    check (num_nonnulls(sent_at, doubt_at, given_up_at) <= 1),
    check (sending_since is null or num_nonnulls(sent_at, doubt_at, given_up_at) = 0)
);
create index report_delivery_open on report_delivery (next_try_at)
where sent_at is null and doubt_at is null and given_up_at is null;
create index report_delivery_project on report_delivery (project_id, report_delivery_id);
create index report_delivery_unsettled on report_delivery (project_id)
where settled_at is null and coalesce(given_up_at, doubt_at) is not null;

-- Rows that are evidence stay as they are, whoever asks. A draft may go; what is frozen may not.
create function report_stays() returns trigger language plpgsql as $$
begin
    if tg_op <> 'TRUNCATE' and old.state <> 'frozen' then
        if tg_op = 'UPDATE' and new.state = 'frozen' and new.sealed is distinct from (
            select jsonb_object_agg(f.form, encode(sha256(f.content), 'hex')) from report_file f
            where f.report_id = new.report_id
        ) then
            raise insufficient_privilege using message = 'a report is frozen with the files that it has';
        end if;
        return case tg_op when 'DELETE' then old else new end;
    end if;
    raise insufficient_privilege using message = 'a frozen report stays as it is';
end
$$;
create trigger report_stays before update or delete on report for each row execute function report_stays();
create trigger report_stays_whole before truncate on report for each statement execute function report_stays();

create function report_file_stays() returns trigger language plpgsql as $$
begin
    if tg_op <> 'TRUNCATE' and not exists (select from report r where r.report_id = old.report_id and r.state = 'frozen') then
        return case tg_op when 'DELETE' then old else new end;
    end if;
    raise insufficient_privilege using message = 'the files of a frozen report stay as they are';
end
$$;

-- A frozen report gets no file that it was not frozen with, and no file moves to one; a hand-over brings in the same ones.
create function report_file_belongs() returns trigger language plpgsql as $$
declare
    wanted constant jsonb = (select r.sealed from report r where r.report_id = new.report_id);
begin
    if wanted is not null
        and (wanted ->> new.form is distinct from encode(sha256(new.content), 'hex')
            or new.sha256 is distinct from sha256(new.content))
    then
        raise insufficient_privilege using message = 'a frozen report has the files it was frozen with';
    end if;
    return new;
end
$$;
create trigger report_file_belongs before insert or update on report_file
for each row execute function report_file_belongs();
create trigger report_file_stays before update or delete on report_file for each row execute function report_file_stays();
create trigger report_file_stays_whole before truncate on report_file
for each statement execute function report_file_stays();

-- A public key is kept for as long as anybody has a file that was signed by it: only its retirement is noted, once.
create function signing_key_stays() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and old.retired_at is null
        and (old.key_id, old.public_key, old.own, old.made_at) = (new.key_id, new.public_key, new.own, new.made_at)
    then
        return new;
    end if;
    raise insufficient_privilege using message = 'signing keys are only added to and retired';
end
$$;
create trigger signing_key_stays before update or delete on signing_key
for each row execute function signing_key_stays();
create trigger signing_key_stays_whole before truncate on signing_key
for each statement execute function signing_key_stays();

-- What anybody who has a file may know about it: only what the file itself says, and which revision is the newest. Runs
-- with the rights of the owner, because whoever asks may belong to no organisation here.
create function report_of_file(content_sha256 bytea) returns table (
    form text, name text, number text, revision integer, kind text, title text, period text, project_code text,
    project_name text, organisation_name text, frozen_at timestamptz, key_id text, newest_revision integer,
    newest_frozen_at timestamptz, own_key boolean, public_key bytea, signature bytea
) language sql stable security definer as $$
    select f.form, f.name, r.number, r.revision, r.kind, r.document ->> 'title', r.document -> 'period' ->> 'label',
        r.document -> 'project' ->> 'code', r.document -> 'project' ->> 'name',
        r.document -> 'project' ->> 'organisation_name', r.frozen_at, r.key_id, newest.revision, newest.frozen_at,
        coalesce(k.own, false), k.public_key, f.signature
    from report_file f
    join report r using (report_id)
    left join signing_key k using (key_id)
    cross join lateral (
        select n.revision, n.frozen_at from report n
        where n.project_id = r.project_id and n.number = r.number
        order by n.revision desc limit 1
    ) newest
    where f.sha256 = content_sha256 and r.state = 'frozen'
    order by r.frozen_at desc
    limit 5
$$;
do $$
begin
    execute format('alter function report_of_file(bytea) set search_path = pg_catalog, %I, pg_temp', current_schema());
end
$$;

do $$
begin
    execute 'create trigger report_text_stays before update or delete on report_text for each row execute function plan_stays()';
    execute 'create trigger report_text_stays_whole before truncate on report_text '
        || 'for each statement execute function plan_stays()';
end
$$;

-- What the ledger of acquired assets needs (取得財産等管理台帳). One row is one line of the ledger: a device, a gateway, or
-- something without a reading of its own.
create table asset (
    asset_id bigint generated always as identity primary key,
    project_id integer not null references project,
    code text not null,                  -- 資産番号
    name text not null,                  -- 品名
    device_id integer references device,
    gateway_id integer references gateway,
    model text,
    serial text,
    quantity integer not null default 1 check (quantity > 0),
    unit_price_yen bigint,               -- 単価(税抜)
    subsidised_yen bigint,               -- 補助対象経費
    subsidy_yen bigint,                  -- 補助金額
    acquired_on date,
    service_life_years integer,          -- 耐用年数
    disposal_until date,                 -- 処分制限期限, as the authority said; null: acquired_on + service life
    place text,                          -- 所在地
    technical_conformity text,           -- 技適番号
    jc_star text,
    support_until date,                  -- サポート期限 of the maker
    label_attached_on date,              -- 補助事業名のラベル
    photo text,                          -- a reference, no picture
    verification_number text,            -- 検定番号
    verification_until date,             -- 検定の有効期限
    jma_notified_on date,                -- 気象庁への届出日
    state text not null default 'in_use',  -- schemas/asset.py AssetState
    disposed_on date,                    -- 処分・亡失の日
    note text,
    unique (project_id, code),
    check (num_nonnulls(device_id, gateway_id) <= 1)
);
-- A device that was replaced has a line that is gone, and the one that counts.
create unique index asset_device on asset (device_id, project_id) where disposed_on is null;
create unique index asset_gateway on asset (gateway_id, project_id) where disposed_on is null;

alter table device
    add column airtime_regime text,      -- 区分 A to E of the rules for 920 MHz; null: not said
    add column site_class text,          -- 設置環境: open, forest, valley, urban, ...
    add column published boolean not null default false;  -- its readings may be published
alter table gateway
    add column airtime_regime text;

-- Programs order and read reports with a scope of their own, and freeze them with another.
alter table api_token drop constraint api_token_scopes_check,
    add check (scopes <@ array['figures', 'readings', 'metrics', 'work', 'reports', 'submissions'] and cardinality(scopes) > 0);
