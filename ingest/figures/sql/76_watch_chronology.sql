-- The chronology of the watch (災害対応時系列記録): what was noticed, who was told and when, who took it, what the city did.

create function figure_watch_word(
    kind text, rank integer, name text, ref_level smallint, before_rank integer, drill boolean
) returns text
language sql immutable as $$
    select case when drill then '【訓練】' else '' end || case
        when kind = 'stage' and rank > before_rank then
            name || 'に到達' || coalesce('(参考: 警戒レベル' || ref_level || 'の目安)', '')
        when kind = 'stage' and rank > 0 then name || 'に戻る'
        when kind = 'stage' then 'すべての基準の外に戻る'
        when kind = 'silence' then case when rank > 0 then '途絶' else '受信の再開' end
        when kind = 'blind' then case when rank > 0 then '監視不能(雨の中で測定が途絶)' else '監視の再開' end
        when kind = 'airtime' then case when rank > 0 then '送信時間: ' || name else '送信時間が平常に戻る' end
        when kind = 'quality' then case when rank > 0 then '品質: ' || name else '品質の疑いの解消' end
        else coalesce(nullif(name, ''), kind)
    end
$$;

comment on function figure_watch_word is
'監視イベントを表す言葉。警戒レベルは目安(参考)で、発表ではない。訓練には【訓練】が付く。
An event of the watch in words. The level of alert is a hint; nobody announces it here. A drill says so first.';

create function figure_watch_told(projects text[], from_ timestamptz, to_ timestamptz)
returns table (
    event_id bigint, told text, told_at timestamptz, told_people_at timestamptz, pending boolean, withheld text,
    failed_ja text, failed_en text
)
language sql stable as $$
    select d.event_id,
        string_agg(distinct coalesce(d.recipient_name, case d.kind when 'mqtt' then 'MQTT' else d.channel end), '、')
            filter (where d.delivered_at is not null),
        min(d.delivered_at), min(d.delivered_at) filter (where d.kind not in ('mqtt', 'webhook')),
        bool_or(d.state = 'waiting'), min(nullif(d.withheld, '')),
        min(d.failed_ja) filter (where d.state <> 'delivered'), min(d.failed_en) filter (where d.state <> 'delivered')
    from figure_watch_delivery d
    where d.project = any(projects) and d.at >= from_ and d.at < to_ and d.event_id is not null and d.purpose <> 'test'
    group by d.event_id
$$;

comment on function figure_watch_told is
'監視イベントごとの通知。told: 届いた相手(名前、なければ通知路)。told_at: 最初に届いた時刻、told_people_at: そのうち人が読むもの(MQTT と Webhook を除く)。まとめて送られた通知は、まとめの届いた時刻。withheld: 知らせなかった理由(quiet_hours 静穏時間、maintenance 保守、nobody 当番なし、no_address・no_phone 宛先なし、unreadable 送り先を監視計画から読めない)。pending: まだ送っている。failed_ja: 届かなかった理由。通知のない監視イベントの行はない。
Who was told of an event, and when. told: by name, or the channel. told_at: the first that arrived, told_people_at: of those that people read (not MQTT, not webhooks). What was said in a digest was told when that arrived. withheld: why nobody was told (quiet_hours, maintenance, nobody on duty, no_address, no_phone, unreadable: the document). pending: on its way. failed_en: why it did not arrive. An event without a delivery has no row.';

