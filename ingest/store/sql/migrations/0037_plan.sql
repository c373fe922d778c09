-- While the service runs: safe, these tables are new and an older service knows nothing of them.
-- The PDCA plan of a project: what is planned, what was done, what was frozen of it, and what was improved.
-- Rows are added and never changed where an auditor may ask for them; what no longer counts says so, with who and why.

-- Plan ------------------------------------------------------------------------------------------------------------

create table plan_version (
    plan_version_id bigint generated always as identity primary key,
    project_id integer not null references project,
    number integer not null,             -- 1, 2, 3, ... of the project
    entered_at timestamptz not null default now(),
    entered_by text not null,            -- as the audit log calls the actor
    reason text not null,                -- why it was changed; of the first one may be empty
    document jsonb not null,             -- PlanDocument of schemas/plan, whole
    digest bytea not null,               -- SHA-256 of its canonical text
    unique (project_id, number)
);

-- Do --------------------------------------------------------------------------------------------------------------

-- The work log (作業記録). What was entered wrongly is voided, and entered again.
create table work_entry (
    work_entry_id bigint generated always as identity primary key,
    project_id integer not null references project,
    kind text not null,                  -- schemas/work.py WorkKind
    starts timestamptz not null,
    minutes integer not null,            -- of each person
    people integer not null default 1,
    device_id integer references device,
    place text not null default '',
    note text not null default '',
    photo text not null default '',      -- a reference, no picture
    km_before double precision,
    km_after double precision,
    measure_id bigint,                   -- 改善措置 it belongs to
    entered_at timestamptz not null default now(),
    entered_by text not null,
    client_key uuid,                     -- of the browser or program that sent it: the same entry is stored once
    voided_at timestamptz,
    voided_by text,
    void_reason text,
    unique (project_id, client_key)
);
create index work_entry_project on work_entry (project_id, starts);

-- Programs enter work with a scope of its own.
alter table api_token drop constraint api_token_scopes_check,
    add check (scopes <@ array['figures', 'readings', 'metrics', 'work'] and cardinality(scopes) > 0);

-- 計画停止. Reduces what is expected from greatest(starts, entered_at) on; from `starts` if an operator signed for it.
create table planned_stop (
    planned_stop_id bigint generated always as identity primary key,
    project_id integer not null references project,
    network_id integer references network,   -- of these three at most one; none: the whole project
    gateway_id integer references gateway,
    device_id integer references device,
    starts timestamptz not null,
    ends timestamptz not null,
    reason text not null,
    entered_at timestamptz not null default now(),
    entered_by text not null,
    signed_at timestamptz,
    signed_by text,
    sign_reason text,
    client_key uuid,
    voided_at timestamptz,
    voided_by text,
    void_reason text,
    unique (project_id, client_key),
    check (ends > starts),
    check (num_nonnulls(network_id, gateway_id, device_id) <= 1)
);
create index planned_stop_project on planned_stop (project_id, starts);

-- What people observe (手入力の観測): 被害額, 収量, アンケート, ...
create table observation (
    observation_id bigint generated always as identity primary key,
    project_id integer not null references project,
    code text not null,                  -- a name of the plan: damage_yen
    first_day date not null,             -- the period it is about, both days included
    last_day date not null,
    value double precision not null,
    unit text not null,
    area text not null default '',
    source text not null,                -- where the value is from
    basis text not null default 'measured',  -- schemas/work.py Basis: 実績, 推計, 想定
    note text not null default '',
    entered_at timestamptz not null default now(),
    entered_by text not null,
    client_key uuid,
    voided_at timestamptz,
    voided_by text,
    void_reason text,
    unique (project_id, client_key),
    check (last_day >= first_day)
);
create index observation_project on observation (project_id, code, first_day);

-- Outages (停止), found by the service. One row is one outage of a device, a gateway or a network.
create table outage (
    outage_id bigint generated always as identity primary key,
    project_id integer not null references project,
    level text not null,                 -- device, gateway, network
    network_id integer references network,
    gateway_id integer references gateway,
    device_id integer references device,
    part_of bigint references outage deferrable,  -- the outage of the gateway or network that this one belongs to
    starts timestamptz not null,         -- of the last sign of life
    ends timestamptz,                    -- of the first sign of life after it; null: lasts
    found_at timestamptz not null default now(),
    proposed_cause text,                 -- schemas/work.py OutageCause
    proposed_ja text,                    -- the reason of the proposal
    proposed_en text,
    cause text,                          -- what a human decided
    cause_note text,
    cause_at timestamptz,
    cause_by text,
    withdrawn_at timestamptz,            -- late data showed that there was none
    devices integer not null default 1   -- devices that were silent in it
);
create index outage_project on outage (project_id, starts);
create index outage_open on outage (project_id) where ends is null and withdrawn_at is null;
create index outage_device on outage (device_id, starts) where withdrawn_at is null;
create index outage_part on outage (part_of) where part_of is not null;

-- What became of an outage after it was found, and why: late data, a human's cause.
create table outage_change (
    outage_change_id bigint generated always as identity primary key,
    outage_id bigint not null references outage,
    project_id integer not null references project,
    at timestamptz not null default now(),
    by text not null,
    what text not null,                  -- ended, shortened, lengthened, split, withdrawn, cause, grouped
    before jsonb,
    after jsonb,
    reason_ja text not null,
    reason_en text not null
);
create index outage_change_outage on outage_change (outage_id);

