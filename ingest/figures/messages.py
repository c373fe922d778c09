"""Single messages: the last uplinks of a device, and its radio link over time."""

from datetime import datetime
from typing import Any

from psycopg import Connection

from ingest.figures.fetch import fetch
from ingest.figures.model import LinkPoint, Uplink


def last_uplinks(connection: Connection[Any], project: str, device: str, limit: int = 20) -> list[Uplink]:
    """The messages of a device with the newest measurement times, newest first."""
    query = """
        select * from figure_uplink where project = %(project)s and device = %(device)s
        order by time desc limit %(limit)s
    """
    return fetch(connection, Uplink, query, {"project": project, "device": device, "limit": limit})


def link_series(
    connection: Connection[Any], project: str, device: str, *, start: datetime, end: datetime, points: int = 400
) -> list[LinkPoint]:
    """RSSI and SNR in [start, end), in at most about `points` buckets, oldest first. Empty buckets are absent."""
    query = "select * from figure_link(%(project)s, %(device)s, %(start)s, %(end)s, %(points)s) order by time"
    values = {"project": project, "device": device, "start": start, "end": end, "points": points}
    return fetch(connection, LinkPoint, query, values)
