"""The columns of the tables in a usage report: heading, value, width and number format, the same for every format."""

from collections.abc import Callable
from datetime import datetime
from typing import Generic, NamedTuple, TypeAlias, TypeVar

from schemas.device import NetworkKind
from schemas.japan import JST
from schemas.report import DeviceLine, NetworkLine, UsageFigures

Cell: TypeAlias = str | int | float | datetime | None
Line_contra = TypeVar("Line_contra", bound=UsageFigures, contravariant=True)

NOTHING = "―"
"""Printed in place of a value that cannot be computed, which must not look like 0."""

COUNT = "#,##0"
PERCENT = '0.0"%"'
TENTHS = "#,##0.0"
MOMENT = "mm-dd hh:mm"
TEXT = "@"


class Column(NamedTuple, Generic[Line_contra]):
    """`width` in characters; `form` is an Excel number format, TEXT for text."""

    heading: str
    width: int
    form: str
    value: Callable[[Line_contra], Cell]


def kind_ja(kind: str) -> str:
    """The Japanese name of a radio technology; the code itself if it is unknown."""
    return NetworkKind(kind).label.ja if kind in list(NetworkKind) else kind


def _percent(line: UsageFigures) -> Cell:
    return NOTHING if line.completeness is None else line.completeness


def _silence_h(line: UsageFigures) -> Cell:
    return NOTHING if line.longest_silence_s is None else round(line.longest_silence_s / 3600, 1)


def _moment(moment: datetime | None) -> Cell:
    return None if moment is None else moment.astimezone(JST)


def _notes(line: UsageFigures) -> Cell:
    return "、".join(line.notes)


_FIGURES: tuple[Column[UsageFigures], ...] = (
    Column("期待受信数", 9, COUNT, lambda line: line.expected),
    Column("受信数", 9, COUNT, lambda line: line.received),
    Column("データ取得率 (%)", 13, PERCENT, _percent),
    Column("測定値数", 10, COUNT, lambda line: line.readings),
    Column("注記つき", 9, COUNT, lambda line: line.flagged),
    Column("隔離", 7, COUNT, lambda line: line.quarantined),
    Column("通信量 (KB)", 10, TENTHS, lambda line: round(line.payload_bytes / 1000, 1)),
    Column("最初の測定", 13, MOMENT, lambda line: _moment(line.first_at)),
    Column("最後の測定", 13, MOMENT, lambda line: _moment(line.last_at)),
    Column("最長欠測 (時間)", 10, TENTHS, _silence_h),
    Column("備考", 18, TEXT, _notes),
)

DEVICE_COLUMNS: tuple[Column[DeviceLine], ...] = (
    Column("通信網", 18, TEXT, lambda line: line.network_name),
    Column("通信方式", 12, TEXT, lambda line: kind_ja(line.network_kind)),
    Column("機器コード", 16, TEXT, lambda line: line.device),
    Column("機器名", 26, TEXT, lambda line: line.device_name),
    Column("型式", 14, TEXT, lambda line: line.model),
    Column("分野", 8, TEXT, lambda line: line.use),
    Column("送信間隔 (秒)", 9, COUNT, lambda line: line.interval_s),
    *_FIGURES,
)

NETWORK_COLUMNS: tuple[Column[NetworkLine], ...] = (
    Column("通信網コード", 16, TEXT, lambda line: line.network),
    Column("通信網", 20, TEXT, lambda line: line.network_name),
    Column("通信方式", 14, TEXT, lambda line: kind_ja(line.network_kind)),
    Column("登録機器数", 9, COUNT, lambda line: line.devices),
    Column("運用対象", 10, COUNT, lambda line: line.devices_expected),
    Column("受信あり", 10, COUNT, lambda line: line.devices_heard),
    Column("80%未満", 10, COUNT, lambda line: line.devices_below),
    *_FIGURES,
)
