-- How well the watch works: from measurement to notice, from notice to hand, what was wrong, what was missed.

create function figure_watch_sent(projects text[], from_ timestamptz, to_ timestamptz)
returns table (
    "time" timestamptz, project text, incident_id bigint, step integer, purpose text, channel text, kind text, state text,
    in_digest boolean, notice_s double precision
)
language sql stable as $$
    select coalesce(d.at, d.queued_at), d.project, d.incident_id, d.step, d.purpose, d.channel, d.kind, d.state,
        d.digest_id is not null,
        case when d.purpose = 'event' and e.origin = 'live' and e.withdrawn_at is null and d.state = 'delivered' then
            extract(epoch from d.delivered_at - d.at)::double precision
        end
    from figure_watch_delivery d
    left join watch_event e on e.event_id = d.event_id
    where d.project = any(projects) and coalesce(d.at, d.queued_at) >= from_ and coalesce(d.at, d.queued_at) < to_
      and not d.drill and coalesce(e.origin, '') <> 'drill' and d.purpose <> 'test'
$$;

comment on function figure_watch_sent is
'期間の監視イベントの通知と段階的な連絡(escalation)、1件1行(訓練と試験を除く)。time: 測定時刻(監視イベントのないものは作られた時刻)。state は figure_watch_delivery と同じ。notice_s: 通知遅延、測定から届くまでの秒数(その時に分かった監視イベントのもの。段階的な連絡、取り消したもの、知らせないものは値なし)。
Messages about the events of a period, and escalations, one a row, without drills and tests. time: of the measurement; without an event, of queueing. state as in figure_watch_delivery. notice_s: seconds from the measurement to the arrival, of live events; null for escalations, withdrawn events and what was withheld.';

create function figure_watch_incident_list(projects text[], from_ timestamptz, to_ timestamptz)
returns table (
    incident_id bigint, project text, kind text, hazard text, station text, title text, opened_at timestamptz,
    closed_at timestamptz, rank integer, top_rank integer, top_name text, top_name_en text, top_value double precision, unit text,
    live boolean, told_at timestamptz, taken_by text, taken_at timestamptz, acknowledge_s double precision, escalated integer,
    mark text, mark_note text
)
language sql stable as $$
    select
        i.incident_id, p.code, i.kind, i.hazard, coalesce(d.code, g.code, n.code), coalesce(d.name, g.name, n.name), i.opened_at,
        i.closed_at, i.rank, i.top_rank, top.name, top.name_en, top.value, coalesce(top.unit, ''), i.live, told.at, taken.by, taken.at,
        case when told.at <= taken.at then extract(epoch from taken.at - told.at)::double precision end,
        i.escalated, i.mark, i.mark_note
    from watch_incident i
    join project p using (project_id)
    left join device d on d.device_id = i.device_id
    left join gateway g on g.gateway_id = i.gateway_id
    left join network n on n.network_id = i.network_id
    left join lateral (
        select e.name, coalesce(nullif(e.name_en, ''), e.name) as name_en,
            case when e.measure is distinct from 'state' then e.value end as value, coalesce(case when e.unit = q.unit then q.unit_ja else nullif(e.unit, '') end, q.unit_ja) as unit
        from watch_event e left join quantity q on q.quantity_id = e.quantity_id
        where e.incident_id = i.incident_id and e.withdrawn_at is null order by e.rank desc, e.at limit 1
    ) top on true
    left join lateral (
        select min(coalesce(s.delivered_at, b.delivered_at)) as at
        from watch_delivery s left join watch_delivery b on b.delivery_id = s.digest_id
        where s.incident_id = i.incident_id and s.kind not in ('mqtt', 'webhook') and s.purpose <> 'test'
    ) told on true
    left join lateral (
        select a.by, a.at from watch_action a
        where a.incident_id = i.incident_id and a.action = 'acknowledge' order by a.at limit 1
    ) taken on true
    where p.code = any(projects) and i.opened_at >= from_ and i.opened_at < to_ and i.drill_id is null
    order by i.opened_at, i.incident_id
$$;

