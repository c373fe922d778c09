"""Figures of some devices week by week, beside those of all others: what an improvement measure is judged by."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ingest.figures.fetch import Database, fetch


@dataclass(frozen=True, slots=True)
class MeasureSpan:
    """One row of `figure_measure_span`; its comment defines every count. `chosen`: of what the measure is about."""

    first_day: date
    until_day: date
    chosen: bool
    expected: int
    sent: int
    arrived: int
    valid: int
    active_s: float
    alive_s: float


@dataclass(frozen=True, slots=True)
class MeasureWork:
    """One row of `figure_measure_work`: work of one day, minutes x people."""

    day: date
    chosen: bool
    visits: int
    minutes: int


@dataclass(frozen=True, slots=True)
class MeasuresDue:
    """One row of `figure_measures_due`: measures of a project that are due, and those of them that are late."""

    project: str
    due: int
    late: int


def measures_due(connection: Database, today: date) -> list[MeasuresDue]:
    """How many measures are due on this day of Japan, of each project that has one to be done."""
    return fetch(connection, MeasuresDue, "select * from figure_measures_due(%(today)s)", {"today": today})


def measure_spans(
    connection: Database,
    project_code: str,
    devices: Collection[int],
    networks: Collection[int],
    borders: Sequence[date],
    now: datetime,
    *,
    with_others: bool = False,
) -> list[MeasureSpan]:
    """The chosen devices from each day of `borders` to the day before the next one, in this order.

    `devices`, `networks`: ids of what is chosen; both empty choose everything. `with_others`: each span also has a row
    of all that is not chosen, before the chosen ones.
    """
    query = """
        select * from figure_measure_span(%(project)s, %(devices)s::integer[], %(networks)s::integer[],
            %(borders)s::date[], %(now)s, %(alone)s)
    """
    values = {
        "project": project_code, "devices": sorted(devices), "networks": sorted(networks), "borders": list(borders),
        "now": now, "alone": not with_others,
    }  # fmt: skip
    return fetch(connection, MeasureSpan, query, values)


def measure_work(
    connection: Database,
    project_code: str,
    devices: Collection[int],
    networks: Collection[int],
    first_day: date,
    until_day: date,
) -> list[MeasureWork]:
    """The work of every day on which there was some, chosen as in `measure_spans`."""
    query = """
        select * from figure_measure_work(%(project)s, %(devices)s::integer[], %(networks)s::integer[], %(first)s,
            %(until)s)
    """
    values = {
        "project": project_code, "devices": sorted(devices), "networks": sorted(networks), "first": first_day,
        "until": until_day,
    }  # fmt: skip
    return fetch(connection, MeasureWork, query, values)
