"""How complete a period was: expected and received, by device, by network, as a whole."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from psycopg import Connection
from psycopg.rows import dict_row

from ingest.figures.usage_model import DeviceUsage, NetworkUsage, ProjectUsage

Line = TypeVar("Line", DeviceUsage, NetworkUsage, ProjectUsage)


class Period(NamedTuple):
    """A period [start, end) as of `now`, after which no messages are expected. All three are aware times."""

    start: datetime
    end: datetime
    now: datetime


class Usages(NamedTuple):
    """The usage of a project at its three levels, from one look at the data: the sums fit the lines."""

    devices: list[DeviceUsage]
    networks: list[NetworkUsage]
    project: ProjectUsage


def usage(connection: Connection[Any], project: str, period: Period) -> Usages:
    """All three levels in one pass: devices by network and code, networks by code, the project as a whole."""
    query = """
        select * from figure_usage(%(project)s, %(start)s, %(end)s, %(now)s) order by network, device
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(query, {"project": project, **period._asdict()}).fetchall()
    return Usages(
        [_line(DeviceUsage, row) for row in rows if row["level"] == "device"],
        [_line(NetworkUsage, row) for row in rows if row["level"] == "network"],
        next(_line(ProjectUsage, row) for row in rows if row["level"] == "project"),
    )


def _line(kind: type[Line], row: Mapping[str, Any]) -> Line:
    return kind(**{field.name: row[field.name] for field in fields(kind)})