comment on function figure_watch_incident_list is
'期間に始まった事象(訓練を除く)、古い順。top_rank, top_name, top_value: 最も高い段階とそこに達した値(状態の段階には値なし)。live: 起きている間に分かった。told_at: 人に最初に届いた時刻(MQTT と Webhook を除く)。taken_by, taken_at: 最初に確認した人と時刻。acknowledge_s: 確認時間、届いてから確認までの秒数(届く前に確認したものは値なし)。mark: 人の判断(true 正しい、false 空振り)。
Incidents that began in a period, without drills, the oldest first. top_rank, top_name, top_value: the highest stage and the value that reached it (null for a state). live: noticed while it lasted. told_at: when people were first told (MQTT and webhooks apart). taken_by, taken_at: who took it first. acknowledge_s: seconds from being told to taking it; null where it was taken before. mark: what a person says (true; false: a false alarm).';

create function figure_watch_delay(projects text[], from_ timestamptz, to_ timestamptz)
returns table (
    project text, kind text, deliveries bigint, delay_p50_s double precision, delay_p95_s double precision, delay_max_s double precision
)
language sql stable as $$
    select s.project, s.kind, count(*), percentile_cont(0.5) within group (order by s.notice_s),
        percentile_cont(0.95) within group (order by s.notice_s), max(s.notice_s)
    from figure_watch_sent(projects, from_, to_) s
    where s.notice_s is not null
    group by s.project, s.kind
    order by s.project, s.kind
$$;

comment on function figure_watch_delay is
'通知遅延: 測定から通知が届くまでの時間を、通知路の種類ごとに。その時に分かった監視イベントの通知(段階的な連絡、訓練、試験、知らせないものを除く)。届いた通知のない種類の行はない。
Delay of notifications by kind of channel: from the measurement to the arrival, of live events; without escalations, drills, tests, and what was withheld. A kind by which nothing arrived has no row.';

create function figure_watch_sums(projects text[], from_ timestamptz, to_ timestamptz)
returns table (
    project text, watched boolean, crossings bigint, crossings_late bigint, withdrawn bigint, incidents bigint,
    delivered bigint, withheld bigint, failed bigint, notifications bigint, delay_samples bigint, delay_p50_s double precision,
    delay_p95_s double precision, acknowledged bigint, acknowledge_samples bigint, acknowledge_p50_s double precision,
    acknowledge_p95_s double precision, marked bigint, marked_false bigint, false_rate double precision, missed bigint,
    escalations bigint
)
language sql stable as $$
    select p.code, first.at < to_, e.crossings, e.crossings_late, e.withdrawn, i.incidents,
        d.delivered, d.withheld, d.failed, d.notifications, d.delay_samples, d.delay_p50_s, d.delay_p95_s,
        i.acknowledged, i.acknowledge_samples, i.acknowledge_p50_s, i.acknowledge_p95_s, i.marked, i.marked_false,
        i.marked_false::double precision / nullif(i.marked, 0), a.missed, d.escalations
    from project p
    left join lateral (
        select min(s.at) as at
        from (
            select min(w.applied_at) as at from watch_document w where w.project_id = p.project_id
            union all
            select min(o.at) from watch_event o where o.project_id = p.project_id and o.origin <> 'drill'
        ) s
    ) first on true
    cross join lateral (
        select
            count(*) filter (where v.kind = 'stage' and v.rank > v.before_rank and v.withdrawn_at is null and v.origin = 'live') as crossings,
            count(*) filter (where v.kind = 'stage' and v.rank > v.before_rank and v.withdrawn_at is null and v.origin = 'late') as crossings_late,
            count(*) filter (where v.withdrawn_at is not null and v.origin <> 'drill') as withdrawn
        from watch_event v
        where v.project_id = p.project_id and v.at >= from_ and v.at < to_
    ) e
    cross join lateral (
        select
            count(*) filter (where not exists (     -- what a silent gateway or network explains is its incident
                select from watch_event v where v.incident_id = c.incident_id and jsonb_exists(v.details, 'group')
            )) as incidents,
            count(c.taken_at) as acknowledged, count(c.acknowledge_s) as acknowledge_samples,
            percentile_cont(0.5) within group (order by c.acknowledge_s) as acknowledge_p50_s,
            percentile_cont(0.95) within group (order by c.acknowledge_s) as acknowledge_p95_s,
            count(c.mark) as marked, count(*) filter (where c.mark = 'false') as marked_false
        from figure_watch_incident_list(array[p.code], from_, to_) c
        where c.live
    ) i
    cross join lateral (
        select
            count(*) filter (where v.purpose = 'event' and v.state = 'delivered') as delivered,
            count(*) filter (where v.purpose = 'event' and v.state = 'withheld') as withheld,
            count(*) filter (where v.state in ('failed', 'doubtful')) as failed,
            count(*) filter (where v.state = 'delivered' and not v.in_digest and v.kind not in ('mqtt', 'webhook')) as notifications,
            count(v.notice_s) filter (where v.kind not in ('mqtt', 'webhook')) as delay_samples,
            percentile_cont(0.5) within group (order by v.notice_s) filter (where v.kind not in ('mqtt', 'webhook')) as delay_p50_s,
            percentile_cont(0.95) within group (order by v.notice_s) filter (where v.kind not in ('mqtt', 'webhook')) as delay_p95_s,
            count(distinct (v.incident_id, v.step)) filter (where v.purpose = 'escalation') as escalations
        from figure_watch_sent(array[p.code], from_, to_) v
    ) d
    cross join lateral (
        select count(*) as missed from watch_action w
        where w.project_id = p.project_id and w.action = 'missed' and w.at >= from_ and w.at < to_
          and not exists (select from watch_action n where n.about = w.watch_action_id)
    ) a
    where p.code = any(projects)
    order by p.code
