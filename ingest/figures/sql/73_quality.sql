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
