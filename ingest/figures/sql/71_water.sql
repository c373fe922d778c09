-- Rivers and rain as somebody on duty asks for them. What is shown is what was observed; nothing is foretold.

create function figure_level(projects text[], quantities text[], at_ timestamptz)
returns table (
    project text, device text, title text, network_name text, quantity text, label_ja text, measured_at timestamptz,
    age_s double precision, silent boolean, value double precision,
    rise_10min double precision, rise_1h double precision, rise_3h double precision,
    highest_24h double precision, highest_day date, highest_year double precision, lowest_year double precision,
    place_in_year double precision
)
language plpgsql stable rows 50 set plan_cache_mode = force_custom_plan set jit = off as $$
#variable_conflict use_column
declare
    since_ constant timestamptz = at_ - interval '35 days';
    year_ constant date = rollup_day_of(at_) - 365;
begin
    return query
    select
        s.project, s.device, s.title, s.network_name, s.quantity, s.label_ja, last.time,
        extract(epoch from at_ - last.time)::double precision,
        last.time < at_ - figure_patience_s(s.interval_s, d.calm_interval_s, case when d.calm_interval_s is not null then
            figure_flood_at(s.device_id, d.active_level_m, at_) end) * interval '1 second',
        last.value,
        (last.value - ten.value)::numeric::double precision, (last.value - one.value)::numeric::double precision, (last.value - three.value)::numeric::double precision,
        greatest(day.highest, last.value), year.highest_day,
        greatest(year.highest, day.highest), least(year.lowest, day.lowest),
        100 * (last.value - least(year.lowest, day.lowest))
            / nullif(greatest(year.highest, day.highest) - least(year.lowest, day.lowest), 0)
    from figure_series(projects, quantities) s
    join device d on d.device_id = s.device_id
    cross join lateral figure_sound_between(s.device_id, s.quantity_id, s.channel, since_, at_) last
    left join lateral figure_sound_between(
        s.device_id, s.quantity_id, s.channel, last.time - interval '20 minutes', last.time - interval '10 minutes'
    ) ten on true
    left join lateral figure_sound_between(
        s.device_id, s.quantity_id, s.channel, last.time - interval '2 hours', last.time - interval '1 hour'
    ) one on true
    left join lateral figure_sound_between(
        s.device_id, s.quantity_id, s.channel, last.time - interval '6 hours', last.time - interval '3 hours'
    ) three on true
    left join lateral (
        select max(r.value) as highest, min(r.value) as lowest from figure_sound r
        where r.device_id = s.device_id and r.quantity_id = s.quantity_id and r.channel = s.channel
          and r.time > at_ - interval '24 hours' and r.time <= at_
    ) day on true
    left join lateral (
        select max(r.maximum) as highest, min(r.minimum) as lowest,
            (array_agg(r.day order by r.maximum desc, r.day desc))[1] as highest_day
        from rollup_day r
        where r.device_id = s.device_id and r.quantity_id = s.quantity_id and r.channel = s.channel
          and r.day >= year_ and r.day < rollup_day_of(at_)
    ) year on true;
end
$$;

comment on function figure_level is
'水位などの現在値と変化、at_ 時点(過去35日間に測った機器)。値に注記のある測定は除く。rise_10min, rise_1h, rise_3h: 最後の値から、その10分・1時間・3時間以上前の直近の値(それぞれ2倍の時間前まで)を引いた差。silent: 送信間隔の3倍(平常時の間隔なら1.5倍。figure_patience_s)を超えて測定がない。highest_24h: 直近24時間の最高。highest_year, lowest_year, highest_day: 前日まで365日間の集計済みの日と直近24時間の最高・最低と、集計済みの日で最高だった日。place_in_year: 最低を0、最高を100としたときの現在値の位置。観測値であり、予測ではない。
Levels as they stand at at_, of devices that measured within 35 days; readings with a remark about their value are left out. rise_*: the last value less the nearest one that was 10 minutes, an hour, three hours or more before it (at most twice as long). silent: no measurement for more than three intervals (in calm mode 1.5; figure_patience_s). highest_year, lowest_year: of the summed days of the 365 before today, and of the last 24 hours; highest_day: which of these days. place_in_year: 0 at the lowest, 100 at the highest. Observed, not foretold.';

create function figure_rain_word(hour_mm double precision) returns text
language sql immutable parallel safe as $$
    select case
        when hour_mm >= 80 then '猛烈な雨'
        when hour_mm >= 50 then '非常に激しい雨'
        when hour_mm >= 30 then '激しい雨'
        when hour_mm >= 20 then '強い雨'
        when hour_mm >= 10 then 'やや強い雨'
        when hour_mm > 0 then '雨'
        when hour_mm = 0 then 'なし'
    end
$$;

comment on function figure_rain_word is
'1時間雨量(mm)を表す用語(10, 20, 30, 50, 80 mm 以上で区分)。気象台の発表とは関係ない。
The word for rain of so many millimetres in an hour (from 10, 20, 30, 50, 80 mm on). Nothing official.';

