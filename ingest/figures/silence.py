"""Reads who is silent, grouped by gateway and network, so that one cause is one alert."""

from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from ingest.figures.fetch import fetch


@dataclass(frozen=True, slots=True)
class Silence:
    """One row of `figure_silence`: a gateway, or a network, whose `gateway` and `silent` are None."""

    project: str
    network: str
    gateway: str | None
    silent: bool | None
    devices_silent: int
    devices_silent_alone: int | None


def silence(connection: Connection[Any]) -> list[Silence]:
    """Every gateway and every network, by project."""
    return fetch(connection, Silence, "select * from figure_silence order by project, network, gateway nulls first")