$$;

comment on function figure_watch_sums is
'監視の成績、事業と期間ごと(訓練と試験を除く)。watched: 期間の終わりまでに監視が始まっていた(偽・値なしなら、0 は「なかった」ではなく「見ていなかった」)。crossings: その時に分かった段階の上昇、crossings_late: 後から分かったもの、withdrawn: 取り消したもの。incidents: 期間に始まり、起きている間に分かった事象(途絶した基地局・通信網で説明のつくものは合わせて一つ)。delivered, withheld: 監視イベントの通知で届いたもの・知らせない決まりのもの、failed: 届かなかったもの。notifications: 人に届いた通知(まとめは1件、MQTT と Webhook を除く)。delay_*: 測定から通知が届くまで(MQTT と Webhook を除く)。acknowledge_*: 最初の通知が届いてから確認まで。marked, marked_false, false_rate: 人が正誤を記した事象、うち空振り、その割合(記したものがなければ値なし)。missed: 人が記した見逃し。escalations: 確認がなく次の人に知らせた回数。
How the watch did, by project and period, without drills and tests. watched: it had begun before the end of the period (else 0 means not looked, not none). crossings: rises to a stage noticed live; crossings_late: found out later; withdrawn. incidents: begun in the period and noticed while they lasted; what a silent gateway or network explains counts with it. delivered, withheld: of the deliveries of events; failed: what did not arrive. notifications: messages that reached people (a digest is one, MQTT and webhooks apart). delay_*: from measurement to arrival (MQTT and webhooks apart). acknowledge_*: from the first arrival to somebody taking it. marked, marked_false, false_rate: incidents judged by a person, those that were false alarms, their share; null where none is judged. missed: noted by a person. escalations: times that the next one was told because nobody took it.';

create function figure_watch_crossings(projects text[], from_ timestamptz, to_ timestamptz)
returns table (
    month date, project text, hazard text, rank integer, name text, name_en text, official boolean, live bigint, late bigint,
    stations bigint
)
language sql stable as $$
    select date_trunc('month', e.at at time zone 'Asia/Tokyo')::date, e.project, e.hazard, e.rank, e.name, e.name_en, e.official,
        count(*) filter (where e.origin = 'live'), count(*) filter (where e.origin = 'late'), count(distinct e.device)
    from figure_watch_event e
    where e.project = any(projects) and e.at >= from_ and e.at < to_ and e.kind = 'stage' and e.rank > e.before_rank
      and e.origin in ('live', 'late') and e.withdrawn_at is null
    group by 1, 2, 3, 4, 5, 6, 7
    order by 1, 2, 3, 4 desc, 5
$$;

comment on function figure_watch_crossings is
'段階への到達の数、月(日本の暦)・分野・段階ごと。live: その時に分かったもの、late: 後から分かったもの。取り消したもの、訓練、低下は数えない。stations: 到達した観測所の数。
Rises to a stage by month in Japan, hazard and stage. live: noticed as it happened; late: found out later. Without withdrawn ones, drills and falls. stations: how many reached it.';

