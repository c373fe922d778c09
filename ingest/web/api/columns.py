"""What a row of each table has: one list for the JSON, the CSV, the Arrow schema and the description of the API."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import Enum
from typing import Any, NamedTuple

from pydantic import BaseModel, Field, create_model

from ingest.figures.table import (
    GRADED,
    MEASURED,
    READING_DAILY,
    READING_HOURLY,
    UPLINK,
    UPLINK_DAILY,
    UPLINK_HOURLY,
    Table,
)


class Sort(Enum):
    """What becomes of a column of the database on its way out."""

    PROJECT = "project"
    DEVICE = "device"
    DEVICE_NAME = "device name"
    QUANTITY = "quantity"
    QUANTITY_LABEL = "quantity label"
    UNIT = "unit"
    UNIT_JA = "unit in Japan"
    GATEWAY = "gateway"
    FLAGS = "flags"
    WORDS = "words"
    EVENT = "kind of message"
    MOMENT = "moment"
    DAY = "day"
    INTEGER = "integer"
    TRUTH = "true or false"
    IDENTIFIER = "identifier"
    SINGLE = "number of single precision"
    NUMBER = "number"
    DOCUMENT = "document"


_TYPES: dict[Sort, Any] = {
    Sort.FLAGS: list[str],
    Sort.WORDS: list[str],
    Sort.MOMENT: datetime,
    Sort.DAY: date,
    Sort.INTEGER: int,
    Sort.TRUTH: bool,
    Sort.SINGLE: float,
    Sort.NUMBER: float,
    Sort.DOCUMENT: dict[str, Any],
}


class Column(NamedTuple):
    """One column of an answer. `source`: the column of the database it is made from. `ja`: its heading for a clerk.

    `wide`: only in CSV, Arrow and Parquet; JSON says it once for all rows.
    """

    name: str
    ja: str
    sort: Sort
    source: str
    text: str
    example: Any
    nullable: bool = False
    wide: bool = False


def _column(name: str, ja: str, sort: Sort, text: str, example: Any, *, nullable: bool = False) -> Column:
    return Column(name, ja, sort, name, text, example, nullable)


_WHO = (
    Column("project", "事業コード", Sort.PROJECT, "device_id", "Code of the project", "fukuroi"),
    Column("device", "機器コード", Sort.DEVICE, "device_id", "Code of the device in its project", "paddy-01"),
    Column("device_name", "機器名", Sort.DEVICE_NAME, "device_id", "Name of the device", "水田1号", wide=True),
)
_WHAT = (
    Column("quantity", "測定項目コード", Sort.QUANTITY, "quantity_id", "Code of the catalogue", "air_temperature"),
    Column("quantity_name", "測定項目", Sort.QUANTITY_LABEL, "quantity_id", "Its Japanese label", "気温", wide=True),
    _column("channel", "チャネル", Sort.INTEGER, "Tells several probes of one quantity apart, else 0", 0),
)
_UNITS = (
    Column("unit", "単位(UCUM)", Sort.UNIT, "quantity_id", "UCUM code of the unit", "Cel", wide=True),
    Column("unit_ja", "単位", Sort.UNIT_JA, "quantity_id", "The unit as Japan writes it", "℃", wide=True),
)
_TIME = _column("time", "測定時刻", Sort.MOMENT, "Time of measurement", "2026-11-24T09:00:00+09:00")
_HOUR = _column("hour", "時", Sort.MOMENT, "Beginning of the hour", "2026-11-24T09:00:00+09:00")
_DAY = _column("day", "日", Sort.DAY, "The day in Japan", "2026-11-24")
_FLAGS = Column("flags", "注記", Sort.FLAGS, "quality", "Remarks on quality; empty when there are none", ["range"])
_FIRST_AT = _column("first_at", "最初の時刻", Sort.MOMENT, "Time of the first one", "2026-11-24T09:00:00+09:00")
_LAST_AT = _column("last_at", "最後の時刻", Sort.MOMENT, "Time of the last one", "2026-11-24T09:50:00+09:00")


def _number(name: str, ja: str, text: str, example: float) -> Column:
    return _column(name, ja, Sort.NUMBER, text, example, nullable=True)


def _count(name: str, ja: str, text: str, example: int, *, nullable: bool = False) -> Column:
    return _column(name, ja, Sort.INTEGER, text, example, nullable=nullable)


_SUMMARY = (
    _count("count", "件数", "Readings in it", 6),
    _count("flagged", "注記つき", "Of these with a remark", 0),
    _number("minimum", "最小", "Least value", 11.8),
    _number("maximum", "最大", "Greatest value", 13.1),
    _number("total", "合計", "Sum of the values", 74.4),
    _number("first", "最初の値", "First value", 11.8),
    _number("last", "最後の値", "Last value", 13.1),
    _FIRST_AT._replace(nullable=True),
    _LAST_AT._replace(nullable=True),
    _number("increase", "増分", "Of a counter: by how much it grew, resets and roll-over taken care of", 2.5),
    _count("implausible", "除いた件数", "Of a counter: readings that cannot be right and were not added", 0),
    _column(
        "provisional", "暫定", Sort.TRUTH,
        "Of a counter: whether the last reading is right cannot be known before the next one", False,
    ),
    _number("direction", "平均方位", "Of a direction: the vector mean in degrees", 201.5),
    _column(
        "durations", "状態別の時間(秒)", Sort.DOCUMENT, "Of a state: seconds in each",
        {"open": 1200.0, "closed": 2400.0}, nullable=True,
    ),
)  # fmt: skip
_TRAFFIC = (
    _count("received", "受信数", "Messages", 6),
    _count("payload_bytes", "バイト数", "Bytes of their payloads", 504, nullable=True),
    _number("airtime_ms", "送信時間(ms)", "Milliseconds on the air", 370.5),
    _count("lost", "欠落数", "Messages lost, by gaps of the counter", 0, nullable=True),
    _count("resets", "通番の戻り", "How often the counter began anew", 0, nullable=True),
    _number("rssi_worst", "RSSI最小(dBm)", "Weakest signal, dBm", -104.0),
    _number("rssi_median", "RSSI中央値(dBm)", "Median signal, dBm", -98.0),
    _number("snr_worst", "SNR最小(dB)", "Worst signal to noise, dB", 2.5),
    _number("snr_median", "SNR中央値(dB)", "Median signal to noise, dB", 6.5),
    _FIRST_AT._replace(nullable=True),
    _LAST_AT._replace(nullable=True),
)
_MESSAGE = (
    _TIME,
    _column("received_at", "受信時刻", Sort.MOMENT, "Time of receipt", "2026-11-24T09:00:01+09:00"),
    _column(
        "device_time", "機器の時刻", Sort.MOMENT, "What the device claimed, where `time` is not that",
        "1970-01-01T09:00:12+09:00", nullable=True,
    ),
    _column("message_id", "メッセージID", Sort.IDENTIFIER, "The same bytes have the same", "-4611686018427387905"),
    Column("kind", "種別", Sort.EVENT, "kind", "uplink, status, join, log, backfill or other", "uplink"),
    _count("counter", "通番", "Frame counter or sequence number", 123, nullable=True),
    Column("gateway", "基地局コード", Sort.GATEWAY, "gateway_id", "Best receiving gateway", "hill-1", nullable=True),
    _count("gateway_count", "受信基地局数", "Gateways that heard it", 2, nullable=True),
    _column("rssi_dbm", "RSSI(dBm)", Sort.SINGLE, "Signal at that gateway, dBm", -98.0, nullable=True),
    _column("snr_db", "SNR(dB)", Sort.SINGLE, "Signal to noise, dB", 6.5, nullable=True),
    _count("spreading_factor", "拡散率", "Spreading factor of LoRa", 10, nullable=True),
    _column("airtime_ms", "送信時間(ms)", Sort.SINGLE, "Milliseconds on the air", 61.7, nullable=True),
    _count("payload_bytes", "バイト数", "Bytes of the payload", 84),
    _count("offered", "測定値数", "Readings it brought", 4),
    _count("refused", "隔離した測定値数", "Of these set aside", 0),
    _FLAGS,
    _column(
        "link", "回線の記録", Sort.DOCUMENT, "What else the network told about the radio",
        {"frequency": 923200000}, nullable=True,
    ),
)  # fmt: skip


class Answer(NamedTuple):
    """A table as the API gives it. `row`: the model of one row in JSON."""

    name: str
    table: Table
    columns: Sequence[Column]
    row: type[BaseModel]


def _answer(
    name: str, model: str, text: str, table: Table, columns: Sequence[Column], asked: Sequence[Column] = ()
) -> Answer:
    """`asked`: columns that are there only if they are asked for."""
    return Answer(name, table, columns, _row_model(model, text, columns, asked))


def _row_model(name: str, text: str, columns: Sequence[Column], asked: Sequence[Column]) -> type[BaseModel]:
    fields: dict[str, Any] = {}
    for column in columns:
        kind = _TYPES.get(column.sort, str)
        described = Field(description=column.text, examples=[column.example])
        fields[column.name] = (kind | None if column.nullable else kind, described)
    narrow = {name: field for name, field in fields.items() if name in {c.name for c in columns if not c.wide}}
    for column in asked:
        described = Field(default=None, description=column.text, examples=[column.example])
        narrow[column.name] = (_TYPES.get(column.sort, str) | None, described)
    model: type[BaseModel] = create_model(name, __doc__=text, **narrow)
    return model


_VALUE = (_column("value", "値", Sort.NUMBER, "In the unit of the quantity", 12.4), *_UNITS, _FLAGS)

_GRADES = (
    _count(
        "grade", "品質の程度",
        "With graded=true: the gravest that the tests of quality say: 3 suspect, 4 failed; null where they say nothing",
        3, nullable=True,
    ),
    _column(
        "tests", "品質の確認", Sort.WORDS,
        "With graded=true: the tests that say so: stuck, spike, rate, range, drift. Empty where none does", ["spike"],
    ),
)  # fmt: skip

READINGS = _answer(
    "readings", "ReadingRow", "One measured value.", MEASURED, (*_WHO, *_WHAT, _TIME, *_VALUE), asked=_GRADES
)
READINGS_GRADED = READINGS._replace(table=GRADED, columns=(*READINGS.columns, *_GRADES))
UPLINKS = _answer("uplinks", "UplinkRow", "One message that was understood.", UPLINK, (*_WHO, *_MESSAGE))
READINGS_HOURLY = _answer(
    "readings-hourly", "ReadingHourRow", "One hour of a quantity of a device.", READING_HOURLY,
    (*_WHO, *_WHAT, _HOUR, *_UNITS, *_SUMMARY),
)  # fmt: skip
READINGS_DAILY = _answer(
    "readings-daily", "ReadingDayRow", "One day in Japan of a quantity of a device.", READING_DAILY,
    (*_WHO, *_WHAT, _DAY, *_UNITS, *_SUMMARY),
)  # fmt: skip
UPLINKS_HOURLY = _answer(
    "uplinks-hourly", "UplinkHourRow", "One hour of a device's messages.", UPLINK_HOURLY, (*_WHO, _HOUR, *_TRAFFIC)
)
UPLINKS_DAILY = _answer(
    "uplinks-daily", "UplinkDayRow", "One day in Japan of a device's messages.", UPLINK_DAILY, (*_WHO, _DAY, *_TRAFFIC)
)
