"""Texts of the frame of every page."""

FRAME: dict[str, str] = {
    "product": "狼煙",
    "product_more": "Noroshi 地域センサー受信基盤",
    "nav": "主なページ",
    "overview": "概況",
    "quarantine": "隔離",
    "skip": "本文へ",
    "other_language": "English",
    "other_language_code": "en",
    "updated": "更新",
    "paused": "停止中",
    "no_values": "いまの値を読めません。表示は {time} 時点のものです。自動で再接続します。",
    "no_answer": "サーバーから応答がありません。表示は {time} 時点のものです。自動で再接続します。",
    "sheet_at": "{at} 現在(日本時間)",
    "sheet_filter": "条件:",
    "foot": "時刻はすべて日本標準時(JST)です。",
    "foot_api": "API の説明(OpenAPI)",
}
