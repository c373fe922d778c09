-- What a device said that is not among its readings: other values for a time that had one, and keys nobody knows.

create function figure_conflict(project_code text, device_code text, at_most integer, skipped integer)
returns table (
    "time" timestamptz, quantity text, label_ja text, label_en text, unit text, unit_ja text, channel smallint,
    stored double precision, stored_quality smallint, counted double precision, other double precision,
    other_quality smallint, received_at timestamptz
)
language sql stable as $$
    select c.time, q.code, q.label_ja, q.label_en, q.unit, q.unit_ja, c.channel, r.value, r.quality, k.value, c.value,
        c.quality, c.received_at
    from (
        select f.*
        from reading_conflict f
        join device d using (device_id)
        join project p using (project_id)
        where p.code = project_code and d.code = device_code
        order by f.time desc, f.quantity_id, f.channel, f.received_at, f.value limit at_most offset skipped
    ) c
    join quantity q using (quantity_id)
    left join lateral (
        select s.value, s.quality from reading s
        where s.device_id = c.device_id and s.quantity_id = c.quantity_id and s.channel = c.channel and s.time = c.time
    ) r on true
    left join lateral (
        select s.value from reading_counted s
        where s.device_id = c.device_id and s.quantity_id = c.quantity_id and s.channel = c.channel and s.time = c.time
    ) k on true
    order by c.time desc, c.quantity_id, c.channel, c.received_at, c.value
$$;

comment on function figure_conflict is
'不一致: 同じ機器・測定項目・チャネル・時刻に届いた別の値、新しい時刻から。stored: 先に届いて保存した値。other: 後から届いた別の値。counted: 有効な値(訂正を反映、無効とされていれば値なし)。at_most 行、skipped 行を飛ばして。
Conflicts: other values that came for the same device, quantity, channel and time, the newest time first. stored: the value that came first and is stored. other: the one that came later. counted: what counts, by corrections; null if it is annulled.';

create view figure_conflict_count as
select p.code as project, d.code as device, c.rows
from device d
join project p using (project_id)
cross join lateral (select count(*) as rows from reading_conflict f where f.device_id = d.device_id) c;

comment on view figure_conflict_count is
'不一致の件数(機器ごと)。
How many conflicts are on record of a device.';

create function figure_unknown_key(project_code text, device_code text)
returns table (key text, messages bigint, last_at timestamptz)
language sql stable as $$
    select k.key, count(*), max(u.time)
    from (
        select l.time, l.link
        from uplink l
        join device d using (device_id)
        join project p using (project_id)
        where p.code = project_code and d.code = device_code
        order by l.time desc limit 500
    ) u
    cross join lateral jsonb_array_elements_text(
        case when jsonb_typeof(u.link -> 'unknown_keys') = 'array' then u.link -> 'unknown_keys' else '[]' end
    ) k (key)
    group by k.key
    order by 2 desc, 1
$$;

comment on function figure_unknown_key is
'最近500件のメッセージにあった、形式にない項目の名前と、その件数、最後の時刻。値は測定値として保存していない。
Keys that the format of the message does not know, in the last 500 messages of a device: how many had them, and when last. What stands there is not read.';

create view figure_profile_in_use as
select p.code as project, d.code as device, f.code as profile, coalesce(f.body ->> 'name', '') as profile_name,
    array(
        select i.name from jsonb_array_elements_text(
            case when jsonb_typeof(f.body -> 'ignore') = 'array' then f.body -> 'ignore' else '[]' end
        ) i (name) order by 1
    ) as ignored
from device d
join project p using (project_id)
left join lateral (
    select b.profile_id from device_binding b
    where b.device_id = d.device_id and b.quantity_id is null and b.profile_id is not null
      and coalesce(b.valid_from <= now(), true) and coalesce(b.valid_to > now(), true)
    order by b.valid_from desc nulls last limit 1
) bound on true
join profile f on f.profile_id = coalesce(bound.profile_id, d.profile_id);

comment on view figure_profile_in_use is
'機器に今適用されている読み替え(プロファイル)と、その ignore(保存しない項目)。
The profile that reads a device at this moment, and the fields it ignores.';
