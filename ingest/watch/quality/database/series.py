"""The series of an installation, and what was measured of one."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from ingest.store.database import Database
from ingest.watch.quality.checks import Reading


class Series(NamedTuple):
    """What one sensor of a device measures."""

    device_id: int
    quantity_id: int
    channel: int


class Place(NamedTuple):
    """A device, as documents name it."""

    device_id: int
    code: str
    project_id: int


def devices(connection: Database) -> list[Place]:
    """Every device of the installation."""
    return [Place(*row) for row in connection.execute("select device_id, code, project_id from device")]


def quantities(connection: Database) -> dict[int, str]:
    """The code of every quantity that is a gauge, by its id."""
    return dict(connection.execute("select quantity_id, code from quantity where kind = 'gauge'").fetchall())


def readings_of(connection: Database, series: Series, starts: datetime, ends: datetime) -> list[Reading]:
    """What counts of a series in [starts, ends), in order."""
    rows = connection.execute(
        """
        select r.time, r.value from reading_counted r
        where r.device_id = %(device_id)s and r.quantity_id = %(quantity_id)s and r.channel = %(channel)s
          and r.time >= %(starts)s and r.time < %(ends)s
        order by r.time
        """,
        series._asdict() | {"starts": starts, "ends": ends},
    )
    return [Reading(at, value) for at, value in rows]


def daily_means(
    connection: Database, devices: Sequence[int], quantity_id: int, channel: int, first: date, until: date
) -> dict[int, dict[date, tuple[float, int]]]:
    """Mean and number of readings of each closed day, by device."""
    rows = connection.execute(
        """
        select d.device_id, d.day, d.total / d.count, d.count
        from rollup_day d, rollup_state s
        where d.device_id = any(%(devices)s) and d.quantity_id = %(quantity)s and d.channel = %(channel)s
          and d.day >= %(first)s and d.day < %(until)s and d.count > 0
          and rollup_midnight(d.day + 1) <= s.materialised_until
        """,
        {"devices": list(devices), "quantity": quantity_id, "channel": channel, "first": first, "until": until},
    )
    means: dict[int, dict[date, tuple[float, int]]] = {}
    for device_id, day, mean, count in rows:
        means.setdefault(device_id, {})[day] = mean, count
    return means
