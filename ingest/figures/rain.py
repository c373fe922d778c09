"""Reads how much rain fell lately. A gauge itself has only a running total, which means nothing to a reader."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from ingest.figures.fetch import fetch


@dataclass(frozen=True, slots=True)
class Rain:
    """One row of `figure_rain_of`: millimetres until now, None where it is not known.

    `provisional`: the next total may change it. `implausible`: totals that were not added.
    """

    project: str
    device: str
    title: str
    network_name: str
    measured_at: datetime
    silent: bool
    rain_10min: float | None
    rain_1h: float | None
    rain_3h: float | None
    rain_24h: float | None
    word: str | None
    implausible: int
    provisional: bool
    channel: int


def rain_of(connection: Connection[Any], projects: Sequence[str], devices: Sequence[str], at: datetime) -> list[Rain]:
    """The gauges of these devices (codes of these projects) that measured within a day."""
    query = "select * from figure_rain_of(%(projects)s, %(devices)s, %(at)s)"
    return fetch(connection, Rain, query, {"projects": [*projects], "devices": [*devices], "at": at})