create function figure_watch_chronology(projects text[], from_ timestamptz, to_ timestamptz, drills boolean)
returns table (
    event_id bigint, incident_id bigint, "time" timestamptz, project text, kind text, hazard text, station text, title text,
    rule text, measure text, quantity text, label_ja text, label_en text, channel smallint,
    value double precision, unit text, threshold double precision, before_rank integer, rank integer, name text, name_en text,
    official boolean, ref_level smallint, word text, since_before interval,
    told text, told_at timestamptz, delay_s double precision, untold text, untold_en text,
    taken_by text, taken_at timestamptz, response text, mark text, origin text, drill boolean, recorded_at timestamptz,
    withdrawn_at timestamptz, withdrawn_ja text, withdrawn_en text
)
language sql stable as $$
    with told as materialized (select * from figure_watch_told(projects, from_, to_))
    select
        e.event_id, e.incident_id, e.at as "time", e.project, e.kind, e.hazard, coalesce(e.device, e.gateway, e.network), e.title, e.rule,
        e.measure, e.quantity, e.label_ja, e.label_en, e.channel, e.value, coalesce(case when e.unit = q.unit then q.unit_ja else nullif(e.unit, '') end, q.unit_ja, ''), e.threshold, e.before_rank, e.rank, e.name, e.name_en,
        e.official, e.ref_level, figure_watch_word(e.kind, e.rank, e.name, e.ref_level, e.before_rank, o.drill),
        case when e.before_rank > 0 and e.withdrawn_at is null then e.at - before.at end,
        t.told, coalesce(t.told_people_at, t.told_at),
        case when o.origin = 'live' then extract(epoch from coalesce(t.told_people_at, t.told_at) - e.at)::double precision end,
        why.ja, why.en, taken.by, taken.at, done.notes, i.mark, o.origin, o.drill, e.recorded_at,
        e.withdrawn_at, e.withdrawn_ja, e.withdrawn_en
    from figure_watch_event e
    join watch_event w on w.event_id = e.event_id
    cross join lateral (
        select case when e.withdrawn_at is not null then 'withdrawn' when e.drill_id is not null then 'drill' else e.origin end as origin,
            e.origin = 'drill' or e.drill_id is not null as drill
    ) o
    left join quantity q on q.quantity_id = w.quantity_id
    left join watch_incident i on i.incident_id = e.incident_id
    left join told t on t.event_id = e.event_id
    left join lateral (
        select b.at from watch_event b
        where b.subject = w.subject and b.at < e.at and b.withdrawn_at is null
          and (b.details ->> 'drill') is not distinct from (e.details ->> 'drill')
        order by b.at desc limit 1
    ) before on true
    left join lateral (          -- who took it: the first after it who saw at least this stage
        select a.by, a.at from watch_action a
        where a.incident_id = e.incident_id and a.action = 'acknowledge' and a.at >= e.at
          and coalesce(a.rank, e.rank) >= e.rank and e.rank > e.before_rank and e.withdrawn_at is null
        order by a.at limit 1
    ) taken on true
    left join lateral (          -- a note stands beside the last change before it
        select string_agg(to_char(a.at at time zone 'Asia/Tokyo', 'MM/DD HH24:MI ') || a.note || '(' || a.by || ')',
            E'\n' order by a.at, a.watch_action_id) as notes
        from watch_action a
        where a.incident_id = e.incident_id and a.note <> ''
          and e.event_id = (
              select l.event_id from watch_event l
              where l.incident_id = a.incident_id and l.withdrawn_at is null
              order by l.at <= a.at desc, case when l.at <= a.at then a.at - l.at else l.at - a.at end, l.event_id desc limit 1
          )
    ) done on true
    left join lateral (
        select w.ja, w.en from (values
            (t.told_at is not null, null, null),
            (e.withdrawn_at is not null, null, null),
            (t.withheld = 'maintenance', '保守中のため知らせていません', 'not told: maintenance'),
            (t.withheld = 'quiet_hours', '静穏時間のため知らせていません', 'not told: quiet hours'),
            (t.withheld = 'nobody', '当番がいないため知らせていません', 'not told: nobody was on duty'),
            (t.withheld = 'no_address', '宛先がないため知らせていません', 'not told: the person has no address'),
            (t.withheld = 'no_phone', '登録された携帯がないため知らせていません', 'not told: no phone is registered'),
            (t.withheld = 'unreadable', '送り先を監視計画から読めず、知らせていません',
                'not told: the receiver cannot be read from the document'),
            (t.pending, '送信中', 'on its way'),
            (t.event_id is not null, '届いていません' || coalesce(': ' || t.failed_ja, ''),
                'did not arrive' || coalesce(': ' || t.failed_en, '')),
            (o.origin = 'late', '後から分かったため知らせていません', 'not told: it was found out later'),
            (true, '知らせる相手が決められていません', 'nobody is to be told of this')
        ) w (holds, ja, en) where w.holds limit 1
    ) why on true
    where e.project = any(projects) and e.at >= from_ and e.at < to_ and (drills or not o.drill)
    union all
    select
        null, null, a.at, p.code, a.action, null, d.code, coalesce(d.name, nullif(a.place, '')), '', null, null, null, null, null, null, '', null, 0, 0, '', '',
        false, null, '見逃し(知らせるべきだったと人が記したもの)', null,
        null, null, null, null, null, null, null, a.note || '(' || a.by || ')', null, 'person', false, a.recorded_at,
        null, null, null
    from watch_action a
    join project p using (project_id)
    left join device d on d.device_id = a.device_id
    where p.code = any(projects) and a.at >= from_ and a.at < to_ and a.action = 'missed'
      and not exists (select from watch_action n where n.about = a.watch_action_id)
    order by "time", title nulls last, event_id
