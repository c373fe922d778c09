"""API の手引きの文言。 The API itself speaks English: these are its questions and parameters for people."""

REFERENCE: dict[str, str] = {
    "reference": "API の手引き",
    "reference_lead": (
        "下の質問はすべて読み取り専用で、時刻はすべて日本時間(+09:00)です。例はこの設置にある事業・"
        "機器で書いてあり、そのまま実行できます。"
    ),
    "reference_periods": (
        "期間は from 以上 to 未満。時差つきの RFC 3339(2026-11-24T09:00:00+09:00)か、日本の日付(202"
        "6-11-24 はその日の0時)で書きます。"
    ),
    "reference_pages": (
        "JSON は一ページずつ返ります。next が null になるまでたどってください。途中で保存されたもの"
        "が重なったり抜けたりすることはありません。"
    ),
    "reference_files": (
        "format=csv、arrow、parquet(または Accept)は期間のすべてを一度に返します。途中で切れた応答は"
        "完全ではありません。もう一度尋ねてください。"
    ),
    "reference_problems": "誤りは application/problem+json で返り、type は決まった一覧のどれかです。",
    "reference_unknown": "機器がまだないか、データベースにつながらないため、例の名前は仮のものです。",
    "reference_parameters": "パラメーター",
    "reference_name": "名前",
    "reference_type": "型",
    "reference_default": "省略時",
    "reference_meaning": "意味",
    "reference_meaning_en": "意味(英語)",
    "reference_required": "必須",
    "reference_answer": "応答の項目({n})",
    "reference_example": "例",
    "reference_forms": "形式",
    "reference_troubles": "誤り",
    "api_tag_index": "目次",
    "api_tag_readings": "測定値",
    "api_tag_uplinks": "受信メッセージ",
    "api_tag_registry": "台帳と状態",
    "api_tag_account": "収支と隔離",
    "api_read_index": "すべての質問とその例。ブラウザーで開くとこのページに移ります。",
    "api_read_identity": "受信したメッセージの収支。動いているプロセスの分と、データベースの始めからの分。",
    "api_read_quarantine": "隔離されていて再処理していないもの。理由ごと、多い順。",
    "api_read_projects": "事業と、その機器の状態の数。",
    "api_read_networks": "通信網と、その機器の状態の数。",
    "api_read_gateways": "基地局と、その配下の機器の状態の数。",
    "api_read_devices": "機器とその状態。事業・機器コードの順。",
    "api_read_device": "一つの機器とその状態。",
    "api_read_latest": "機器の測定項目ごとの最後の値。",
    "api_read_series": "一つの測定項目の推移。区間ごとの平均・最小・最大。",
    "api_read_quantities": "測定項目の一覧(コード・単位・名前)。project を書くと、その事業の独自の項目も。",
    "api_read_readings": "一つひとつの測定値。",
    "api_read_reading_hours": "測定値の1時間ごとの集計。",
    "api_read_reading_days": "測定値の日ごと(日本時間)の集計。",
    "api_read_uplinks": "受信したメッセージと電波の状態。",
    "api_read_uplink_hours": "受信メッセージの1時間ごとの集計。",
    "api_read_uplink_days": "受信メッセージの日ごと(日本時間)の集計。",
    "api_param_project": "事業コード。",
    "api_param_device": "機器コード。project と共に書きます。",
    "api_param_quantity": "測定項目コード。",
    "api_param_channel": "チャンネル番号。",
    "api_param_from": "期間の始め(含む)。",
    "api_param_to": "期間の終わり(含まない)。",
    "api_param_format": "応答の形式。",
    "api_param_charset": "CSV の文字コード。",
    "api_param_header": "CSV の見出しの言葉。",
    "api_param_limit": "一ページの行数。",
    "api_param_cursor": "前のページの next_cursor。",
    "api_param_counted": "false なら、訂正前の測定されたままの値。",
    "api_param_state": "この状態の機器だけ。",
    "api_param_q": "機器名・コード・通信網・基地局・型式・分野に含まれる言葉。",
    "api_param_points": "おおよその区間の数(チャンネルごと)。",
}
