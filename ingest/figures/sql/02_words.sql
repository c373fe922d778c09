-- What codes are called in Japanese, for those who read the figures without our pages.

create function figure_state_word(name text) returns text
language sql immutable parallel safe as $$
    select case name
        when 'closed' then '閉' when 'open' then '開' when 'moving' then '動作中' when 'fault' then '故障'
        when 'off' then 'なし' when 'on' then 'あり'
        when 'armed' then '待機中' when 'triggered' then '作動' when 'occupied' then '捕獲'
        when 'none' then 'なし' when 'boar' then 'イノシシ' when 'deer' then 'シカ' when 'monkey' then 'サル'
        when 'bear' then 'クマ' when 'raccoon' then 'アライグマ' when 'badger' then 'アナグマ' when 'civet' then 'ハクビシン'
        when 'crow' then 'カラス' when 'human' then '人' when 'vehicle' then '車両' when 'other' then 'その他'
        when '0' then '震度0' when '1' then '震度1' when '2' then '震度2' when '3' then '震度3' when '4' then '震度4'
        when '5-' then '震度5弱' when '5+' then '震度5強' when '6-' then '震度6弱' when '6+' then '震度6強'
        when '7' then '震度7'
        else name
    end
$$;

comment on function figure_state_word is
'状態の名称の日本語。一覧にない名称(事業が独自に決めたものなど)はそのまま。
The name of a state in Japanese, as the pages have it. A name that is not in the list (a project''s own, say) stays as it is.';

create function figure_flag_words(flags text[]) returns text
language sql immutable parallel safe as $$
    select string_agg(
        case flag
            when 'range' then '範囲外の値' when 'time_absent' then '時刻なし' when 'clock_unset' then '時計未設定'
            when 'clock_ahead' then '時計の進み' when 'clamped' then '上限に補正' when 'publisher' then '送信元が注記'
            when 'unknown_key' then '時刻の項目名違い'
            else flag
        end, '、' order by place
    )
    from unnest(flags) with ordinality as f (flag, place)
$$;

comment on function figure_flag_words is
'品質の注記(figure_latest の flags)を日本語で。注記がなければ値なし。
Remarks on quality (flags of figure_latest) in Japanese, as the pages have them; null if there are none.';

create function figure_pages_url() returns text
language sql stable as $$
    select coalesce(
        (select nullif(rtrim(s.value, '/'), '') from figure_setting s where s.name = 'pages_url'), 'http://127.0.0.1:8080'
    )
$$;

comment on function figure_pages_url is
'狼煙の画面があるところ。表 figure_setting の pages_url(noroshi db upgrade が設定 web.url から、配備の pages.sql が PAGES_URL から書く)。なければこの計算機の8080番。
Where the pages of Noroshi are: pages_url of the table figure_setting (`noroshi db upgrade` writes it from the setting web.url, pages.sql of the deployment from PAGES_URL), else port 8080 of this machine.';