create function figure_rain_of(projects text[], devices text[], at_ timestamptz)
returns table (
    project text, device text, title text, network_name text, measured_at timestamptz, silent boolean,
    rain_10min double precision, rain_1h double precision, rain_3h double precision, rain_24h double precision, word text,
    implausible bigint, provisional boolean, channel smallint
)
language plpgsql stable rows 50 set plan_cache_mode = force_custom_plan set jit = off as $$
#variable_conflict use_column
declare
    day_ constant timestamptz = at_ - interval '24 hours';
    since_ constant timestamptz = day_ - (
        select greatest(3 * least(coalesce(max(greatest(d.interval_s, d.calm_interval_s)), 0), 86400), 3600) from device d
    ) * interval '1 second';
begin
    return query
    with gauge as materialized (
        select s.device_id, s.project, s.device, s.title, s.network_name, s.quantity_id, s.channel, s.kind,
            figure_interval_s(d.interval_s, d.calm_interval_s, mode.flood) as interval_s,
            figure_patience_s(d.interval_s, d.calm_interval_s, mode.flood) as patience_s
        from figure_series(projects, array['rain_amount', 'rain_total']) s
        join device d using (device_id)
        cross join lateral (
            select case when d.calm_interval_s is not null then
                figure_flood_at(d.device_id, d.active_level_m, at_)
            end as flood
            offset 0
        ) mode
        where devices is null or s.device = any(devices)
    ),
    fell as (                    -- all gauges in one pass
        select r.device_id, r.quantity_id, r.channel, r.time, r.value as gained, false as implausible, false as provisional
        from reading_counted r join gauge g using (device_id, quantity_id, channel)
        where r.device_id = any(array(select g.device_id from gauge g))
          and r.quantity_id = any(array(select g.quantity_id from gauge g where g.kind <> 'counter'))
          and r.time > day_ and r.time <= at_
        union all                -- what fell before a long gap is not known to be of this day
        select s.device_id, s.quantity_id, s.channel, s.time, case when s.base_at > since_ then s.gained end,
            s.implausible, s.turn and s.next_at is null
        from rollup_steps(
            array(select g.device_id from gauge g where g.kind = 'counter'),
            array(select g.quantity_id from gauge g where g.kind = 'counter'),
            day_ + interval '1 microsecond', at_ + interval '1 microsecond'
        ) s
    ),
    fallen as (
        select m.device_id, m.quantity_id, m.channel, max(m.time) as last_at,
            (sum(m.gained) filter (where m.time > at_ - interval '10 minutes'))::numeric::double precision as rain_10min,
            (sum(m.gained) filter (where m.time > at_ - interval '1 hour'))::numeric::double precision as rain_1h,
            (sum(m.gained) filter (where m.time > at_ - interval '3 hours'))::numeric::double precision as rain_3h,
            sum(m.gained)::numeric::double precision as rain_24h, count(*) filter (where m.implausible) as implausible,
            bool_or(m.provisional) as provisional, count(*) as samples
        from fell m
        group by m.device_id, m.quantity_id, m.channel
    ),
    gauged as (                  -- amount and total of one gauge tell of the same rain: one of them is enough
        select distinct on (g.device_id, g.channel) g.*, f.last_at, f.rain_10min, f.rain_1h, f.rain_3h, f.rain_24h,
            f.implausible, f.provisional,
            -- What a gauge that fell silent did not measure is not known to be nothing.
            case when f.last_at >= at_ - g.patience_s * interval '1 second' then 0 end as nothing
        from gauge g join fallen f using (device_id, quantity_id, channel)
        order by g.device_id, g.channel, case when g.kind = 'counter' then 2 else 1 end * f.samples desc
    )
    select
        g.project, g.device, g.title, g.network_name, g.last_at, g.nothing is null,
        case when g.interval_s <= 600 then coalesce(g.rain_10min, g.nothing) end,
        case when g.interval_s <= 3600 then coalesce(g.rain_1h, g.nothing) end,
        case when g.interval_s <= 10800 then coalesce(g.rain_3h, g.nothing) end,
        coalesce(g.rain_24h, g.nothing),
        figure_rain_word(case when g.interval_s <= 3600 then coalesce(g.rain_1h, g.nothing) end)
            || case when g.provisional then '(暫定)' else '' end,
        g.implausible, g.provisional, g.channel
    from gauged g;
end
$$;

comment on function figure_rain_of is
'figure_rain と同じ、ただし機器を選ぶ(NULL ならすべて)。channel: 雨量計のチャネル。
The same as figure_rain, of these devices; null: all.';

create function figure_rain(projects text[], at_ timestamptz)
returns table (
    project text, device text, title text, network_name text, measured_at timestamptz, silent boolean,
    rain_10min double precision, rain_1h double precision, rain_3h double precision, rain_24h double precision, word text,
    implausible bigint, provisional boolean
)
language sql stable rows 50 as $$
    select r.project, r.device, r.title, r.network_name, r.measured_at, r.silent, r.rain_10min, r.rain_1h, r.rain_3h,
        r.rain_24h, r.word, r.implausible, r.provisional
    from figure_rain_of(projects, null, at_) r
$$;

