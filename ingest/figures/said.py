"""Reads what a device sent beside its readings: conflicting values, unknown keys, ignored fields."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from ingest.figures.fetch import fetch, fetch_one


@dataclass(frozen=True, slots=True)
class Conflict:
    """One row of `figure_conflict`: `other` came for a time that had `stored`; `counted` is None if neither counts."""

    time: datetime
    quantity: str
    label_ja: str
    label_en: str
    unit: str
    unit_ja: str
    channel: int
    stored: float | None
    stored_quality: int | None
    counted: float | None
    other: float
    other_quality: int | None
    received_at: datetime


@dataclass(frozen=True, slots=True)
class UnknownKey:
    """One row of `figure_unknown_key`: a key, in how many of the last messages it was, and when last."""

    key: str
    messages: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class ProfileInUse:
    """One row of `figure_profile_in_use`: the profile that reads a device now, and the fields it ignores."""

    project: str
    device: str
    profile: str
    profile_name: str
    ignored: list[str]


def conflicts(
    connection: Connection[Any], project: str, device: str, *, limit: int = 20, offset: int = 0
) -> list[Conflict]:
    """A page of the conflicts of a device, the newest time first."""
    query = "select * from figure_conflict(%(project)s, %(device)s, %(limit)s, %(offset)s)"
    return fetch(connection, Conflict, query, {"project": project, "device": device, "limit": limit, "offset": offset})


def conflict_count(connection: Connection[Any], project: str, device: str) -> int:
    """How many conflicts a device has."""
    query = "select rows from figure_conflict_count where project = %(project)s and device = %(device)s"
    row = connection.execute(query, {"project": project, "device": device}).fetchone()
    return 0 if row is None else int(row[0])


def unknown_keys(connection: Connection[Any], project: str, device: str) -> list[UnknownKey]:
    """Keys of the last messages that their format does not know, the most frequent first."""
    query = "select * from figure_unknown_key(%(project)s, %(device)s)"
    return fetch(connection, UnknownKey, query, {"project": project, "device": device})


def profile_in_use(connection: Connection[Any], project: str, device: str) -> ProfileInUse | None:
    """The profile of a device at this moment; None if it has none."""
    query = "select * from figure_profile_in_use where project = %(project)s and device = %(device)s"
    return fetch_one(connection, ProfileInUse, query, {"project": project, "device": device})
