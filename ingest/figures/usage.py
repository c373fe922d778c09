"""How complete a period was: expected and received, by device, by network, as a whole."""

from datetime import datetime
from typing import Any, NamedTuple

from psycopg import Connection

from ingest.figures.fetch import fetch
from ingest.figures.model import DeviceUsage, NetworkUsage, ProjectUsage


class Period(NamedTuple):
    """A period [start, end) as it is seen at `now`: nothing is expected after `now`. All three are aware times."""

    start: datetime
    end: datetime
    now: datetime


def device_usage(connection: Connection[Any], project: str, period: Period) -> list[DeviceUsage]:
    """Every device of the project, by network and code."""
    query = """
        select * from figure_usage_device(%(project)s, %(start)s, %(end)s, %(now)s) order by network, device
    """
    return fetch(connection, DeviceUsage, query, {"project": project, **period._asdict()})


def network_usage(connection: Connection[Any], project: str, period: Period) -> list[NetworkUsage]:
    """Every network of the project, by code."""
    query = "select * from figure_usage_network(%(project)s, %(start)s, %(end)s, %(now)s) order by network"
    return fetch(connection, NetworkUsage, query, {"project": project, **period._asdict()})


def project_usage(connection: Connection[Any], project: str, period: Period) -> ProjectUsage:
    """The project as a whole; all zero if it has no device or does not exist."""
    query = "select * from figure_usage_project(%(project)s, %(start)s, %(end)s, %(now)s)"
    return fetch(connection, ProjectUsage, query, {"project": project, **period._asdict()})[0]