comment on function figure_rain is
'雨量の合計、at_ までの10分・1時間・3時間・24時間。区間の雨量(rain_amount)は測定時刻が期間内のものの和、積算(rain_total)は直前の測定との差の和(rollup_steps)。雨量計ごとに1行: 両方を送る雨量計は、電文が欠けても失われない積算による。積算が区間の雨量の半分より少なくしか測られていなければ区間の雨量による。いま適用される送信間隔(figure_interval_s)より短い期間は値なし。測定が途絶し(silent)、その期間に測定のないときも値なし: 降らなかったとは限らない。word: 1時間雨量の用語(figure_rain_word)、暫定のときは(暫定)が付く。implausible: 誤りとして加えなかった積算値の数。provisional: 最後の積算値が正しいかどうか、次の値がまだなく分からない。24時間以上測定のない雨量計の行はない。
Rain until at_ within 10 minutes, 1, 3 and 24 hours: sums of what each interval brought (rain_amount), or of the increase since the measurement before (rain_total; rollup_steps). implausible: totals that were not added. provisional: whether the last one is right cannot be known yet; word says so, too. One row for each gauge: where one sends both, the total counts, from which a lost message takes nothing, unless it was measured less than half as often. Null where the device reports less often than that (by the interval that holds then, figure_interval_s), or fell silent and measured nothing within it. No row for a gauge without a measurement for a day.';

create function figure_rain_hourly(projects text[], devices text[], from_ timestamptz, to_ timestamptz)
returns table ("time" timestamptz, project text, device text, title text, rain double precision)
language sql stable as $$
    with chosen as materialized (
        select s.* from figure_series(projects, array['rain_amount', 'rain_total']) s
        where devices is null or s.device = any(devices)
    )
    select g.hour, g.project, g.device, g.title, g.rain
    from (
        select distinct on (h.hour, c.device_id, c.channel) h.hour, c.project, c.device, c.title, m.rain
        from rollup_hours_between(
            (select coalesce(array_agg(distinct c.device_id), '{}') from chosen c), rollup_hour_of(from_), to_,
            (select coalesce(array_agg(distinct c.quantity_id), '{}') from chosen c)
        ) h
        join chosen c using (device_id, quantity_id, channel)
        cross join lateral (select case when c.kind = 'counter' then h.increase else h.total end as rain) m
        where m.rain is not null
        order by h.hour, c.device_id, c.channel, case when c.kind = 'counter' then 2 else 1 end * h.count desc
    ) g
    order by g.hour, g.title
$$;

comment on function figure_rain_hourly is
'1時間(毎時0分から)ごとの雨量。rain_amount は合計、rain_total は増分。両方を送る雨量計は、その時間に測られた数が区間の雨量の半分以上なら積算による。
Rain by clock hour: the sum of rain_amount, the increase of rain_total. Of a gauge that sends both: the total, unless it was measured less than half as often within the hour.';

create function figure_condition(projects text[], from_ timestamptz, to_ timestamptz)
returns table (
    "time" timestamptz, project text, device text, title text, what text, value double precision, word text
)
language sql stable as $$
    select c."time", c.project, c.device, c.title, c.label_ja,
        case when c.word = c.value::text then c.value end, c.word
    from figure_state_change(
        projects, null, array['leak', 'contact', 'tilt_detected', 'gate_state', 'trap_state', 'seismic_scale'], from_, to_
    ) c
    union all
    select h."time", h.project, h.device, h.title, '1時間雨量', h.rain, figure_rain_word(h.rain)
    from figure_rain_hourly(projects, null, from_, to_) h
    where h.rain >= 10
$$;

comment on function figure_condition is
'期間中の出来事のうち、段階によらないもの: 状態(漏水・接点・転倒検知・ゲート・わな)の変化、震度、1時間雨量10mm以上の時間。列は figure_chronology と同じ。
What happened in a period apart from stages: changes of states, seismic intensities, hours with 10 mm of rain or more. Columns as in figure_chronology.';

create function figure_chronology(projects text[], from_ timestamptz, to_ timestamptz)
returns table (
    "time" timestamptz, project text, device text, title text, what text, value double precision, word text
)
language sql stable as $$
    select c.* from figure_condition(projects, from_, to_) c
    union all
    select s."time", s.project, s.device, s.title, '基準水位', s.value, s.word
    from figure_stage_change(projects, null, from_, to_) s
$$;

comment on function figure_chronology is
'期間中の出来事: 状態(漏水・接点・転倒検知・ゲート・わな)の変化(日本語の名称)、震度、1時間雨量10mm以上の時間、基準水位の到達と下回り。測定値だけから求めたもので、誰に知らせ誰が確認したかは figure_watch_chronology による。time は変化の時刻、雨量は1時間の始まり。value: 測った値(名称のある状態では値なし)。
What happened in a period: changes of leaks, contacts, tilts, gates and traps (named in Japanese), seismic intensities, hours with 10 mm of rain or more (time: the beginning of the hour), and stages that a level reached or left. From readings alone; who was told and who took it is in figure_watch_chronology. value: what was measured; null where a state has a name.';
