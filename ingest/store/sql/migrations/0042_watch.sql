-- While the service runs: safe, an older service writes as before; what it stores meanwhile is seen when the watch begins.
-- Watch (監視): what was committed and is to be looked at, what was noticed, who was told, and who took it.

-- Which series the writers note, and a number that rises with every change of it. See ingest/watch/engine.
create table watch_selected (
    device_id integer not null references device,
    quantity_id smallint not null references quantity,
    primary key (device_id, quantity_id)
);
create table watch_selection (
    only_row boolean primary key default true check (only_row),
    version bigint not null default 0
);
insert into watch_selection default values;

-- What was committed and is not watched yet: a row of each batch, deleted in the transaction that keeps what came of it.
create table watch_note (
    note_id bigint generated always as identity primary key,
    noted_at timestamptz not null default clock_timestamp(),
    xact xid8 not null default pg_current_xact_id(),  -- who has a later snapshot has its readings too
    readings bytea,                      -- packed: ingest/store/batch/watched.py; null: a span to be looked at again
    exact boolean not null default false,  -- every reading in it is stored as it stands here
    late boolean not null default false,   -- nobody is called for it: it waits for what is of now
    device_id integer,                   -- of a span
    quantity_id smallint,                -- null: all of the device
    starts timestamptz,
    ends timestamptz,
    check ((readings is null) = (device_id is not null))
);
alter table watch_note alter column readings set storage external;
create index watch_note_live on watch_note (note_id) where not late;
create index watch_note_late on watch_note (note_id) where late;

-- The rules of a project (監視計画), version by version. The newest counts.
create table watch_document (
    watch_document_id bigint generated always as identity primary key,
    project_id integer not null references project,
    number integer not null,
    body jsonb not null,                 -- schemas/watch.py WatchDocument
    source text not null,                -- as it was written
    applied_at timestamptz not null default now(),
    applied_by text not null,
    reason text not null default '',
    unique (project_id, number)
);

-- A condition of one thing from its beginning to its end (事象). At most one of each subject is open.
create table watch_incident (
    incident_id bigint generated always as identity primary key,
    project_id integer not null references project,
    kind text not null,                  -- ingest/watch/model.py Kind
    hazard text,                         -- of stages
    subject text not null,               -- what it is about, as ingest/watch/model.py writes it
    device_id integer references device,
    gateway_id integer references gateway,
    network_id integer references network,
    opened_at timestamptz not null,      -- of the measurement, or when it was noticed
    closed_at timestamptz,
    rank integer not null,               -- now
    top_rank integer not null,
    live boolean not null,               -- it was noticed while it happened; false: it was found out later
    drill_id bigint,                     -- of a drill (訓練): nothing of it is real
    acknowledged_rank integer,           -- up to this rank somebody has taken it
    escalated integer not null default 0,  -- steps of the escalation that were taken
    escalate_at timestamptz,             -- when the next one is due, unless somebody takes it
    mark text check (mark in ('true', 'false')),  -- 空振り: whether it was right, as a person says
    marked_by text,
    marked_at timestamptz,
    mark_note text not null default ''
);
create unique index watch_incident_open on watch_incident (subject, coalesce(drill_id, 0)) where closed_at is null;
create index watch_incident_project on watch_incident (project_id, opened_at);
create index watch_incident_subject on watch_incident (subject, opened_at);
create index watch_incident_of_device on watch_incident (device_id) where closed_at is null;
create index watch_incident_of_gateway on watch_incident (gateway_id) where closed_at is null;
create index watch_incident_of_network on watch_incident (network_id) where closed_at is null;
create index watch_incident_escalation on watch_incident (escalate_at) where closed_at is null;

-- Each change of a condition (監視イベント). Never changed: one that late data proves wrong is withdrawn, with the reason.
create table watch_event (
    event_id bigint generated always as identity primary key,
    project_id integer not null references project,
    incident_id bigint references watch_incident,  -- null: late data amends what nobody was told of
    kind text not null,
    hazard text,
    subject text not null,
    rule text not null,                  -- code of the rule; empty: of the registry
    device_id integer references device,
    gateway_id integer references gateway,
    network_id integer references network,
    quantity_id smallint references quantity,
    channel smallint,
    measure text,                        -- what was compared: schemas/watch_measures.py Measure
    at timestamptz not null,             -- of the measurement
    before_rank integer not null,
    rank integer not null,               -- 0: below all, or well again
    name text not null default '',       -- of the stage
    name_en text not null default '',
    value double precision,
    threshold double precision,
    unit text not null default '',
    official boolean not null default false,
    ref_level smallint,                  -- 警戒レベルの目安: a hint
    origin text not null check (origin in ('live', 'late', 'drill')),
    details jsonb not null default '{}',
    committed_at timestamptz,            -- when the measurement was stored, of live ones
    recorded_at timestamptz not null default clock_timestamp(),
    withdrawn_at timestamptz,
    withdrawn_ja text,
    withdrawn_en text
);
create unique index watch_event_once on watch_event (subject, at, coalesce((details ->> 'drill')::bigint, 0))
    where withdrawn_at is null;
