"""The formula of each plan figure, as it is printed beside the number. Definitions in SQL have the same words."""

from schemas.bilingual import Bilingual

STATEMENTS: dict[str, Bilingual] = {
    "completeness": Bilingual(
        "有効受信数 ÷ 期待受信数 = 送信率 × 無線到達率 × 有効率",
        "valid / expected receptions = sending rate x radio arrival rate x valid rate",
    ),
    "sent_rate": Bilingual("送信数 ÷ 期待受信数", "sent / expected"),
    "radio_rate": Bilingual("到着数 ÷ 送信数", "arrived / sent"),
    "valid_rate": Bilingual("有効受信数 ÷ 到着数", "valid / arrived"),
    "missing_rate": Bilingual("(期待受信数 − 有効受信数) ÷ 期待受信数", "(expected - valid) / expected"),
    "availability": Bilingual(
        "最後の受信から送信間隔の3倍(平常時の間隔が長い機器の平常時は1.5倍)以内だった時間 ÷ 動作時間",
        "time in which the last reception was at most 3 intervals old (1.5 in calm mode) / active time",
    ),
    "expected": Bilingual(
        "運用期間の動作時間 ÷ その時の送信間隔(計画停止を除く)",
        "active time in season / the interval of the mode, minus planned stops",
    ),
    "valid": Bilingual("有効な測定が届いた区間の数", "slots with a valid reading"),
    "readings": Bilingual("保存した測定値の数", "readings stored"),
    "devices_working": Bilingual(
        "期間に有効な測定が1回以上届いた機器の数", "devices with a valid reading in the period"
    ),
    "latency_p50": Bilingual(
        "機器の時刻から受信まで、半数のメッセージがこれ以内"
        "(時計が正しいもの、まとめ送りを除く。サービスや回線が止まっていた間に待った時間は含む)",
        "device time to reception: half of the messages took at most this (believed clocks, no backfill; with the time "
        "that a message waited while the service or a line was down)",
    ),
    "latency_p95": Bilingual(
        "機器の時刻から受信まで、95%のメッセージがこれ以内"
        "(時計が正しいもの、まとめ送りを除く。サービスや回線が止まっていた間に待った時間は含む)",
        "device time to reception: 95 % of the messages took at most this (believed clocks, no backfill; with the time "
        "that a message waited while the service or a line was down)",
    ),
    "outages": Bilingual(
        "期間に始まった停止の数(計画停止を除く)", "outages that began in the period, planned stops apart"
    ),
    "mttr": Bilingual("停止時間の合計 ÷ 終わった停止の数", "total length of the outages that ended / their number"),
    "mtbf": Bilingual("(動作時間の合計 − 停止時間) ÷ 停止回数", "(total active time - downtime) / outages"),
    "downtime": Bilingual(
        "停止時間のうち期間内の合計(計画停止を除く)", "time of outages within the period, planned stops apart"
    ),
    "visits": Bilingual("作業記録の件数", "entries of the work log"),
    "work_minutes": Bilingual("作業記録の 分 × 人数 の合計", "sum of minutes x people of the work log"),
    "work_hours": Bilingual("作業記録の 分 × 人数 の合計 ÷ 60", "sum of minutes x people of the work log / 60"),
    "distance": Bilingual(
        "作業記録の 後の距離計 − 前の距離計 の合計", "sum of kilometres after - before of the work log"
    ),
    "users": Bilingual(
        "月ごとの利用者数(同じ人は月に一度)の合計 ÷ 月数",
        "sum over months of the distinct people of each month / number of months",
    ),
    "page_views": Bilingual("画面の閲覧(一人・画面・1時間につき1回)", "page views: one for a person, page and hour"),
    "sign_ins": Bilingual("サインインの回数", "sign-ins"),
    "downloads": Bilingual("データのダウンロードと書き出しの回数", "downloads and exports of data"),
    "reports": Bilingual("報告書の作成回数", "reports made"),
    "programs": Bilingual(
        "月ごとの API 利用プログラム数の合計 ÷ 月数", "sum over months of the API programs of each month / months"
    ),
    "departments": Bilingual("期間に利用のあった所属(課)の数", "departments with any use in the period"),
    "diversity": Bilingual(
        "データの届いた分野の数 × 利用のあった所属(課)の数", "uses with data x departments with any use in the period"
    ),
    "cost": Bilingual(
        "期間にかかる費用。一括前払いは対象月数に均等に割り振る",
        "costs of the period; what was paid at once is spread evenly over the months it covers",
    ),
    "income": Bilingual("期間の収入と節減額。年額は月割り", "income and savings of the period; yearly sums by months"),
    "yen_per_1000_valid": Bilingual(
        "費用 ÷ 有効受信数 × 1,000。通信方式を指定した費用はその方式の機器に、その他の費用は全機器に、"
        "動作時間の割合で割り振る。終わっていない期間の費用は現在までの分",
        "cost / valid receptions x 1,000; costs of a technology fall on its devices, all others on every device, in"
        " proportion to their active time; of a period that is not over the cost up to now counts",
    ),
    "self_sufficiency": Bilingual(
        "収入(利用料・その他) ÷ 運用費用(節減額と回避した被害額は含めない)",
        "income (fees and other) / running costs; savings and avoided damage are left out",
    ),
    "tco60": Bilingual(
        "運用開始から60か月の費用の合計(初期費用を含む)", "costs of the first 60 months, initial costs included"
    ),
    "net_cumulative": Bilingual(
        "運用開始から期間の終わりまでの 収入と節減額の累計 − 費用の累計",
        "income and savings - cost, summed from the beginning of the plan to the end of the period",
    ),
    "break_even_months": Bilingual(
        "累積収支が初めて0以上になり、その後も下回らない月までの月数",
        "months until the cumulative net is 0 or more and stays so",
    ),
    "notification_delay_p50": Bilingual(
        "測定時刻から通知が届くまで、半数の通知がこれ以内(その時に分かった監視イベントのもの。段階的な連絡、訓練、試験、"
        "知らせない決まりのもの、MQTT と Webhook を除く)",
        "measurement to arrival: half of the messages took at most this (of events noticed as they happened; without "
        "escalations, drills, tests, what was withheld, MQTT and webhooks)",
    ),
    "notification_delay_p95": Bilingual(
        "測定時刻から通知が届くまで、95%の通知がこれ以内(その時に分かった監視イベントのもの。段階的な連絡、訓練、試験、"
        "知らせない決まりのもの、MQTT と Webhook を除く)",
        "measurement to arrival: 95 % of the messages took at most this (of events noticed as they happened; without "
        "escalations, drills, tests, what was withheld, MQTT and webhooks)",
    ),
    "time_to_acknowledge_p50": Bilingual(
        "最初の通知が届いてから確認まで、半数の事象がこれ以内(届く前に確認したもの、確認のないものを除く)",
        "first arrival to somebody taking it: half of the incidents took at most this (without those taken before, and "
        "those that nobody took)",
    ),
    "time_to_acknowledge_p95": Bilingual(
        "最初の通知が届いてから確認まで、95%の事象がこれ以内(届く前に確認したもの、確認のないものを除く)",
        "first arrival to somebody taking it: 95 % of the incidents took at most this (without those taken before, and "
        "those that nobody took)",
    ),
    "false_alarm_rate": Bilingual(
        "空振りと記した事象 ÷ 正誤を記した事象", "incidents marked false / incidents marked true or false"
    ),
    "missed": Bilingual(
        "知らせるべきだったのに知らせなかったと人が記した件数", "what people noted as not told, and should have been"
    ),
    "crossings": Bilingual(
        "その時に分かった、より高い段階への到達の数(取り消したもの、後から分かったものを除く)",
        "rises to a higher stage noticed as they happened, without those withdrawn or found out later",
    ),
    "escalations": Bilingual(
        "確認がなかったため次の人に知らせた回数", "times that the next one was told because nobody took it"
    ),
    "notifications": Bilingual(
        "人に届いた通知の数(まとめは1件。MQTT、Webhook、訓練、試験を除く)",
        "messages that reached people; a digest is one; without MQTT, webhooks, drills and tests",
    ),
    "watch_uptime": Bilingual(
        "監視のプロセスが動いていた時間 ÷ 監視計画を初めて適用してからの時間",
        "time in which the process of the watch ran / time since the first document of the watch",
    ),
}
