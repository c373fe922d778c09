"""The page of outages, in Japanese."""

OUTAGES: dict[str, str] = {
    "outages_no_project": "見える事業がありません",
    "outages_no_project_more": "台帳に事業を登録すると、ここに停止の一覧が出ます。",
    "outages_choose_project": "事業を選ぶ",
    "outages_lead": (
        "機器・基地局・通信網から、決められた間隔の3倍(間隔が2つある水位計の平常時は1.5倍)を超えて何も届かなかった時間です。"
        "サービスが見つけ、遅れて届いたデータで改めます。"
        "原因は人が確かめます。"
    ),
    "outages_count": "停止回数",
    "outages_n": "{n}回",
    "outages_open": "続いている停止",
    "outages_mttr": "平均復旧時間(MTTR)",
    "outages_mtbf": "平均故障間隔(MTBF)",
    "outages_downtime": "停止時間(延べ)",
    "outages_planned": "計画停止",
    "outages_planned_n": "{n}回、延べ{time}",
    "outages_none_ended": "終わった停止がないため",
    "outages_none_in_period": "期間に始まった停止がないため",
    "outages_method": (
        "停止回数は期間に始まったもの。"
        "基地局の停止は配下の機器をまとめて1回と数えます。"
        "MTTR = 終わった停止の長さの合計 ÷ その数。"
        "MTBF = (動作すべき延べ時間 - 停止時間) ÷ 停止回数。"
        "計画停止は別に数えます。"
    ),
    "outages_by_place": "通信網と基地局ごと",
    "outages_place": "対象",
    "outages_no_data": "この期間に受信した機器がありません",
    "outages_no_data_more": "機器からの受信が始まると、停止をここに数えます。",
    "outages_list": "停止の一覧",
    "outages_counted": "{n}件、うち続いているもの{open}件、原因を確かめていないもの{rest}件",
    "outages_csv": "CSV で保存",
    "outages_year": "年度",
    "outages_from": "期間",
    "outages_state": "状態",
    "outages_all": "すべて",
    "outages_only_open": "続いているものだけ",
    "outages_cause": "原因",
    "outages_all_causes": "すべての原因",
    "outages_unexplained": "まだ確かめていない",
    "outages_level": "種別",
    "outages_all_levels": "まとめて表示",
    "outages_level_device": "機器",
    "outages_level_gateway": "基地局",
    "outages_level_network": "通信網",
    "outages_code": "機器・基地局・通信網のコード",
    "outages_bulk": "選んだ停止に",
    "outages_bulk_do": "まとめて記入",
    "outages_choose_cause": "原因を選ぶ",
    "outages_choose": "{what}の停止を選ぶ",
    "outages_note": "メモ",
    "outages_devices": "{n}台",
    "outages_lasts": "{time}続いています",
    "outages_still": "続いています",
    "outages_of_which_planned": "うち計画停止{time}",
    "outages_part": "まとまった停止の一部",
    "outages_by": "記入: {who}",
    "outages_proposed": "推定",
    "outages_no_cause": "原因はまだ分かりません",
    "outages_order": "続いているもの、次に新しい順",
    "outages_none_found": "条件に合う停止はありません。",
    "outages_behind": (
        "この期間の停止は、まだすべて調べられていません。"
        "定期処理「停止の検出」が進むまで、停止がなかったとは言えません。"
    ),
    "outages_none": "停止はありません",
    "outages_none_more": "1分ごとに調べています。見つかるとここに出ます。",
    "outages_starts": "最後の受信",
    "outages_ends": "復旧",
    "outages_length": "長さ",
    "outages_silent_devices": "途絶えた機器",
    "outages_where": "場所",
    "outages_device_page": "機器のページへ",
    "outages_is_part": "「{what}」の停止の一部です。",
    "outages_no_human": "まだ人が確かめていません。",
    "outages_take_back": "(記入なし)",
    "outages_parts_too": "この停止に含まれる機器にも同じ原因を書きます。別の原因を書いた機器はそのまま残ります。",
    "outages_write": "原因を記入",
    "outages_parts": "この停止に含まれる停止({n}件)",
    "outages_history": "経過",
    "outages_found": "サービスが見つけました",
    "outages_done": "原因を記入しました。",
}
