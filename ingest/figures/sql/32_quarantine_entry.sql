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
    case when q.part_name is not null then left(q.part_value::text, 200) end as part_text,
    figure_quarantine_parts(q.part, q.part_name, q.part_value) as parts,
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
'隔離中(未処理)の1件ごとの内容。part が 0 はメッセージ全体、1 以上は個々の測定値(part_name、part_text は送られてきた値の先頭200字)。parts が 2 以上の行は、同じメッセージの残りの測定値をまとめたもの。payload_head は元データの先頭500バイト。
What is set aside and not replayed, one by one. part 0: a whole message, 1 and more: single readings (part_name; part_text: the value that was sent, 200 characters at most). parts: how many the row stands for; more than 1 are the others of a message with very many. payload_head: the first 500 bytes of the message.';
