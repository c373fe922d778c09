"""Reads stages of levels (基準水位): those of a device, and the one that is reached."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from ingest.figures.fetch import fetch


@dataclass(frozen=True, slots=True)
class Stage:
    """One row of `figure_stage`. `rank` 1 is the lowest; `ref_level` is a hint; `valid_to` no longer counts."""

    device_id: int
    quantity_id: int
    project: str
    device: str
    title: str
    network_name: str
    interval_s: int
    quantity: str
    label_ja: str
    label_en: str
    channel: int
    rank: int
    name: str
    name_en: str
    level_m: float
    official: bool
    ref_level: int | None
    source: str | None
    datum: str | None
    valid_from: datetime | None
    valid_to: datetime | None


@dataclass(frozen=True, slots=True)
class StageNow:
    """One row of `figure_stage_now`. `rank` 0: below all; `reached_at` None: longer ago than is looked back."""

    project: str
    device: str
    title: str
    network_name: str
    quantity: str
    label_ja: str
    channel: int
    measured_at: datetime
    silent: bool
    value: float
    rise_1h: float | None
    rank: int
    name: str | None
    name_en: str | None
    official: bool | None
    ref_level: int | None
    level_m: float | None
    reached_at: datetime | None
    next_name: str | None
    next_name_en: str | None
    next_level_m: float | None
    to_next_m: float | None


@dataclass(frozen=True, slots=True)
class StageChange:
    """One row of `figure_stage_change`: a measurement with which a level came to another stage. `rank` 0: below all."""

    time: datetime
    project: str
    device: str
    title: str
    quantity: str
    label_ja: str
    channel: int
    value: float
    rank: int
    name: str | None
    ref_level: int | None
    before_rank: int
    before_name: str | None
    word: str


def has_stages(connection: Connection[Any], project: str) -> bool:
    """Whether any level of the project has stages."""
    query = "select exists (select from figure_stage where project = %s)"
    return connection.execute(query, (project,)).fetchone() == (True,)


def stage_changes(connection: Connection[Any], project: str, start: datetime, end: datetime) -> list[StageChange]:
    """The changes of stages of a project in [start, end), by time and title."""
    query = """
        select * from figure_stage_change(array[%(project)s], null, %(start)s, %(end)s)
        order by time, title, quantity, channel
    """
    return fetch(connection, StageChange, query, {"project": project, "start": start, "end": end})


def stages_of(connection: Connection[Any], project: str, device: str, at: datetime) -> list[Stage]:
    """The stages of a device that hold at a time, the highest of each level first."""
    query = """
        select * from figure_stage
        where project = %(project)s and device = %(device)s
          and coalesce(valid_from <= %(at)s, true) and coalesce(valid_to > %(at)s, true)
        order by quantity_id, channel, rank desc
    """
    return fetch(connection, Stage, query, {"project": project, "device": device, "at": at})


def stages_of_all(connection: Connection[Any], project: str | None = None) -> list[StageNow]:
    """The reached stage of every level with stages, of one project or of all."""
    query = """
        select * from figure_stage_now(
            array(select code from project where %(project)s::text is null or code = %(project)s), now()
        )
    """
    return fetch(connection, StageNow, query, {"project": project})


def stages_now(connection: Connection[Any], project: str, device: str, at: datetime) -> list[StageNow]:
    """The reached stage of each level of a device with stages, at a time."""
    query = "select * from figure_stage_now(array[%(project)s], %(at)s) where device = %(device)s"
    return fetch(connection, StageNow, query, {"project": project, "device": device, "at": at})