create function figure_watch_uptime(projects text[], from_ timestamptz, to_ timestamptz)
returns table (project text, watched_s double precision, up_s double precision, uptime double precision)
language sql stable as $$
    select p.code, span.seconds, up.seconds, up.seconds / span.seconds
    from project p
    join lateral (select min(w.applied_at) as at from watch_document w where w.project_id = p.project_id) first on first.at is not null
    cross join lateral (select greatest(from_, first.at) as starts, least(to_, now()) as ends) s
    cross join lateral (select extract(epoch from s.ends - s.starts)::double precision as seconds) span
    cross join lateral (
        select coalesce(sum(extract(epoch from least(r.alive_until, s.ends) - greatest(r.begun_at, s.starts))), 0)::double precision as seconds
        from watch_run r
        where r.begun_at < s.ends and r.alive_until > s.starts
    ) up
    where p.code = any(projects) and span.seconds > 0
    order by p.code
$$;

comment on function figure_watch_uptime is
'監視の稼働率: 監視計画を初めて適用してから(期間の始まりが後ならそこから)期間の終わり(続いていれば今)までのうち、監視のプロセスが動いていた時間の割合。監視計画のない事業の行はない。
Uptime of the watch: the share of time in which its process ran, from the first document of the project (or the beginning of the period) to the end of the period (or now). A project without a document has no row.';

create function figure_watch_gap(projects text[], from_ timestamptz, to_ timestamptz)
returns table ("time" timestamptz, project text, ends timestamptz)
language sql stable as $$
    with run as (        -- several processes may have run side by side
        select max(r.alive_until) over (order by r.begun_at, r.alive_until) as until,
            coalesce(lead(r.begun_at) over (order by r.begun_at, r.alive_until), now()) as again
        from watch_run r
    )
    select greatest(r.until, from_), p.code, least(r.again, to_)
    from run r
    join project p on p.code = any(projects)
    where r.again - r.until > interval '1 minute' and r.again > from_ and r.until < to_
      and (exists (select from watch_document w where w.project_id = p.project_id and w.applied_at < r.again)
           or exists (select from device_stage s join device d using (device_id) where d.project_id = p.project_id))
    order by 1, 2
$$;

comment on function figure_watch_gap is
'監視が動いていなかった時間(1分を超えるもの。続いていれば今まで)。監視を一度も動かしていない前の時間は含まない。監視計画も基準水位もない事業の行はない。この間の到達は、後から見つけて記録したもの。
Stretches of more than a minute in which the watch did not run, up to now if one lasts; not the time before it ever ran. A project without a document and without stages has no row. What happened in them was found out afterwards.';

create function figure_watch_notified(projects text[], from_ timestamptz, to_ timestamptz)
returns table (month date, project text, notifications bigint)
language sql stable as $$
    with first as (
        select p.code as project, min(s.at) as at
        from project p
        cross join lateral (
            select min(w.applied_at) as at from watch_document w where w.project_id = p.project_id
            union all
            select min(e.at) from watch_event e where e.project_id = p.project_id and e.origin <> 'drill'
        ) s
        where p.code = any(projects)
        group by p.code
    ),
    sent as materialized (select * from figure_watch_sent(projects, from_, to_))
    select m.month::date, f.project, (
        select count(*) from sent s
        where s.project = f.project and s.state = 'delivered' and not s.in_digest and s.kind not in ('mqtt', 'webhook')
          and s.time >= m.month at time zone 'Asia/Tokyo' and s.time < (m.month + interval '1 month') at time zone 'Asia/Tokyo'
    )
    from first f
    cross join lateral generate_series(
        date_trunc('month', greatest(f.at, from_) at time zone 'Asia/Tokyo'), least(to_, now()) at time zone 'Asia/Tokyo'
            - interval '1 microsecond', interval '1 month'
    ) m (month)
    where f.at is not null
    order by f.project, m.month
$$;

comment on function figure_watch_notified is
'人に届いた通知の数、月(日本の暦)ごと。まとめは1件、MQTT・Webhook・訓練・試験を除く。監視を始めた月から。それより前と、まだ来ていない月の行はない(0 ではない)。
Messages that reached people by month in Japan. A digest is one; without MQTT, webhooks, drills and tests. From the month in which the watch began: earlier months, and those to come, have no row, which is not 0.';
