-- While the service runs: safe, an index, a view and a table are new; an older service knows none of them.
-- Whether what was frozen is still what was frozen then: the audit log holds the digest of every freezing.

create index audit_entry_frozen on audit_entry (project, subject) where action = 'plan_frozen';

create view plan_freezing as
select p.project_id, e.subject, e.entry_id, e.at,
    substring(e.after from '"revision": (\d{1,9})\}$')::integer as revision,
    substring(e.after from '^\{"digest": "([0-9a-f]{64})"') as digest
from audit_entry e join project p on p.code = e.project
where e.action = 'plan_frozen';

comment on view plan_freezing is
'監査ログにある実績の確定。subject: 期間の種類と初日、revision: 版、digest: そのときの内容の SHA-256。
The freezings of periods that the audit log has. subject: kind and first day of the period; revision; digest: SHA-256 of what was frozen then.';

-- What the last walk along the chain of the audit log came to.
create table audit_verdict (
    one_row boolean primary key default true check (one_row),
    verified_at timestamptz not null,
    entries bigint not null,
    last_id bigint not null,             -- how far the log went then: its end cannot be cut off unseen
    last_hash bytea not null,
    faults integer not null,             -- 0: the chain is whole
    ja text not null,                    -- the first fault in words; of a whole chain empty
    en text not null
);

comment on table audit_verdict is
'監査ログの連鎖を最後に検証した結果。faults: 見つかった異常の数(0なら異常なし)、ja・en: 最初の異常。
What the last verification of the chain of the audit log came to. faults: how many were found, 0 if it is whole; ja, en: the first of them.';
