-- The watch (監視) as it stands now: conditions that last, what was told of them, and whether anybody is watching at all.

create view figure_watch_event as
select
    e.event_id, p.code as project, e.project_id, e.incident_id, e.kind, e.hazard, e.rule, d.code as device,
    coalesce(d.name, g.name, n.name) || case when e.channel > 0 then ' #' || e.channel else '' end as title,
    g.code as gateway, n.code as network, q.code as quantity, q.label_ja, q.label_en, e.channel, e.measure,
    e.at, e.before_rank, e.rank, e.name, coalesce(nullif(e.name_en, ''), e.name) as name_en, e.value, e.threshold, e.unit,
    e.official, e.ref_level, e.origin, i.drill_id, e.details, e.committed_at, e.recorded_at,
    e.withdrawn_at, e.withdrawn_ja, e.withdrawn_en
from watch_event e
join project p using (project_id)
left join device d on d.device_id = e.device_id
left join gateway g on g.gateway_id = e.gateway_id
left join network n on n.network_id = e.network_id
left join quantity q on q.quantity_id = e.quantity_id
left join watch_incident i on i.incident_id = e.incident_id;

comment on view figure_watch_event is
'監視イベント(状態の変化1回で1行)。rank: 0は「すべての段階を下回った」または「元に戻った」。origin: live(その場で分かった)、late(後から届いた・直された測定による訂正。通知はしない)、drill(訓練)。withdrawn_at があるものは、後のデータで取り消した。運用者の観測(参考値)であり、気象庁・河川管理者の発表ではない。
Events of the watch: one row for each change of a condition. rank 0: below all stages, or well again. origin: live, late (from readings that came or were corrected later; nobody is called) or drill. One with withdrawn_at was proved wrong by later data. Observed by the operator, for reference; nothing official.';

create view figure_watch_maintenance as
select
    m.watch_maintenance_id, p.code as project, m.project_id, m.device_id, m.gateway_id, m.network_id, d.code as device,
    g.code as gateway, n.code as network, coalesce(d.name, g.name, n.name, p.name) as title, m.starts, m.ends, m.reason,
    m.entered_by, m.entered_at, m.ended_by, m.starts <= now() as begun
from watch_maintenance m
join project p using (project_id)
left join device d on d.device_id = m.device_id
left join gateway g on g.gateway_id = m.gateway_id
left join network n on n.network_id = m.network_id
where m.ends > now();

comment on view figure_watch_maintenance is
'いま、またはこれからの保守(通知を止める期間)。device・gateway・network がすべて空なら事業全体。その間に起きたことも記録され、画面にも出る。
Maintenance that lasts or is to come: nobody is told of its thing then (all three null: the whole project). What happens is recorded and shown all the same.';

create view figure_watch_incident as
select
    i.incident_id, p.code as project, p.name as project_name, i.project_id, i.kind, i.hazard, i.subject,
    i.device_id, d.code as device, g.code as gateway, n.code as network,
    coalesce(d.name, g.name, n.name) || case when e.channel > 0 then ' #' || e.channel else '' end as title, d.area,
    i.opened_at, i.closed_at, i.rank, i.top_rank, i.live, i.drill_id, r.title as drill_title,
    i.acknowledged_rank, i.escalated, i.escalate_at, i.mark, i.marked_by, i.marked_at, i.mark_note,
    a.by as taken_by, a.at as taken_at,
    e.event_id, e.rule, e.quantity_id, q.code as quantity, q.label_ja, q.label_en, e.channel, e.measure, e.at, e.before_rank,
    e.name, coalesce(nullif(e.name_en, ''), e.name) as name_en, e.value, e.threshold, e.unit, e.official, e.ref_level,
    e.origin, coalesce(e.details, '{}') as details, e.committed_at,
    coalesce(told.delivered, 0) as delivered, coalesce(told.waiting, 0) as waiting, coalesce(told.failed, 0) as failed,
    coalesce(told.doubtful, 0) as doubtful, coalesce(told.withheld, 0) as withheld,
    exists (
        select from watch_maintenance m
        where m.project_id = i.project_id and m.starts <= now() and m.ends > now()
          and (m.device_id = i.device_id or m.gateway_id = i.gateway_id or m.network_id in (i.network_id, d.network_id)
               or m.gateway_id = d.gateway_id or num_nonnulls(m.device_id, m.gateway_id, m.network_id) = 0)
    ) as in_maintenance
