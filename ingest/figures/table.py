"""The tables that can be read row by row over time: their relation and order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, LiteralString, TypeAlias

from schemas.japan import JST

Row: TypeAlias = tuple[Any, ...]
"""The columns of a table in its order, the key first."""

Position: TypeAlias = tuple[Any, ...]
"""The key of a row, which marks the end of a page. Rows that are stored later do not move it."""


@dataclass(frozen=True, slots=True)
class Table:
    """A relation with rows of devices over time, read by device, series (`series`), time and `tail`.

    `columns`: read beside the key. `moments`: the columns that are a point in time. `days`: whether `time` is a day in
    Japan. `of_devices`: a function of device ids, start and end that gives the same rows sooner for many devices.
    """

    relation: LiteralString
    series: tuple[LiteralString, ...]
    time: LiteralString
    columns: tuple[LiteralString, ...]
    tail: tuple[LiteralString, ...] = ()
    moments: frozenset[str] = frozenset({"time", "hour", "first_at", "last_at", "received_at", "device_time"})
    days: bool = False
    of_devices: LiteralString | None = None

    @property
    def key(self) -> tuple[LiteralString, ...]:
        """The columns that identify a row, in the order of reading."""
        return ("device_id", *self.series, self.time, *self.tail)

    @property
    def all_columns(self) -> tuple[LiteralString, ...]:
        """Every column that is read, in the order of a row."""
        return (*self.key, *self.columns)


@dataclass(frozen=True, slots=True)
class Selection:
    """The rows of [start, end), of a project or all, of these devices, quantities and channels or all."""

    table: Table
    start: datetime
    end: datetime
    project: str | None = None
    devices: Sequence[str] = ()
    quantities: Sequence[int] = ()
    channels: Sequence[int] = ()

    @property
    def bounds(self) -> tuple[datetime | date, datetime | date]:
        """`start` and `end` in the type of the table's time column. A day is included if it begins between them."""
        return (_day(self.start), _day(self.end)) if self.table.days else (self.start, self.end)


def _day(at: datetime) -> date:
    """The first day in Japan that begins at this moment or after it."""
    local = at.astimezone(JST)
    return local.date() if local.time() == time() else local.date() + timedelta(days=1)


_SERIES: tuple[LiteralString, ...] = ("quantity_id", "channel")
_SUMMARY: tuple[LiteralString, ...] = (
    "count", "flagged", "minimum", "maximum", "total", "first", "last", "first_at", "last_at", "increase",
    "implausible", "provisional", "direction", "durations",
)  # fmt: skip
_TRAFFIC: tuple[LiteralString, ...] = (
    "received", "payload_bytes", "airtime_ms", "lost", "resets", "rssi_worst", "rssi_median", "snr_worst",
    "snr_median", "first_at", "last_at",
)  # fmt: skip

MEASURED = Table("reading", _SERIES, "time", ("value", "quality"))
"""Readings as they were measured, annulled ones included."""
COUNTED = replace(MEASURED, relation="reading_counted")
"""Readings that count: without annulled ones, with recalibrated values."""
GRADED = Table("figure_graded", _SERIES, "time", ("value", "quality", "grade", "tests"))
"""Readings as they were measured, with what the tests of quality say of them."""
GRADED_COUNTED = replace(GRADED, relation="figure_graded_counted")
UPLINK = Table(
    "uplink",
    (),
    "time",
    (
        "received_at", "device_time", "kind", "counter", "gateway_id", "gateway_count", "rssi_dbm", "snr_db",
        "spreading_factor", "airtime_ms", "payload_bytes", "offered", "refused", "quality", "link",
    ),
    ("message_id",),
)  # fmt: skip
READING_HOURLY = Table("rollup_hourly", _SERIES, "hour", _SUMMARY, of_devices="rollup_hourly_of")
READING_DAILY = Table("rollup_daily", _SERIES, "day", _SUMMARY, days=True, of_devices="rollup_daily_of")
UPLINK_HOURLY = Table("uplink_hourly", (), "hour", _TRAFFIC, of_devices="rollup_uplink_hourly_of")
UPLINK_DAILY = Table("uplink_daily", (), "day", _TRAFFIC, days=True, of_devices="rollup_uplink_days")
