-- When a device was meant to work.

create function figure_active(
    season_from text, season_to text, installed_on date, from_ timestamptz, to_ timestamptz
)
returns table (starts timestamptz, ends timestamptz)
language sql stable as $$
    with season as (
        select tstzrange(null, null) as span where season_from is null
        union all
        select tstzrange(
            -- 02-29 in a year without it: a season that begins then begins on 03-01, one that ends then ends on 02-28.
            (make_date(year, left(season_from, 2)::integer, 1) + right(season_from, 2)::integer - 1)::timestamp
                at time zone 'Asia/Tokyo',
            least(
                last_month + right(season_to, 2)::integer,
                (last_month + interval '1 month')::date
            )::timestamp at time zone 'Asia/Tokyo'
        )
        from generate_series(
            extract(year from from_ at time zone 'Asia/Tokyo')::integer - 1,
            extract(year from to_ at time zone 'Asia/Tokyo')::integer
        ) year
        cross join lateral (
            select make_date(
                year + case when season_to < season_from then 1 else 0 end, left(season_to, 2)::integer, 1
            ) as last_month
        ) l
        where season_from is not null
    ),
    span as (
        select unnest(range_agg(
            season.span * case
                when first.moment < to_ then tstzrange(first.moment, to_)
                else 'empty'::tstzrange
            end
        )) as span
        from season
        cross join (
            select greatest(from_, installed_on::timestamp at time zone 'Asia/Tokyo') as moment
        ) first
    )
    select lower(span), upper(span) from span where not isempty(span)
$$;

comment on function figure_active is
'機器が動作しているはずの期間。期間 [from_, to_) のうち、設置日(日本時間0時)以降で運用期間内の部分。運用期間の両端の日を含み、年をまたぐことがある。
When a device was meant to work: the parts of [from_, to_) from the day of installation on and inside the season of operation. Days begin at midnight in Japan; both end days of the season belong to it; the season may wrap the year end.';

create function figure_completeness(received bigint, expected bigint)
returns double precision language sql immutable as $$
    select case when expected > 0 then (trunc(received * 1000.0 / expected) / 10)::double precision end
$$;

comment on function figure_completeness is
'データ取得率(%)。受信数 ÷ 期待受信数、小数第2位以下切捨て。期待受信数が0なら値なし。
Completeness in percent, cut (never rounded up) to one decimal; null where nothing was expected.';

create function figure_reference_only(received bigint, expected bigint)
returns boolean language sql immutable as $$
    select expected > 0 and received * 100 < expected * 80
$$;

comment on function figure_reference_only is
'データ取得率が80%未満なら真: 参考値として扱う。
True where completeness is below 80 %: to be marked as a value for reference only.';
