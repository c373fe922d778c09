-- What is set aside and waits for somebody.

create view figure_quarantine_open as
select
    p.code as project,
    p.name as project_name,
    q.reason,
    sum(figure_quarantine_parts(q.part, q.part_name, q.part_value)) as parts,
    count(*) filter (where q.part = 0) as messages,
    coalesce(sum(figure_quarantine_parts(q.part, q.part_name, q.part_value)) filter (where q.part > 0), 0) as readings,
    coalesce(sum(figure_quarantine_parts(q.part, q.part_name, q.part_value))
        filter (where q.received_at > now() - interval '24 hours'), 0) as parts_24h,
    min(q.received_at) as oldest_at,
    max(q.received_at) as newest_at
from quarantine q left join project p using (project_id)
where q.replayed_at is null
group by p.code, p.name, q.reason;

comment on view figure_quarantine_open is
'隔離中(未処理)の件数。理由別・事業別。parts = messages(メッセージ全体)+ readings(保存されたメッセージのうち個々の測定値)。parts_24h は直近24時間に受信したもの。
What is set aside and not replayed, by project and reason. parts = messages (whole ones) + readings (single ones of a stored message). parts_24h: received within the last 24 hours. Times are times of receipt.';
