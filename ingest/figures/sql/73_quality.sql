-- What the tests of quality say of readings (品質の確認): flags with the name of their test, and what came of them.

create function figure_quality(
    projects text[], devices text[], from_ timestamptz, to_ timestamptz
)
returns table (
    project text, device text, device_name text, quantity text, label_ja text, label_en text, channel smallint, test text,
    grade smallint, flags bigint, readings bigint, first_at timestamptz, last_at timestamptz, amount double precision,
    value double precision
)
language sql stable as $$
    select p.code, d.code, d.name, q.code, q.label_ja, q.label_en, f.channel, f.test, f.grade, count(*),
        sum(f.readings)::bigint, min(f.starts), max(f.ends),
        (array_agg((f.detail ->> 'amount')::double precision order by f.starts desc))[1],
        (array_agg((f.detail ->> 'value')::double precision order by f.starts desc))[1]
    from project p
    join device d using (project_id)
    join watch_flag f using (device_id)
    join quantity q using (quantity_id)
    where p.code = any(projects) and (devices is null or d.code = any(devices))
      and f.starts < to_ and f.ends >= from_
    group by p.code, d.code, d.name, q.code, q.label_ja, q.label_en, f.channel, f.test, f.grade
$$;

comment on function figure_quality is
'品質の確認(watch_flag)の結果: 期間 [from_, to_) にかかる印を、機器・測定項目・チャネル・確認(test)・程度(grade)ごとに。devices が NULL ならすべての機器。
test: stuck(値の固着)、spike(突発値)、rate(急変)、range(季節の範囲外)、drift(近隣とのずれ)。grade: 3 は疑わしい、4 は誤り。誤りとされた測定は、基準水位の判定(figure_sound)と有効率に入らない。保存した値は消さない。flags: 印の数(日本時間の0時で分かれる)。readings: 印のついた測定の数(同じ測定に2つの確認の印がつくことがある)。amount, value: 最後の印の、限度と比べた大きさと値。
What the tests of quality say (watch_flag): the flags that touch [from_, to_), by device, quantity, channel, test and grade; devices null: all. grade 3: suspect; 4: fail, and such a reading reaches no stage (figure_sound) and makes no slot valid. Nothing stored is deleted. flags: cut at midnight in Japan. readings: with a flag; one reading may have those of two tests. amount, value: of the last flag: what the limit was compared with, and the value.';

-- Flags are cut at midnight, so those of a reading began within a day before it.
create view figure_graded as
select r.time, r.value, r.device_id, r.quantity_id, r.channel, r.quality, g.grade, g.tests
from reading r
cross join lateral (
    select max(f.grade) as grade, string_agg(distinct f.test, ' ' order by f.test) as tests
    from watch_flag f
    where f.device_id = r.device_id and f.quantity_id = r.quantity_id and f.channel = r.channel
      and f.test = any(array['stuck', 'spike', 'rate', 'range', 'drift'])  -- so that the key leads to a day of flags
      and f.starts > r.time - interval '1 day' and f.starts <= r.time and f.ends >= r.time
) g;

comment on view figure_graded is
'測定されたままの値(reading)と、品質の確認(watch_flag)の結果。grade: 最も重い程度(3 疑わしい、4 誤り)、印がなければ空。tests: 印をつけた確認の名前、空白区切り。
Readings as they were measured, with what the tests of quality say (watch_flag). grade: the gravest (3 suspect, 4 fail), null without a flag. tests: names of the tests that flagged it, separated by spaces.';

-- The same is said twice. A function would need a right on watch_flag of everybody who reads the view, and a view of
-- both kinds of readings is sorted before it ends: ten times as slow where the newest hundred are asked for.
create view figure_graded_counted as
select r.time, r.value, r.device_id, r.quantity_id, r.channel, r.quality, g.grade, g.tests
from reading_counted r
cross join lateral (
    select max(f.grade) as grade, string_agg(distinct f.test, ' ' order by f.test) as tests
    from watch_flag f
    where f.device_id = r.device_id and f.quantity_id = r.quantity_id and f.channel = r.channel
      and f.test = any(array['stuck', 'spike', 'rate', 'range', 'drift'])  -- so that the key leads to a day of flags
      and f.starts > r.time - interval '1 day' and f.starts <= r.time and f.ends >= r.time
) g;

comment on view figure_graded_counted is
'有効な測定値(reading_counted)と、品質の確認の結果。列は figure_graded と同じ。
What counts (reading_counted), with what the tests of quality say. Columns as in figure_graded.';
