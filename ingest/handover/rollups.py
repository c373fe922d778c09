"""The parts that the database computes by itself: sums by hour and by day, for readers without Noroshi.

An import writes only sums whose readings are deleted: see `sums.py`.
"""

from ingest.handover import words
from ingest.handover.column import Column, Type
from ingest.handover.part import Part, Way

_HOUR = words.time("時間(始まり)", "the hour, by its beginning", "hour")
_DAY = words.day("day", "日(日本時間)", "the day in Japan")

_READINGS = (
    words.count("count", "件数", "readings"), words.count("flagged", "うち注意の印があるもの", "of which flagged"),
    words.number("minimum", "最小", "smallest value"), words.number("maximum", "最大", "largest value"),
    words.number("total", "合計", "sum of the values"), words.number("first", "最初の値", "first value"),
    words.number("last", "最後の値", "last value"), words.time("最初の日時", "time of the first", "first_at"),
    words.time("最後の日時", "time of the last", "last_at"),
    words.number("increase", "増えた量(積算値)", "increase of a counter, resets allowed for"),
    words.number("direction", "平均の向き", "mean direction", "deg"),
    words.number("east", "向きの正弦の合計", "sum of the sines of the directions"),
    words.number("north", "向きの余弦の合計", "sum of the cosines of the directions"),
    Column("durations", Type.JSON, "状態ごとの秒数(JSON)", "seconds in each state (JSON)"),
)  # fmt: skip

_UPLINKS = (
    words.count("received", "受信数", "messages received"),
    words.count("payload_bytes", "電文の長さの計", "bytes of payload", "By"),
    words.number("airtime_ms", "送信時間の計", "time on air", "ms"),
    words.count("lost", "連番から見た欠け", "lost, by gaps of the counter"),
    words.count("resets", "連番の巻き戻り", "restarts of the counter"),
    words.short("rssi_worst", "受信強度の最低", "weakest signal", "dBm"),
    words.number("rssi_median", "受信強度の中央値", "median signal", "dBm"),
    words.short("snr_worst", "SN比の最低", "worst signal to noise", "dB"),
    words.number("snr_median", "SN比の中央値", "median signal to noise", "dB"),
    words.time("最初の日時", "time of the first", "first_at"), words.time("最後の日時", "time of the last", "last_at"),
)  # fmt: skip

_USAGE = (
    words.count("interval_s", "送信間隔", "reporting interval", "s"),
    words.count("readings", "測定値", "readings"), words.count("flagged", "うち注意の印があるもの", "of which flagged"),
    words.time("最初の日時", "time of the first", "first_at"), words.time("最後の日時", "time of the last", "last_at"),
    words.count("uplinks", "測定メッセージ", "messages with measurements"),
    words.count("payload_bytes", "電文の長さの計", "bytes of payload", "By"),
    words.time("最初の測定", "first measurement", "measured_first"),
    words.time("最後の測定", "last measurement", "measured_last"),
    words.number("gap_s", "最長の間隔", "longest time between two", "s"),
    words.count("slots", "測定のある区間", "slots with a measurement"),
    words.count("slot_first", "最初の区間", "first of them"), words.count("slot_last", "最後の区間", "last of them"),
    words.count("halves", "半間隔ずらした区間", "the same, half an interval moved"),
    words.count("half_first", "最初の区間", "first of them"), words.count("half_last", "最後の区間", "last of them"),
)  # fmt: skip

_OF_DEVICE = (words.DEVICE,)
_OF_SERIES = (words.DEVICE, words.QUANTITY, words.CHANNEL)


def _derived(name: str, ja: str, en: str, whose: tuple[Column, ...], when: Column, what: tuple[Column, ...]) -> Part:
    key = (*(column.name for column in whose), when.name)
    columns = (*whose, when, *what)
    return Part(name, ja, en, Way.DERIVED, key, columns, time_of=when.name, monthly=when is _HOUR, optional=True)


ROLLUPS = (
    _derived("rollup_hourly", "測定値の1時間ごとの集計", "readings by hour", _OF_SERIES, _HOUR, _READINGS),
    _derived("rollup_daily", "測定値の1日ごとの集計", "readings by day", _OF_SERIES, _DAY, _READINGS),
    _derived("uplink_hourly", "メッセージの1時間ごとの集計", "messages by hour", _OF_DEVICE, _HOUR, _UPLINKS),
    _derived("uplink_daily", "メッセージの1日ごとの集計", "messages by day", _OF_DEVICE, _DAY, _UPLINKS),
    _derived(
        "rollup_usage_day", "データ取得率の元になる1日ごとの数", "what completeness is counted from", _OF_DEVICE,
        _DAY, _USAGE,
    ),
)  # fmt: skip
TABLES = {
    "rollup_hourly": "rollup_hour", "rollup_daily": "rollup_day", "uplink_hourly": "uplink_hour",
    "uplink_daily": "uplink_day", "rollup_usage_day": "rollup_usage_day",
}  # fmt: skip
"""Name of a part -> the table that holds it."""
WORKED_OUT = ("direction",)
"""Columns that the views compute and the tables do not have."""
