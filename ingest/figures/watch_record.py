"""Reads what the watch recorded: the chronology of a period, incidents, and how well it worked."""

from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any

from ingest.figures.fetch import Database, fetch
from schemas.japan import to_jst

OBSERVED = "observed"
"""The kind and the origin of rows that readings tell."""
UNWATCHED = "unwatched"
"""The kind and the origin of rows that say when the watch did not run."""
_UNITS = {"1時間雨量": "mm", "基準水位": "m"}
"""Of what readings tell: its other values are counts."""


@dataclass(frozen=True, slots=True)
class ChronologyRow:
    """One row of `figure_watch_chronology`; its comment defines every field.

    `event_id` None: what a person noted without an incident. `origin`: live, late, drill, withdrawn or person.
    """

    event_id: int | None
    incident_id: int | None
    time: datetime
    project: str
    kind: str
    hazard: str | None
    station: str | None
    title: str | None
    rule: str
    measure: str | None
    quantity: str | None
    label_ja: str | None
    label_en: str | None
    channel: int | None
    value: float | None
    unit: str
    threshold: float | None
    before_rank: int
    rank: int
    name: str
    name_en: str
    official: bool
    ref_level: int | None
    word: str
    since_before: timedelta | None
    told: str | None
    told_at: datetime | None
    delay_s: float | None
    untold: str | None
    untold_en: str | None
    taken_by: str | None
    taken_at: datetime | None
    response: str | None
    mark: str | None
    origin: str
    drill: bool
    recorded_at: datetime
    withdrawn_at: datetime | None
    withdrawn_ja: str | None
    withdrawn_en: str | None


@dataclass(frozen=True, slots=True)
class ObservedRow:
    """One row of `figure_watch_observed`: what readings tell beside the record of the watch."""

    time: datetime
    project: str
    device: str
    title: str
    what: str
    value: float | None
    word: str


@dataclass(frozen=True, slots=True)
class Gap:
    """One row of `figure_watch_gap`: from `time` to `ends` nobody watched."""

    time: datetime
    project: str
    ends: datetime


@dataclass(frozen=True, slots=True)
class WatchSums:
    """One row of `figure_watch_sums`; its comment defines every field. `watched` not True: nobody looked."""

    project: str
    watched: bool | None
    crossings: int
    crossings_late: int
    withdrawn: int
    incidents: int
    delivered: int
    withheld: int
    failed: int
    notifications: int
    delay_samples: int
    delay_p50_s: float | None
    delay_p95_s: float | None
    acknowledged: int
    acknowledge_samples: int
    acknowledge_p50_s: float | None
    acknowledge_p95_s: float | None
    marked: int
    marked_false: int
    false_rate: float | None
    missed: int
    escalations: int


@dataclass(frozen=True, slots=True)
class WatchUptime:
    """One row of `figure_watch_uptime`. `uptime`: a fraction of one."""

    project: str
    watched_s: float
    up_s: float
    uptime: float


@dataclass(frozen=True, slots=True)
class Crossings:
    """One row of `figure_watch_crossings`: rises to a stage in a month."""

    month: date
    project: str
    hazard: str | None
    rank: int
    name: str
    name_en: str
    official: bool
    live: int
    late: int
    stations: int


@dataclass(frozen=True, slots=True)
class IncidentLine:
    """One row of `figure_watch_incident_list`; its comment defines every field."""

    incident_id: int
    project: str
    kind: str
    hazard: str | None
    station: str | None
    title: str | None
    opened_at: datetime
    closed_at: datetime | None
    rank: int
    top_rank: int
    top_name: str | None
    top_name_en: str | None
    top_value: float | None
    unit: str
    live: bool
    told_at: datetime | None
    taken_by: str | None
    taken_at: datetime | None
    acknowledge_s: float | None
    escalated: int
    mark: str | None
    mark_note: str


@dataclass(frozen=True, slots=True)
class Notified:
    """One row of `figure_watch_notified`: messages that reached people in a month."""

    month: date
    project: str
    notifications: int


def watch_chronology(
    connection: Database, project: str, start: datetime, end: datetime, *, drills: bool = False, at_most: int = 5_000
) -> list[ChronologyRow]:
    """What the watch recorded of a project in [start, end), by time; at most so many rows."""
    query = """
        select * from figure_watch_chronology(array[%(project)s], %(start)s, %(end)s, %(drills)s)
        order by "time", title nulls last, event_id limit %(most)s
    """
    values = {"project": project, "start": start, "end": end, "drills": drills, "most": at_most}
    return fetch(connection, ChronologyRow, query, values)