create index watch_event_project on watch_event (project_id, at);
create index watch_event_incident on watch_event (incident_id);

-- Messages to people and machines: the outbox. What is to be said is written before it is said, what came of it after.
create table watch_delivery (
    delivery_id bigint generated always as identity primary key,
    project_id integer not null references project,
    incident_id bigint references watch_incident,
    event_id bigint references watch_event,
    channel text not null,               -- code of the channel in the document, or 'mqtt'
    kind text not null,                  -- mail, webhook, slack, teams, line_works, web_push, mqtt
    target text not null,                -- address, URL, topic: to whom it went
    recipient text not null default '',  -- code of the person
    step integer not null default 0,     -- of the escalation
    purpose text not null default 'event' check (purpose in ('event', 'escalation', 'digest', 'drill', 'test')),
    effect text not null default 'rise' check (effect in ('rise', 'fall', 'late')),  -- what of the event is said
    idempotency_key uuid not null unique,
    digest_id bigint references watch_delivery,  -- it was said in this one instead
    queued_at timestamptz not null default clock_timestamp(),
    due_at timestamptz not null default clock_timestamp(),
    tries integer not null default 0,
    sending_since timestamptz,
    delivered_at timestamptz,
    resent boolean not null default false,  -- it may have arrived before: its receiver knows it by the key
    doubt_at timestamptz,                -- it was on its way when the answer was lost
    given_up_at timestamptz,
    withheld text not null default '',   -- why nobody was told: ingest/watch/delivery/model.py Withheld
    link_digest bytea,                   -- SHA-256 of the token of its link
    answer text not null default '',     -- what the receiver said last
    failed_ja text,
    failed_en text
);
create index watch_delivery_open on watch_delivery (due_at)
    where delivered_at is null and given_up_at is null and doubt_at is null and digest_id is null and withheld = '';
create index watch_delivery_lost on watch_delivery (coalesce(given_up_at, doubt_at))
    where coalesce(given_up_at, doubt_at) is not null;
create index watch_delivery_incident on watch_delivery (incident_id);
create index watch_delivery_digest on watch_delivery (digest_id) where digest_id is not null;
create index watch_delivery_project on watch_delivery (project_id, queued_at);
create index watch_delivery_said on watch_delivery (project_id, queued_at) where digest_id is null and withheld = '';
create index watch_delivery_link on watch_delivery (link_digest) where link_digest is not null;

-- Who took an incident (確認), and what people noted about it (市の対応). Only added to.
create table watch_action (
    watch_action_id bigint generated always as identity primary key,
    project_id integer not null references project,
    incident_id bigint references watch_incident,  -- null: of a missed one
    action text not null check (action in ('acknowledge', 'note', 'mark', 'missed', 'not_missed')),
    at timestamptz not null,             -- of what was done; of a missed one: when it was
    recorded_at timestamptz not null default clock_timestamp(),
    by text not null,
    way text not null check (way in ('page', 'api', 'mqtt', 'link', 'cli')),
    rank integer,                        -- of an acknowledgement: up to here
    mark text check (mark in ('true', 'false')),
    device_id integer references device, -- of a missed one: where, if a station stood there
    place text not null default '',      -- of a missed one: where
    about bigint references watch_action, -- of not_missed: the missed one that was entered by mistake
    note text not null default '',
    client_key uuid,                     -- of the browser or program that sent it; the same is stored once
    check ((action in ('missed', 'not_missed')) = (incident_id is null)),
    check ((action = 'not_missed') = (about is not null))
);
create unique index watch_action_key on watch_action (project_id, client_key);
create unique index watch_action_about on watch_action (about);
create index watch_action_incident on watch_action (incident_id);
create index watch_action_project on watch_action (project_id, at);

-- While somebody works on a thing nobody is told of it (保守). What was noticed is recorded all the same.
create table watch_maintenance (
    watch_maintenance_id bigint generated always as identity primary key,
    project_id integer not null references project,
    device_id integer references device,     -- all three null: the whole project
    gateway_id integer references gateway,
    network_id integer references network,
    starts timestamptz not null,
    ends timestamptz not null check (ends >= starts),  -- the same: it was called off before it began
    reason text not null,
    entered_by text not null,
    entered_at timestamptz not null default now(),
    ended_by text,                           -- before it ran out; ends is when
    client_key uuid,
    check (num_nonnulls(device_id, gateway_id, network_id) <= 1)
);
create unique index watch_maintenance_key on watch_maintenance (project_id, client_key);
create index watch_maintenance_project on watch_maintenance (project_id, ends);

