-- Gauges of two intervals (危機管理型水位計): they send often while the level is high, and rarely while it is low. The one
-- definition of which interval holds, and of how long a device may be silent; figure_level_last and figure_flood (17) tell
-- the level by which that is decided.

create function figure_interval_s(interval_s integer, calm_interval_s integer, flood boolean) returns integer
language sql immutable parallel safe as $$
    select case when calm_interval_s is null or flood then interval_s else calm_interval_s end
$$;

comment on function figure_interval_s is
'その時に適用される送信間隔(秒)。間隔が1つの機器、または水位が観測開始水位以上のとき(flood が真)は interval_s、それ以外は平常時の間隔 calm_interval_s。
The interval in seconds that holds: interval_s of a device that has but one, and while the level is at or above active_level_m (flood); else, and where no level is known, calm_interval_s.';

create function figure_patience_s(interval_s integer, calm_interval_s integer, flood boolean) returns double precision
language sql immutable parallel safe as $$
    select case
        when calm_interval_s is null or flood then 3::double precision * interval_s
        else 1.5::double precision * calm_interval_s
    end
$$;

comment on function figure_patience_s is
'途絶とみなすまでの秒数。送信間隔の3倍。送信間隔が2つある機器の平常時は、平常時の間隔の1.5倍。
After how many seconds without a message a device is silent: three intervals; in the calm mode of a gauge of two intervals 1.5.';

create function figure_longest_patience_s(interval_s integer, calm_interval_s integer) returns double precision
language sql immutable parallel safe as $$
    select greatest(
        figure_patience_s(interval_s, calm_interval_s, true), figure_patience_s(interval_s, calm_interval_s, false)
    )
$$;

comment on function figure_longest_patience_s is
'figure_patience_s が、水位によらず取り得る最も長い秒数。水位を見ずに数えるもの(状態の継続など)に用いる。
The longest figure_patience_s that a device can have, whatever the level is: for sums that do not look at the level, as how long a state is held.';

create function figure_least_patience_s(interval_s integer, calm_interval_s integer) returns double precision
language sql immutable parallel safe as $$
    select least(
        figure_patience_s(interval_s, calm_interval_s, true), figure_patience_s(interval_s, calm_interval_s, false)
    )
$$;

comment on function figure_least_patience_s is
'figure_patience_s が、水位によらず取り得る最も短い秒数。これより短い途絶は、水位を見るまでもなく停止ではない。
The shortest figure_patience_s that a device can have, whatever the level is: a silence that is not longer is no outage, so that its level need not be looked up.';

create view figure_level_quantity as
select u.quantity_id, u.of_project_id, u.per_metre
from (
    select q.quantity_id, q.of_project_id, q.code, q.kind,
        case q.unit when 'm' then 1 when 'cm' then 100 when 'mm' then 1000 end::double precision as per_metre
    from quantity q
) u
where u.per_metre is not null and u.kind = 'gauge'
  and (u.code in ('river_level', 'paddy_water_level') and u.of_project_id is null
       or u.code like '%\_level' and u.of_project_id is not null);

comment on view figure_level_quantity is
'観測開始水位(active_level_m)と比べる水位の測定項目: river_level、paddy_water_level と、名前が _level で終わる事業独自の項目。単位は m、cm、mm。per_metre: 1 m にあたる値(測定値 ÷ per_metre がメートル)。
The levels that active_level_m is compared with: river_level, paddy_water_level, and a project''s own gauges whose code ends in _level; in m, cm or mm. per_metre: what a metre is in the unit of the quantity, so that value / per_metre is in metres.';