$$;

comment on function figure_watch_chronology is
'災害対応時系列記録: 監視イベントごとに、測定時刻・観測所・値・段階・前段階からの時間・通知先・人に最初に届いた時刻(人に届いたものがなければ MQTT・Webhook)・遅れ・確認者・確認時刻・市の対応(記入)。監視(watch_event)が記録したものだけで、監視の前の到達や状態の変化・強い雨は figure_watch_observed による。両方を合わせても、一つの到達は一度しか出ない。delay_s: 測定から届くまで(その時に分かったものだけ)。untold: 知らせていない理由。taken: その段階以上を見て確認した最初の人。response: その変化の後、次の変化までに書かれたこと。drills: 訓練も含める。人が記した見逃し(取り消したものを除く)の行もある(origin: person)。記録であり、気象庁・河川管理者の発表ではない。
The chronology of the watch: each event with the time of measurement, station, value, stage, time since the stage before, who was told and when people first were (a program, where no person was), the delay, who took it and when, and what the city did. It has what the watch itself recorded (watch_event). What was reached before the watch began, states and heavy rain come from readings: figure_watch_observed. Both together show a crossing once. delay_s: from the measurement to its arrival, of live events. untold_en: why nobody was told. taken: the first who saw at least this stage. response: what was written after this change and before the next one. drills: with drills. What a person noted as missed has a row of its own (origin: person), unless that was taken back. A record, nothing official.';

create function figure_watch_observed(projects text[], from_ timestamptz, to_ timestamptz)
returns table (
    "time" timestamptz, project text, device text, title text, what text, value double precision, word text
)
language sql stable as $$
    select c.* from figure_condition(projects, from_, to_) c
    where not exists (           -- as a trap that the watch tells of
        select from figure_watch_event e
        where (e.project, e.device, e.label_ja) = (c.project, c.device, c.what)
          and e.kind = 'stage' and e.measure = 'state' and e.origin <> 'drill' and e.withdrawn_at is null and e.at <= c."time"
    )
    union all
    select s."time", s.project, s.device, s.title, '基準水位', s.value, s.word
    from figure_stage_change(projects, null, from_, to_) s
    where not exists (           -- from its first event on, the watch tells of a level
        select from figure_watch_event e
        where (e.project, e.device, e.quantity, e.channel) = (s.project, s.device, s.quantity, s.channel)
          and e.kind = 'stage' and e.origin <> 'drill' and e.withdrawn_at is null and e.at <= s."time"
    )
$$;

comment on function figure_watch_observed is
'監視の記録(figure_watch_chronology)にない出来事を測定値から: 状態の変化、震度、1時間雨量10mm以上の時間、基準水位の到達。監視が記録している水位と状態は、その最初の監視イベントより前のものだけ。列は figure_chronology と同じ。
What readings tell beside the record of the watch (figure_watch_chronology): changes of states, seismic intensities, hours with 10 mm of rain or more, and stages. Of levels and states that the watch records: what was before its first event of them. Columns as in figure_chronology.';
