"""Texts of the chronology of the watch. Placeholders in braces are filled in by the page."""

CHRONOLOGY = {
    "chronology": "災害対応時系列記録",
    "chronology_lead": (
        "何が分かり、だれにいつ知らせ、だれが確認し、市が何をしたかの記録です。"
        "運用者の観測による参考値で、気象庁・河川管理者の発表ではありません。"
    ),
    "chronology_project": "事業",
    "chronology_from": "から",
    "chronology_to": "まで",
    "chronology_drills": "訓練も",
    "chronology_show": "表示",
    "chronology_no_time": "日時として読めません。いつもの期間を表示しています",
    "chronology_turned": "終わりが始まりより前です。いつもの期間を表示しています",
    "chronology_too_long": "期間は31日までです。いつもの期間を表示しています",
    "chronology_incidents": "事象 {n}件",
    "chronology_told_in": "通知遅延(95%)",
    "chronology_taken_in": "確認時間(95%)",
    "chronology_not_watched": "この期間の終わりまでに監視が始まっていません",
    "chronology_print": "印刷すると A4 横になります",
    "chronology_at": "時刻",
    "chronology_station": "観測所",
    "chronology_value": "値",
    "chronology_stage": "段階",
    "chronology_since": "前段階から",
    "chronology_told": "通知先",
    "chronology_told_at": "通知時刻",
    "chronology_delay": "測定からの遅れ",
    "chronology_taken_by": "確認者",
    "chronology_taken_at": "確認時刻",
    "chronology_response": "市の対応",
    "chronology_origin": "由来",
    "chronology_origin_live": "その場で",
    "chronology_origin_late": "後から判明",
    "chronology_origin_drill": "訓練",
    "chronology_origin_withdrawn": "取消",
    "chronology_origin_person": "人の記入",
    "chronology_origin_observed": "測定値から",
    "chronology_origin_unwatched": "監視の停止",
    "chronology_unwatched": "監視が動いていませんでした({at} まで)",
    "chronology_more": "最初の{n}行です。残りはファイルにあります",
    "chronology_unknown": "この期間の監視の記録も状態の変化も、いまのところありません",
    "chronology_none": "この期間に、監視の記録も状態の変化もありません",
    "chronology_note": (
        "時刻は測定時刻です。「測定値から」の行は監視の記録がなく測定値から求めたもので、一つの到達は一度"
        "しか出ません。「後から判明」「取消」は、遅れて届いた・訂正されたデータによる訂正です。「その場で」は、届いた"
        "時にその観測所の最新の測定だったものです。通信が途切れた後や、平常時の送信間隔が長い観測所では、測定から1時間"
        "以上後に届くこともあり、「測定からの遅れ」はその時間も含みます。"
    ),
    "chronology_reached": "{name}に到達",
    "chronology_fell": "{name}に戻る",
    "chronology_below": "すべての基準の外に戻る",
    "chronology_hint": "(参考: 警戒レベル{n}の目安)",
    "chronology_silence_on": "途絶",
    "chronology_silence_off": "受信の再開",
    "chronology_blind_on": "監視不能",
    "chronology_blind_off": "監視の再開",
    "chronology_airtime_on": "送信時間",
    "chronology_airtime_off": "送信時間が平常に戻る",
    "chronology_quality_on": "品質の疑い",
    "chronology_quality_off": "品質の疑いの解消",
    "chronology_missed_on": "見逃し",
}