-- How far was looked, and where something changed behind that: the job that finds outages looks there again.
create table outage_state (
    one_row boolean primary key default true check (one_row),
    seen_until timestamptz not null default '-infinity',
    stops_seen timestamptz not null default '-infinity'  -- planned stops entered before it were compared
);
insert into outage_state default values;

create table outage_due (
    outage_due_id bigint generated always as identity primary key,
    device_id integer not null,
    starts timestamptz not null,
    ends timestamptz not null,
    why text not null                    -- data: something came late; registry: another season, interval, place
);

-- The sums take what was noted as late away when they have computed it again; by then it is settled.
create function outage_note_late() returns trigger language plpgsql as $$
begin
    insert into outage_due (device_id, starts, ends, why)
    select gone.device_id, min(gone.hour), max(gone.hour) + interval '1 hour', 'data'
    from gone, outage_state s where s.seen_until > '-infinity'
    group by gone.device_id;
    return null;
end
$$;
create trigger outage_note_late after delete on rollup_due referencing old table as gone
for each statement execute function outage_note_late();

create function outage_note_placed() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' or new.installed_on is distinct from old.installed_on then
        insert into outage_due (device_id, starts, ends, why)
        values (new.device_id, new.valid_from, 'infinity', 'registry');
    end if;
    return null;
end
$$;
create trigger outage_note_placed after insert or update on device_placement
for each row execute function outage_note_placed();

-- Check -----------------------------------------------------------------------------------------------------------

-- What was frozen (確定). Nothing of it is ever changed: late data makes the next revision.
create table plan_snapshot (
    plan_snapshot_id bigint generated always as identity primary key,
    project_id integer not null references project,
    kind text not null,                  -- month, quarter, year
    first_day date not null,             -- of the period
    until_day date not null,             -- the day after it
    revision integer not null,           -- 1, 2, ...
    frozen_at timestamptz not null,
    frozen_by text not null,
    plan_number integer,                 -- of plan_version; null: no plan was there
    software text not null,
    reason text not null,                -- of a revision: why
    body jsonb not null,                 -- figures, KPI rows with their evidence
    difference jsonb,                    -- to the revision before
    digest bytea not null,               -- SHA-256 of the canonical text of the body
    unique (project_id, kind, first_day, revision)
);

-- What people wrote about a KPI of a year, or about a period: the newest row counts, the older ones stay.
create table plan_review (
    plan_review_id bigint generated always as identity primary key,
    project_id integer not null references project,
    kind text not null,                  -- month, quarter, year
    first_day date not null,
    kpi text not null default '',        -- code; empty: about the whole
    factors text not null default '',    -- 要因分析
    issues text not null default '',     -- 課題
    improvement text not null default '',  -- 次年度の改善
    opinion text not null default '',    -- 外部有識者の意見
    direction text not null default '',  -- 今後の方針
    closed boolean not null default false,  -- the reviewer says that the review is done
    entered_at timestamptz not null default now(),
    entered_by text not null
);
create index plan_review_project on plan_review (project_id, kind, first_day, kpi);

-- Act -------------------------------------------------------------------------------------------------------------

-- 改善措置. What may change of it (state, due, owner) is in measure_event; the row has what holds now.
create table measure (
    measure_id bigint generated always as identity primary key,
    project_id integer not null references project,
    number integer not null,             -- 1, 2, 3, ... of the project
    fiscal_year integer not null,
    kind text not null,                  -- schemas/work.py MeasureKind: improvement, adviser visits
    title text not null,
    detail text not null default '',
    owner text not null,
    due date not null,
    kpis text[] not null default '{}',
    devices integer[] not null default '{}',
    networks integer[] not null default '{}',
    figure text not null default 'completeness',  -- whose change is its effect
    cost_yen bigint not null default 0,
    quota_used double precision not null default 0,  -- visits or hours of an adviser
    state text not null,                 -- schemas/work.py MeasureState
    done_on date,                        -- the day the effect is reckoned from
    window_days integer not null default 28,
    result text not null default '',
    carried_from bigint references measure deferrable,
    entered_at timestamptz not null default now(),
    entered_by text not null,
    unique (project_id, number)
);
create index measure_project on measure (project_id, fiscal_year);

create table measure_event (
    measure_event_id bigint generated always as identity primary key,
    measure_id bigint not null references measure,
    project_id integer not null references project,
    at timestamptz not null default now(),
    by text not null,
    before jsonb not null,
    after jsonb not null,
    note text not null default ''
);
create index measure_event_measure on measure_event (measure_id);

alter table work_entry add foreign key (measure_id) references measure;

-- A cycle of a year that was closed (年度の締め), with the draft of the next plan that came of it.
create table plan_cycle (
    project_id integer not null references project,
    fiscal_year integer not null,
    closed_at timestamptz not null default now(),
    closed_by text not null,
    note text not null default '',
    draft jsonb not null,                -- PlanDocument of the next year, as a proposal
    primary key (project_id, fiscal_year)
);

-- Rows that are evidence stay as they are, whoever asks.
create function plan_stays() returns trigger language plpgsql as $$
begin
    raise insufficient_privilege using message = format('%s is only added to', tg_table_name);
end
$$;

do $$
declare
    each text;
begin
    foreach each in array array[
        'plan_version', 'outage_change', 'plan_snapshot', 'plan_review', 'measure_event', 'plan_cycle'
    ] loop
        execute format('create trigger %I before update or delete on %I for each row execute function plan_stays()',
            each || '_stays', each);
        execute format(
            'create trigger %I before truncate on %I for each statement execute function plan_stays()',
            each || '_stays_whole', each);
    end loop;
end
$$;