from watch_incident i
join project p using (project_id)
left join device d on d.device_id = i.device_id
left join gateway g on g.gateway_id = i.gateway_id
left join network n on n.network_id = i.network_id
left join watch_drill r on r.drill_id = i.drill_id
left join lateral (                -- the last change of it that stands and did not end it
    select * from watch_event w
    where w.incident_id = i.incident_id and w.withdrawn_at is null
    order by (w.rank > 0 or w.before_rank = 0) desc, w.at desc, w.event_id desc limit 1
) e on true
left join quantity q on q.quantity_id = e.quantity_id
left join lateral (                -- who has taken what it has come to
    select w.by, w.at from watch_action w
    where w.incident_id = i.incident_id and w.action = 'acknowledge'
      and coalesce(w.rank, 0) >= coalesce(i.acknowledged_rank, 0)
    order by w.watch_action_id desc limit 1
) a on true
left join lateral (
    select
        count(*) filter (where w.delivered_at is not null) as delivered,
        count(*) filter (where w.delivered_at is null and w.doubt_at is not null) as doubtful,
        count(*) filter (where w.delivered_at is null and w.doubt_at is null and w.given_up_at is not null) as failed,
        count(*) filter (where w.withheld <> '') as withheld,
        count(*) filter (where w.delivered_at is null and w.doubt_at is null and w.given_up_at is null
            and w.withheld = '' and w.digest_id is null) as waiting
    from watch_delivery w where w.incident_id = i.incident_id
) told on true;

comment on view figure_watch_incident is
'事象: 一つのものの一つの状態の、始まりから終わりまで。rank: いまの段階(0は終わり)、top_rank: 最も高かった段階。name・value・threshold ほかは、その最後の変化のもの。acknowledged_rank: ここまでの段階をだれかが確認した(taken_by、taken_at)。delivered・waiting・failed・doubtful・withheld: 通知の件数。in_maintenance: いま保守の期間で、通知しない。live が偽なら、後から分かったもの。
An incident: one condition of one thing from its beginning to its end. rank: now (0: over), top_rank: the highest. name, value, threshold and the like are those of its last change. acknowledged_rank: somebody took it up to this rank (taken_by, taken_at). delivered, waiting, failed, doubtful, withheld: numbers of messages. in_maintenance: nobody is told now. Not live: it was found out later.';

create view figure_watch_now as
select
    i.*, last.time as measured_at, last.value as last_value,
    case when i.kind = 'stage' then last.time is null or last.time < now() - figure_patience_s(
        d.interval_s, d.calm_interval_s, case when d.calm_interval_s is not null then
            figure_flood_at(d.device_id, d.active_level_m, now()) end) * interval '1 second' end as silent,
    above.name as next_name, above.name_en as next_name_en, above.value as next_value
from figure_watch_incident i
left join device d on d.device_id = i.device_id
left join lateral figure_sound_between(i.device_id, i.quantity_id, i.channel, now() - interval '35 days', now()) last
    on i.kind = 'stage'
left join lateral (
    select s.name, s.name_en, s.value from (
        select t.rank, t.name, coalesce(nullif(t.name_en, ''), t.name) as name_en, t.level_m as value
        from device_stage t
        where i.kind = 'stage' and i.rule = '' and t.device_id = i.device_id and t.quantity_id = i.quantity_id
          and t.channel = i.channel and coalesce(t.valid_from <= now(), true) and coalesce(t.valid_to > now(), true)
        union all
        select (s ->> 'rank')::integer, s ->> 'name', coalesce(nullif(s ->> 'name_en', ''), s ->> 'name'),
            (s ->> 'value')::double precision
        from (
            select w.body from watch_document w where w.project_id = i.project_id order by w.number desc limit 1
        ) w
        cross join lateral jsonb_array_elements(coalesce(w.body -> 'rules', '[]')) r
        cross join lateral jsonb_array_elements(coalesce(r -> 'stages', '[]')) s
        where i.kind = 'stage' and i.rule <> '' and r ->> 'code' = i.rule
    ) s
    where s.rank > i.rank order by s.rank limit 1
) above on true
where i.closed_at is null;

comment on view figure_watch_now is
'いま続いている事象。measured_at・last_value: 段階を見ている測定の最後の値(35日以内、注記のある値を除く)。measure が value でないとき、last_value は元の測定の値で、判定した値は value。silent: 送信間隔の3倍(figure_patience_s)を超えて測定がなく、段階は最後の測定のもの。next_name・next_value: 次の段階。
Incidents that last. measured_at, last_value: the last sound reading of what a stage is held against (within 35 days); where measure is not value it is the raw reading, and what was compared is value. silent: no measurement for longer than figure_patience_s, so that the stage is that of the last one. next_name, next_value: the next stage.';

create view figure_watch_delivery as
select
    d.delivery_id, p.code as project, d.project_id, d.incident_id, d.event_id, d.channel, d.kind, d.recipient,
    coalesce(who.name, nullif(d.recipient, '')) as recipient_name, d.step, d.purpose, d.queued_at, d.due_at, d.tries,
    coalesce(d.delivered_at, g.delivered_at) as delivered_at, d.digest_id, d.withheld, d.answer, d.failed_ja, d.failed_en,
    case
        when d.withheld <> '' then 'withheld'
        when d.digest_id is not null then case when g.delivered_at is not null then 'delivered'
            when g.doubt_at is not null then 'doubtful' when g.given_up_at is not null then 'failed' else 'waiting' end
        when d.delivered_at is not null then 'delivered'
        when d.doubt_at is not null then 'doubtful'
        when d.given_up_at is not null then 'failed'
        else 'waiting'
    end as state,
    case when e.origin <> 'late' and d.effect <> 'late' then    -- a stage without a commit was found, not measured, just now
        extract(epoch from coalesce(d.delivered_at, g.delivered_at)
            - coalesce(e.committed_at, case when e.kind <> 'stage' then d.queued_at end))::double precision
    end as delay_s,
    e.at, e.rank, e.name, coalesce(nullif(e.name_en, ''), e.name) as name_en,
    coalesce(i.drill_id is not null or d.purpose = 'drill', false) as drill
