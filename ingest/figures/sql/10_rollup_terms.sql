-- The small rules of the rollups, each by itself, so that each can be tested by itself.

create function rollup_hour_of(at timestamptz) returns timestamptz
language sql immutable parallel safe as $$
    select date_bin(interval '1 hour', at, timestamptz '2000-01-01 00:00+09')
$$;

comment on function rollup_hour_of is
'時刻を含む1時間の始まり。
The beginning of the hour a moment lies in.';

create function rollup_day_of(at timestamptz) returns date
language sql immutable parallel safe as $$
    select (at at time zone 'Asia/Tokyo')::date
$$;

comment on function rollup_day_of is
'時刻を含む日(日本時間)。
The day in Japan a moment lies in.';

create function rollup_midnight(day date) returns timestamptz
language sql immutable parallel safe as $$
    select day::timestamp at time zone 'Asia/Tokyo'
$$;

comment on function rollup_midnight is
'日本時間でその日の始まり。
The moment a day begins in Japan.';

create function rollup_rest(previous double precision, value double precision) returns double precision
language sql immutable parallel safe as $$
    select min(top.value) - previous
    from (
        select bits * unit as value
        from unnest(array[65536, 4294967296]::double precision[]) bits,
            unnest(array[0.1, 0.2, 0.25, 0.5, 1, 10]::double precision[]) unit
    ) top
    where previous < top.value and previous >= top.value * 63 / 64 and rollup_rest.value < top.value / 64
$$;

comment on function rollup_rest is
'前の値から積算値の上限までの残り。上限は2の16乗または32乗 × 0.1, 0.2, 0.25, 0.5, 1, 10 のうち、前の値がその手前64分の1以内、新しい値がその64分の1未満のもの。桁あふれでなければ値なし。
What was left of a counter below its top: 2^16 or 2^32 times 0.1, 0.2, 0.25, 0.5, 1 or 10, where the value before lay in the last 64th below it and the new one lies in its first 64th. Null: this was no roll-over.';

create function rollup_increase(previous double precision, value double precision) returns double precision
language sql immutable parallel safe as $$
    select case
        when value >= previous then value - previous
        when value < previous then coalesce(
            rollup_rest(previous, value) + value, case when value < previous / 2 then value end
        )
    end
$$;

comment on function rollup_increase is
'積算値の増分。前の値以上なら差。小さいときは、桁あふれなら上限までの残り(rollup_rest)+新しい値、前の値の半分未満なら0からの再開とみて新しい値。前の値がないとき、また半分以上残して戻ったとき(再開ではない)は値なし。
The increase of a counter. A value below the one before is a roll-over (rollup_rest and the new value) or, below its half, a new beginning at nought (the new value). Null without a value before, and where it only stepped back.';

create function rollup_limit(per_hour double precision, gap interval) returns double precision
language sql immutable parallel safe as $$
    select per_hour * greatest(date_part('epoch', gap), 600) / 3600
$$;

comment on function rollup_limit is
'積算値が2つの測定の間に増えうる最大。1時間の上限(per_hour)から、間隔が10分より短ければ10分として計算する。上限がなければ値なし。
By how much a counter can grow between two readings at most: from its greatest rate, of ten minutes at least. Null without a rate.';

create function rollup_wrong(
    previous double precision, value double precision, following double precision,
    reach double precision, reach_after double precision
) returns boolean
language sql immutable parallel safe as $$
    select case
        when previous is null or following is null or following < previous or value = previous then false
        when value > previous then following < value and (following < 2 * previous or coalesce(value - previous > reach, false))
        else following < 2 * previous or coalesce(following - value > reach_after, false)
    end
$$;

comment on function rollup_wrong is
'積算値の1点だけの誤りか。前の値から外れ(高い方へも低い方へも)、次の値が前の値の続き(前の値以上、2倍未満)に戻ったもの。2倍以上でも、間に増えうる量(reach, reach_after: rollup_limit)を超えなければ説明できないときは誤り。
Whether a single value of a counter is wrong: it left the value before, upwards or downwards, and the next one goes on from that (not below it, and below twice it; or farther, where only more than the greatest rate would explain the value otherwise).';

create function rollup_reset(previous bigint, counter bigint) returns boolean
language sql immutable parallel safe as $$
    select counter > previous + 32768
        or (counter < previous
            and not (previous between 64512 and 65535 and counter < 1024)
            and not (counter > 16 and previous - counter <= 16))
$$;

comment on function rollup_reset is
'通番が始めから数え直されたか。32768を超えて進むか、戻った場合(16ビットの桁あふれと、16以内の前後の入れ替わりを除く)。
Whether a message counter began anew: it jumped ahead by more than 32768, or went back, except by a 16-bit roll-over, or by at most 16 far from its beginning, which is a message out of order.';

create function rollup_lost(previous bigint, counter bigint) returns bigint
language sql immutable parallel safe as $$
    select case
        when counter = previous or rollup_reset(previous, counter) then 0
        when counter < previous - 16 then counter + 65536 - previous - 1
        else counter - previous - 1
    end
$$;

comment on function rollup_lost is
'通番の飛びから数えた欠落メッセージ数。同じ通番(再送)と数え直しは0。前後の入れ替わりは、先に欠落と数えた分を戻す(負の数)ので、合計は正しい。
Messages lost between two counters. A repetition or a new beginning is no loss. One out of order gives back what was counted as lost before it (a negative number), so that sums are right.';

create function rollup_counter_since(
    previous bigint, session_before text, counter bigint, session text
) returns bigint
language sql immutable parallel safe as $$
    select case
        when previous is null or (session_before <> session and lower(session_before) <> lower(session)) then counter
        else previous
    end
$$;

comment on function rollup_counter_since is
'通番の数え始め。前のメッセージの通番。前が参加(ジョイン、通番なし)か、端末アドレスが変わったときは再参加で、そのメッセージ自身の通番(欠落も数え直しもない)。
What a message counter is counted from: the one before. After a join (a message without a counter) or under another device address the device has rejoined: then its own, so that nothing was lost or reset.';

create function rollup_direction(east double precision, north double precision, count bigint) returns double precision
language sql immutable parallel safe as $$
    select case
        when sqrt(east * east + north * north) > count * 1e-9
        then case when atan2d(east, north) < 0 then atan2d(east, north) + 360 else atan2d(east, north) end
    end
$$;

comment on function rollup_direction is
'方位のベクトル平均(0〜360度)。打ち消し合って長さが0なら値なし。
The vector mean of directions in degrees; null where they cancel out.';