-- Who is on duty beside the rota of the document (当番の交代). The newest row that holds counts.
create table watch_duty (
    watch_duty_id bigint generated always as identity primary key,
    project_id integer not null references project,
    person text not null,                -- code of the person in the document
    starts timestamptz not null,
    ends timestamptz not null check (ends > starts),
    entered_by text not null,
    entered_at timestamptz not null default now(),
    voided_by text,
    client_key uuid
);
create unique index watch_duty_key on watch_duty (project_id, client_key);
create index watch_duty_project on watch_duty (project_id, ends);

-- A drill (訓練): what is injected into it goes the whole way, and nothing of it is real.
create table watch_drill (
    drill_id bigint generated always as identity primary key,
    project_id integer not null references project,
    title text not null,
    starts timestamptz not null,
    ends timestamptz not null,           -- it ends by itself
    begun_by text not null,
    begun_at timestamptz not null default now(),
    ended_at timestamptz,
    ended_by text                        -- empty: by itself
);
create unique index watch_drill_open on watch_drill (project_id) where ended_at is null;

-- The phones of those on duty (Web Push). Off until somebody turns it on.
create table watch_push (
    watch_push_id bigint generated always as identity primary key,
    person_id integer not null references person,
    project_id integer not null references project,
    endpoint text not null unique,
    p256dh text not null,
    auth text not null,
    label text not null default '',
    subscribed_at timestamptz not null default now(),
    ended_at timestamptz,
    ended_why text
);

-- What the quality watch says of readings (品質の確認): never deletes, only adds a flag with the name of its test.
create table watch_flag (
    device_id integer not null references device,
    quantity_id smallint not null references quantity,
    channel smallint not null,
    test text not null,                  -- ingest/watch/quality: stuck, spike, drift, rate, range
    starts timestamptz not null,
    ends timestamptz not null,           -- the last reading it is about
    readings integer not null,
    grade smallint not null,             -- QARTOD: 3 suspect, 4 fail
    detail jsonb not null default '{}',
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (device_id, quantity_id, channel, test, starts)
);
create index watch_flag_time on watch_flag (ends);
create index watch_flag_failed on watch_flag (device_id, quantity_id, channel, starts) where grade = 4;

-- Transmitting time of a transmitter by month (送信時間の台帳): its worst sliding hour.
create table watch_airtime (
    transmitter text not null,           -- d:12 or g:3
    project_id integer not null references project,
    device_id integer references device,
    gateway_id integer references gateway,
    month date not null,
    regime text,
    worst_s double precision not null,   -- within any 60 minutes
    worst_at timestamptz not null,
    limit_s double precision,
    estimated boolean not null,
    longest_ms double precision,
    updated_at timestamptz not null default clock_timestamp(),
    primary key (transmitter, month)
);
create index watch_airtime_project on watch_airtime (project_id, month);

-- How far each watcher is that looks at the clock, not at notes (silence, quality, airtime).
create table watch_progress (
    name text primary key,
    done_until timestamptz not null,
    details jsonb not null default '{}',
    updated_at timestamptz not null default clock_timestamp()
);

-- What changed in hours that were summed up before (late, corrected, let go): whoever looks at the clock looks there
-- again. By day in Japan. Nothing is noted for a watcher that has not been there for a week.
create table watch_touched (
    touched_id bigint generated always as identity primary key,
    watcher text not null,               -- name of watch_progress
    device_id integer not null,
    starts timestamptz not null,
    ends timestamptz not null
);

-- The sums take what was noted as late away when they have computed it again; by then it is settled.
create function watch_note_touched() returns trigger language plpgsql as $$
begin
    insert into watch_touched (watcher, device_id, starts, ends)
    select p.name, gone.device_id, min(gone.hour), max(gone.hour) + interval '1 hour'
    from gone, watch_progress p
    where p.name in ('quality', 'airtime') and p.updated_at > now() - interval '7 days'
    group by p.name, gone.device_id, (gone.hour at time zone 'Asia/Tokyo')::date;
    return null;
end
$$;
create trigger watch_note_touched after delete on rollup_due referencing old table as gone
for each statement execute function watch_note_touched();

-- When the watch ran: a row of each process that held the lock, alive until it last said so.
create table watch_run (
    begun_at timestamptz primary key,
    alive_until timestamptz not null
);

-- What counts has changed: it is looked at again, whoever changed it.
create function watch_note_correction() returns trigger
language plpgsql security definer as $$
begin
    insert into watch_note (device_id, quantity_id, starts, ends, late)
    values (new.device_id, new.quantity_id, new.starts, new.ends, true);
    return null;
end
$$;
create trigger watch_note_correction after insert or update on correction
    for each row execute function watch_note_correction();

-- Programs read the watch and acknowledge incidents with a scope of their own; a wall display has another.
alter table api_token drop constraint api_token_scopes_check,
    add check (
        scopes <@ array['figures', 'readings', 'metrics', 'work', 'reports', 'submissions', 'watch', 'wall']
        and cardinality(scopes) > 0
    );
