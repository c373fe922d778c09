"""One device: its state, its last values, a series of one quantity."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection

from ingest.figures.fetch import fetch, fetch_one
from ingest.figures.model import CorrectionInForce, DeviceState, Latest, Point

_LATEST: LiteralString = """
    select latest.* from figure_latest latest
    join device using (device_id)
    join quantity q on q.code = latest.quantity and coalesce(q.of_project_id, device.project_id) = device.project_id
"""
_IN_ORDER: LiteralString = " order by q.quantity_id, channel"


def device_state(connection: Connection[Any], project: str, device: str) -> DeviceState | None:
    """The state of one device, or None if the registry has no such device."""
    query = "select * from figure_device_state where project = %(project)s and device = %(device)s"
    return fetch_one(connection, DeviceState, query, {"project": project, "device": device})


def latest(connection: Connection[Any], project: str, device: str) -> list[Latest]:
    """The last value of every quantity and channel the device has reported, the catalogue's first."""
    query = _LATEST + "where latest.project = %(project)s and latest.device = %(device)s" + _IN_ORDER
    return fetch(connection, Latest, query, {"project": project, "device": device})


def latest_of_devices(connection: Connection[Any], device_ids: Sequence[int]) -> dict[int, list[Latest]]:
    """The last values of several devices in one query, by device id. A device without a value is absent."""
    query = _LATEST + "where latest.device_id = any(%(device_ids)s)" + _IN_ORDER
    found: dict[int, list[Latest]] = {}
    for row in fetch(connection, Latest, query, {"device_ids": list(device_ids)}):
        found.setdefault(row.device_id, []).append(row)
    return found


def series(
    connection: Connection[Any],
    project: str,
    device: str,
    quantity: str,
    *,
    start: datetime,
    end: datetime,
    points: int = 400,
) -> list[Point]:
    """Values of one quantity in [start, end), in at most about `points` buckets per channel, oldest first.

    Empty buckets are absent: a gap in the data stays a gap.
    """
    query = """
        select * from figure_readings(%(project)s, %(device)s, %(quantity)s, %(start)s, %(end)s, %(points)s)
        order by channel, time
    """
    values = {
        "project": project, "device": device, "quantity": quantity, "start": start, "end": end, "points": points,
    }  # fmt: skip
    return fetch(connection, Point, query, values)


def corrections_of(connection: Connection[Any], project: str, device: str) -> list[CorrectionInForce]:
    """The corrections in force for a device, the latest first: these readings count otherwise than measured."""
    query = """
        select * from figure_correction where project = %(project)s and device = %(device)s order by correction_id desc
    """
    return fetch(connection, CorrectionInForce, query, {"project": project, "device": device})