from watch_delivery d
join project p using (project_id)
left join watch_delivery g on g.delivery_id = d.digest_id
left join watch_event e on e.event_id = d.event_id
left join watch_incident i on i.incident_id = d.incident_id
left join lateral (
    select w ->> 'name' as name from (
        select v.body from watch_document v where v.project_id = d.project_id order by v.number desc limit 1
    ) v cross join lateral jsonb_array_elements(coalesce(v.body -> 'people', '[]')) w
    where w ->> 'code' = d.recipient and d.recipient <> ''
) who on true;

comment on view figure_watch_delivery is
'通知(人や機械への連絡)の一つ一つ。宛先そのもの(メールアドレス、URL)は含めない。state: delivered(届いた)、waiting(送る前・再試行中)、doubtful(送ったが返事が失われた)、failed(あきらめた)、withheld(保守・静かな時間・上限のため送らない)。delay_s: きっかけの測定が保存されてから届くまでの秒数。途絶のように測定によらないものは、分かって送信待ちに入ってから。後から分かったもの、その訂正、監視イベントのないもの(まとめ、試験)は空。
Each message to people and machines, without its address. state: delivered, waiting (not sent yet, or tried again), doubtful (it was on its way when the answer was lost), failed (given up), withheld (by maintenance, quiet hours or the limit). delay_s: from the commit of the measurement to the delivery; of what no measurement began, as silence, from queueing. Null for what was found out later, for corrections, and without an event (digests, tests).';

create view figure_watch_action as
select
    a.watch_action_id, p.code as project, a.project_id, a.incident_id, a.action, a.at, a.recorded_at, a.by, a.way, a.rank,
    a.mark, a.note
from watch_action a join project p using (project_id);

comment on view figure_watch_action is
'人がしたこと: acknowledge(確認した)、note(市の対応のメモ)、mark(当たり・空振りの記入)、missed(見逃しの記入)、not_missed(その取消し)。way: 画面、API、MQTT、リンク、コマンドのどれで。
What people did: acknowledge, note, mark (right or false), missed, not_missed. way: by page, API, MQTT, link or command.';

create view figure_watch_health as
with alive as (
    select max(w.updated_at) filter (where w.name = 'engine') as looked_at from watch_progress w
),
waiting as (
    select count(*) as notes,        -- what came late has ten minutes: nobody is called for it
        least(
            min(n.noted_at) filter (where not n.late), min(n.noted_at) filter (where n.late) + interval '10 minutes'
        ) as oldest
    from watch_note n
),
watched as (
    select
        (select count(*) from watch_selected) as series,
        exists (select from watch_selected) or exists (select from watch_document)
            or exists (select from device_stage s
                where coalesce(s.valid_from <= now(), true) and coalesce(s.valid_to > now(), true)) as asked
),
clocks as (
    select array_agg(w.name order by w.name) filter (
        where w.name <> 'engine' and w.updated_at < clock_timestamp() - interval '15 minutes'
    ) as late
    from watch_progress w
)
select
    a.looked_at, extract(epoch from clock_timestamp() - a.looked_at)::double precision as looked_s_ago,
    n.notes, coalesce(greatest(extract(epoch from clock_timestamp() - n.oldest), 0), 0)::double precision as lag_s,
    w.series, w.asked, coalesce(c.late, '{}') as late,
    case
        when not w.asked then 'none'
        when a.looked_at is null or a.looked_at < clock_timestamp() - interval '30 seconds' then 'stopped'
        when a.looked_at > clock_timestamp() + interval '30 seconds' then 'stopped'
        when n.oldest < clock_timestamp() - interval '10 seconds' then 'late'
        when c.late is not null then 'late'
        else 'well'
    end as state
from alive a, waiting n, watched w, clocks c;

comment on view figure_watch_health is
'監視そのものの状態(1行)。looked_at: 監視が最後に動いた時刻。notes・lag_s: まだ見ていない保存の数と、その最も古いものの待ち時間(秒)。series: 監視している系列(この閲覧者に見えるもの)。late: 15分以上進んでいない見張り(途絶、品質、送信時間)の名前。state: none(監視するものがない)、stopped(30秒以上動いていない。何も起きていないとは言えない)、late(10秒以上遅れている)、well。
The watch itself (one row). looked_at: when it last worked. notes, lag_s: what was stored and not looked at yet, and how long the oldest waits in seconds. series: watched, of those that the reader sees. late: names of watchers (silence, quality, airtime) that did not come on for 15 minutes. state: none (nothing is to be watched), stopped (no sign for 30 s: nothing can be said), late (more than 10 s behind), well.';
