-- How much of a message a row of the quarantine stands for.

create function figure_quarantine_parts(part smallint, part_name text, part_value jsonb) returns integer
language sql immutable as $$
    select case when part > 0 and part_name is null then coalesce((part_value ->> 'more')::integer, 1) else 1 end
$$;

comment on function figure_quarantine_parts is
'隔離の1行が表す件数。1件のメッセージで隔離された測定値が多いときは、65件目からを理由ごとに1行にまとめ、その件数を part_value の more に書く。それ以外の行は1。
How many parts a row of the quarantine stands for. Of a message with very many refused readings the first 64 have a row each; the others share one row for each reason, without a name, whose part_value says {"more": how many}. Any other row stands for 1.';

-- A view, so that who may read figures need not be allowed to read what is set aside.
create view figure_quarantine_count as
select q.device_id, q.time, figure_quarantine_parts(q.part, q.part_name, q.part_value) as parts
from quarantine q
where q.replayed_at is null;

comment on view figure_quarantine_count is
'隔離中(未処理)の件数のもと。機器と時刻ごとに、その行が表す件数(parts)。中身は含まない。
What is set aside and not replayed, to be counted: device, time, and how many parts each row stands for; nothing of what they say.';
