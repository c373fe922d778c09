-- The account of messages and readings, from the tally that is written in the transaction of each batch.

create view figure_identity_hourly as
select
    t.hour,
    p.code as project,
    p.name as project_name,
    sum(t.stored + t.duplicate + t.quarantined)::bigint as received,
    sum(t.stored)::bigint as stored,
    sum(t.duplicate)::bigint as duplicate,
    sum(t.quarantined)::bigint as quarantined,
    sum(t.readings_offered)::bigint as readings_offered,
    sum(t.readings_stored)::bigint as readings_stored,
    sum(t.readings_duplicate)::bigint as readings_duplicate,
    sum(t.readings_conflict)::bigint as readings_conflict,
    sum(t.readings_quarantined)::bigint as readings_quarantined,
    sum(
        t.readings_offered - t.readings_stored - t.readings_duplicate - t.readings_conflict - t.readings_quarantined
    )::bigint as readings_unexplained,
    sum(t.payload_bytes)::bigint as payload_bytes
from tally t left join project p using (project_id)
group by t.hour, p.code, p.name;

comment on view figure_identity_hourly is
'受信の収支(1時間ごと、受信時刻による)。メッセージ: 受信 = 保存 + 重複 + 隔離。測定値: 提示 = 保存 + 重複 + 不一致 + 隔離。readings_unexplained は 0 でなければならない。project が空の行は事業を特定できなかったもの。
The identity by hour of receipt. Messages: received = stored + duplicate + quarantined. Readings: offered = stored + duplicate + conflict + quarantined; readings_unexplained is what is left over and must be 0. project is null where no project could be told.';

create view figure_identity_monthly as
select
    date_trunc('month', hour at time zone 'Asia/Tokyo')::date as month,
    project,
    project_name,
    sum(received)::bigint as received,
    sum(stored)::bigint as stored,
    sum(duplicate)::bigint as duplicate,
    sum(quarantined)::bigint as quarantined,
    sum(readings_offered)::bigint as readings_offered,
    sum(readings_stored)::bigint as readings_stored,
    sum(readings_duplicate)::bigint as readings_duplicate,
    sum(readings_conflict)::bigint as readings_conflict,
    sum(readings_quarantined)::bigint as readings_quarantined,
    sum(readings_unexplained)::bigint as readings_unexplained,
    sum(payload_bytes)::bigint as payload_bytes
from figure_identity_hourly
group by 1, project, project_name;

comment on view figure_identity_monthly is
'受信の収支(月ごと、日本時間の暦月、受信時刻による)。
The identity by calendar month in Japan (Asia/Tokyo), by time of receipt. month: the first day of the month.';

create view figure_identity as
select
    project,
    project_name,
    sum(received)::bigint as received,
    sum(stored)::bigint as stored,
    sum(duplicate)::bigint as duplicate,
    sum(quarantined)::bigint as quarantined,
    sum(readings_offered)::bigint as readings_offered,
    sum(readings_stored)::bigint as readings_stored,
    sum(readings_duplicate)::bigint as readings_duplicate,
    sum(readings_conflict)::bigint as readings_conflict,
    sum(readings_quarantined)::bigint as readings_quarantined,
    sum(readings_unexplained)::bigint as readings_unexplained,
    sum(payload_bytes)::bigint as payload_bytes
from figure_identity_hourly
group by project, project_name;

comment on view figure_identity is
'受信の収支(開始から現在まで)。
The identity since the beginning, by project.';