def watch_observed(
    connection: Database, project: str, start: datetime, end: datetime, *, at_most: int = 5_000
) -> list[ObservedRow]:
    """What readings tell of [start, end) beside the record of the watch, by time; at most so many rows."""
    query = """
        select * from figure_watch_observed(array[%(project)s], %(start)s, %(end)s)
        order by "time", title, what limit %(most)s
    """
    values = {"project": project, "start": start, "end": end, "most": at_most}
    return fetch(connection, ObservedRow, query, values)


def whole_chronology(
    connection: Database,
    project: str,
    start: datetime,
    end: datetime,
    *,
    drills: bool = False,
    observed: bool = True,
    at_most: int = 5_000,
) -> list[ChronologyRow]:
    """What the watch recorded and, if `observed`, what readings tell beside it, by time; at most so many rows.

    Rows from readings have the kind and the origin `observed`. A crossing that the watch recorded is not among them.
    When the watch did not run is a row of the kind and the origin `unwatched`; it was over at its `recorded_at`.
    """
    rows = watch_chronology(connection, project, start, end, drills=drills, at_most=at_most)
    if observed:
        rows += map(_as_row, watch_observed(connection, project, start, end, at_most=at_most))
    rows += map(_gap_row, watch_gaps(connection, project, start, end))
    return sorted(rows, key=lambda row: row.time)[:at_most]


def watch_gaps(connection: Database, project: str, start: datetime, end: datetime) -> list[Gap]:
    """When the watch did not run in [start, end), by time."""
    query = "select * from figure_watch_gap(array[%(project)s], %(start)s, %(end)s)"
    return fetch(connection, Gap, query, {"project": project, "start": start, "end": end})


_EMPTY: dict[str, Any] = {each.name: None for each in fields(ChronologyRow)} | {
    "rule": "", "unit": "", "name": "", "name_en": "", "before_rank": 0, "rank": 0, "official": False, "drill": False,
}  # fmt: skip


def _as_row(seen: ObservedRow) -> ChronologyRow:
    said = _EMPTY | {
        "time": seen.time, "project": seen.project, "kind": OBSERVED, "station": seen.device, "title": seen.title,
        "label_ja": seen.what, "value": seen.value, "word": seen.word, "origin": OBSERVED,
        "unit": _UNITS.get(seen.what, ""), "recorded_at": seen.time,
    }  # fmt: skip
    return ChronologyRow(**said)


def _gap_row(gap: Gap) -> ChronologyRow:
    said = _EMPTY | {
        "time": gap.time, "project": gap.project, "kind": UNWATCHED, "origin": UNWATCHED, "recorded_at": gap.ends,
        "word": f"監視が動いていませんでした({to_jst(gap.ends):%m/%d %H:%M} まで)",
    }  # fmt: skip
    return ChronologyRow(**said)


def watch_sums(connection: Database, project: str, start: datetime, end: datetime) -> WatchSums | None:
    """How the watch did in [start, end); None for a project that this connection does not see."""
    query = "select * from figure_watch_sums(array[%(project)s], %(start)s, %(end)s)"
    rows = fetch(connection, WatchSums, query, {"project": project, "start": start, "end": end})
    return rows[0] if rows else None


def watch_uptime(connection: Database, project: str, start: datetime, end: datetime) -> WatchUptime | None:
    """For which part of [start, end) the watch ran; None for a project without a document in it."""
    query = "select * from figure_watch_uptime(array[%(project)s], %(start)s, %(end)s)"
    rows = fetch(connection, WatchUptime, query, {"project": project, "start": start, "end": end})
    return rows[0] if rows else None


def watch_crossings(connection: Database, project: str, start: datetime, end: datetime) -> list[Crossings]:
    """Rises to a stage in [start, end), by month, hazard and stage, the highest first."""
    query = """
        select * from figure_watch_crossings(array[%(project)s], %(start)s, %(end)s)
        order by month, hazard nulls last, rank desc, name
    """
    return fetch(connection, Crossings, query, {"project": project, "start": start, "end": end})


def watch_notified(connection: Database, project: str, start: datetime, end: datetime) -> list[Notified]:
    """Messages that reached people by month; months before the watch began, and those to come, have no row."""
    query = "select * from figure_watch_notified(array[%(project)s], %(start)s, %(end)s) order by month"
    return fetch(connection, Notified, query, {"project": project, "start": start, "end": end})


def incident_list(connection: Database, project: str, start: datetime, end: datetime) -> list[IncidentLine]:
    """The incidents that began in [start, end), without drills, the oldest first."""
    query = "select * from figure_watch_incident_list(array[%(project)s], %(start)s, %(end)s) order by opened_at, 1"
    return fetch(connection, IncidentLine, query, {"project": project, "start": start, "end": end})
