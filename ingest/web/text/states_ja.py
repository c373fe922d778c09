"""What a state of the catalogue is called in Japanese, where a quantity is a state and not a number."""

STATE_NAMES: dict[str, str] = {
    "closed": "閉", "open": "開", "moving": "動作中", "fault": "故障",
    "off": "なし", "on": "あり",
    "armed": "待機中", "triggered": "作動", "occupied": "捕獲",
    "none": "なし", "boar": "イノシシ", "deer": "シカ", "monkey": "サル", "bear": "クマ", "raccoon": "アライグマ",
    "badger": "アナグマ", "civet": "ハクビシン", "crow": "カラス", "human": "人", "vehicle": "車両", "other": "その他",
    "0": "震度0", "1": "震度1", "2": "震度2", "3": "震度3", "4": "震度4",
    "5-": "震度5弱", "5+": "震度5強", "6-": "震度6弱", "6+": "震度6強", "7": "震度7",
}  # fmt: skip
