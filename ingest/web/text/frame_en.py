"""Texts of the frame of every page."""

FRAME: dict[str, str] = {
    "product": "狼煙",
    "product_more": "Noroshi regional sensor intake",
    "nav": "Main pages",
    "overview": "Overview",
    "quarantine": "Quarantine",
    "skip": "To the content",
    "other_language": "日本語",
    "other_language_code": "ja",
    "updated": "Updated",
    "paused": "Paused",
    "no_values": "The present values cannot be read. What you see is from {time}. Reconnecting by itself.",
    "no_answer": "The server does not answer. What you see is from {time}. Reconnecting by itself.",
    "sheet_at": "as of {at} JST",
    "sheet_filter": "Filter:",
    "foot": "All times are Japan Standard Time (JST).",
    "foot_api": "API description (OpenAPI)",
}
