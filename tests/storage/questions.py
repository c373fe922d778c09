"""What people ask of the store, timed: a page of a device, the fleet, a month, a fiscal year."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from statistics import median
from typing import Any

import psycopg
from psycopg import Connection

from ingest.figures.device import latest, series
from tests.storage.load import PROJECT, SINCE

TIMES = 5
STATION = ("soil_moisture", "soil_temperature", "air_temperature", "air_humidity", "battery_voltage")

Question = Callable[[Connection[Any]], int]


def a_device_page(last: datetime) -> Question:
    """The last values of a device, and five series of the seven days before `last`."""

    def ask(connection: Connection[Any]) -> int:
        device = f"{PROJECT}-00001"
        rows = len(latest(connection, PROJECT, device))
        for quantity in STATION:
            rows += len(series(connection, PROJECT, device, quantity, start=last - timedelta(days=7), end=last))
        return rows

    return ask


def the_last_values(device: str) -> Question:
    """The last value of everything a device reports."""

    def ask(connection: Connection[Any]) -> int:
        return len(latest(connection, device.partition("-")[0], device))

    return ask


def the_silence(connection: Connection[Any]) -> int:
    """What the alerts ask every minute."""
    return len(connection.execute("select * from figure_silence").fetchall())


def the_fleet(connection: Connection[Any]) -> int:
    """Every device with its last message and whether it is silent."""
    return len(connection.execute("select * from figure_device_state").fetchall())


def usage(first: datetime, last: datetime) -> Question:
    """The figures of a project, device by device."""

    def ask(connection: Connection[Any]) -> int:
        query = "select * from figure_usage_device(%s, %s, %s, %s)"
        return len(connection.execute(query, (PROJECT, first, last, last)).fetchall())

    return ask


def questions(last: datetime) -> dict[str, Question]:
    """By the words of the table of figures. `last`: the end of the data."""
    midnight = datetime(SINCE.year, SINCE.month, SINCE.day, tzinfo=last.tzinfo)
    month = midnight.replace(month=2)
    year = datetime(SINCE.year - 1, 4, 1, tzinfo=last.tzinfo)
    return {
        "a device page (7 days, 5 quantities)": a_device_page(last),
        "last values of a live device": the_last_values("fleet-00001"),
        "last values of a device silent since the load": the_last_values(f"{PROJECT}-00001"),
        "fleet overview (last value, silent ones)": the_fleet,
        "silence of networks and gateways": the_silence,
        "a month of one project": usage(month, month + timedelta(days=28)),
        "a fiscal year of one project": usage(year, year.replace(year=year.year + 1)),
    }


def timed_ms(url: str, question: Question) -> tuple[float, int]:
    """The median of some runs on a warm cache, and how many rows were the answer. Connected as the pages are."""
    with psycopg.connect(url, autocommit=True, options="-c jit=off") as connection:
        rows = question(connection)
        taken_ms: list[float] = []
        for _ in range(TIMES):
            started = time.perf_counter()
            question(connection)
            taken_ms.append((time.perf_counter() - started) * 1000)
    return median(taken_ms), rows
