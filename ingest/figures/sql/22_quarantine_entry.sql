-- What is set aside, one by one.

create view figure_quarantine_entry as
select
    q.quarantine_id,
    p.code as project,
    d.code as device,
    d.name as device_name,
    q.received_at,
    q.reason,
    q.detail,
    q.part,
    q.part_name,
    q.topic,
    substring(coalesce(q.payload, whole.payload) for 500) as payload_head,
    octet_length(coalesce(q.payload, whole.payload)) as payload_bytes
from quarantine q
left join quarantine whole
    on q.part > 1 and whole.message_id = q.message_id and whole.time = q.time and whole.part = 1
left join project p on p.project_id = q.project_id
left join device d on d.device_id = q.device_id
where q.replayed_at is null;

comment on view figure_quarantine_entry is
'隔離中(未処理)の1件ごとの内容。part が 0 はメッセージ全体、1 以上は個々の測定値(part_name)。payload_head は元データの先頭500バイト。
What is set aside and not replayed, one by one. part 0: a whole message, 1 and more: single readings (part_name). payload_head: the first 500 bytes of the message.';
