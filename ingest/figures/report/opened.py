"""Reads what of the published devices may stand in open data, and its values."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from psycopg.types.range import Range

from ingest.figures.fetch import Database, fetch
from schemas.labelled import Labelled


class OpenQuality(Labelled):
    """品質 of a value; the comment of `figure_report_open` defines each."""

    GOOD = "good", "正常", "good"
    ESTIMATED = "estimated", "推定", "estimated"
    MISSING = "missing", "欠測", "missing"
    FAULTY = "faulty", "異常", "faulty"
    ADJUSTING = "adjusting", "調整中", "being adjusted"


@dataclass(frozen=True, slots=True)
class OpenSeries:
    """One row of `figure_report_open_series`; its comment defines every field."""

    device_id: int
    device: str
    device_name: str
    use: str | None
    latitude: float | None
    longitude: float | None
    quantity_id: int
    quantity: str
    label_ja: str
    unit_ja: str
    kind: str
    channel: int
    first_hour: datetime
    weather_law: bool
    verified: list[Range[date]]
    reason: str | None


@dataclass(frozen=True, slots=True)
class OpenValue:
    """One row of `figure_report_open`; its comment defines every field."""

    device: str
    quantity: str
    channel: int
    at: datetime
    value: float | None
    minimum: float | None
    maximum: float | None
    readings: int
    left_out: int
    expected: int
    quality: str


@dataclass(frozen=True, slots=True)
class OpenAsked:
    """Which data: a project, [start, end), and the codes of quantities that are open, are weather, are summed."""

    project: str
    start: datetime
    end: datetime
    open: tuple[str, ...]
    weather: tuple[str, ...]
    summed: tuple[str, ...]


def open_series(connection: Database, asked: OpenAsked) -> list[OpenSeries]:
    """The series of the published devices, by station and quantity, also those that are left out, with the reason."""
    query = """
        select * from figure_report_open_series(%(project)s, %(start)s, %(end)s, %(open)s, %(weather)s)
        order by device, quantity, channel
    """
    return fetch(connection, OpenSeries, query, _values(asked))


def open_values(connection: Database, asked: OpenAsked, step: timedelta, now: datetime) -> list[OpenValue]:
    """The values by station, quantity and time. `step`: an hour, or 24 hours."""
    query = """
        select * from figure_report_open(
            %(project)s, %(start)s, %(end)s, %(now)s, %(step)s, %(open)s, %(weather)s, %(summed)s
        )
        order by device, quantity, channel, at
    """
    return fetch(connection, OpenValue, query, {**_values(asked), "step": step, "now": now})


def _values(asked: OpenAsked) -> dict[str, object]:
    def codes(names: Iterable[str]) -> list[str]:
        return list(names)

    return {
        "project": asked.project, "start": asked.start, "end": asked.end, "open": codes(asked.open),
        "weather": codes(asked.weather), "summed": codes(asked.summed),
    }  # fmt: skip
