"""Reads the watch (監視) as it stands: incidents, deeds, maintenance, drills, and whether anybody watches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from ingest.figures.fetch import fetch, fetch_one


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One row of `figure_watch_incident`. `rank` 0: it is over. Fields from `event_id` on are of its last change."""

    incident_id: int
    project: str
    project_name: str
    project_id: int
    kind: str
    hazard: str | None
    subject: str
    device_id: int | None
    device: str | None
    gateway: str | None
    network: str | None
    title: str | None
    area: str | None
    opened_at: datetime
    closed_at: datetime | None
    rank: int
    top_rank: int
    live: bool
    drill_id: int | None
    drill_title: str | None
    acknowledged_rank: int | None
    escalated: int
    escalate_at: datetime | None
    mark: str | None
    marked_by: str | None
    marked_at: datetime | None
    mark_note: str
    taken_by: str | None
    taken_at: datetime | None
    event_id: int | None
    rule: str | None
    quantity_id: int | None
    quantity: str | None
    label_ja: str | None
    label_en: str | None
    channel: int | None
    measure: str | None
    at: datetime | None
    before_rank: int | None
    name: str | None
    name_en: str | None
    value: float | None
    threshold: float | None
    unit: str | None
    official: bool | None
    ref_level: int | None
    origin: str | None
    details: Mapping[str, Any]
    committed_at: datetime | None
    delivered: int
    waiting: int
    failed: int
    doubtful: int
    withheld: int
    in_maintenance: bool

    @property
    def taken(self) -> bool:
        """Whether somebody took it as far as it is now."""
        return self.acknowledged_rank is not None and self.acknowledged_rank >= self.rank

    @property
    def explained(self) -> bool:
        """Whether it is part of another incident, as the silence of a device behind a silent gateway."""
        return "group" in self.details


@dataclass(frozen=True, slots=True, kw_only=True)
class Lasting(Incident):
    """One row of `figure_watch_now`: an incident that is open. `silent`: its stage is that of an old value."""

    measured_at: datetime | None
    last_value: float | None
    silent: bool | None
    next_name: str | None
    next_name_en: str | None
    next_value: float | None


@dataclass(frozen=True, slots=True)
class WatchAction:
    """One row of `figure_watch_action`."""

    watch_action_id: int
    project: str
    project_id: int
    incident_id: int | None
    action: str
    at: datetime
    recorded_at: datetime
    by: str
    way: str
    rank: int | None
    mark: str | None
    note: str


@dataclass(frozen=True, slots=True)
class Maintenance:
    """One row of `figure_watch_maintenance`. `begun`: nobody is told of the thing now."""

    watch_maintenance_id: int
    project: str
    project_id: int
    device_id: int | None
    gateway_id: int | None
    network_id: int | None
    device: str | None
    gateway: str | None
    network: str | None
    title: str
    starts: datetime
    ends: datetime
    reason: str
    entered_by: str
    entered_at: datetime
    ended_by: str | None
    begun: bool


@dataclass(frozen=True, slots=True)
class Drill:
    """A drill (訓練) that has not ended."""

    drill_id: int
    project: str
    project_id: int
    title: str
    starts: datetime
    ends: datetime
    begun_by: str


@dataclass(frozen=True, slots=True)
class WatchHealth:
    """The row of `figure_watch_health`. `state`: none, stopped, late or well."""

    looked_at: datetime | None
    looked_s_ago: float | None
    notes: int
    lag_s: float
    series: int
    asked: bool
    late: Sequence[str]
    state: str

    @property
    def watches(self) -> bool:
        """Whether it can be said that nothing happens: somebody watches, and is not behind."""
        return self.state == "well"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which incidents, events or messages are asked for; those with a number below `below` where it is given."""

    project: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    below: int | None = None
    limit: int = 100
    incident: int | None = None

    @property
    def values(self) -> dict[str, object]:
        """The parameters of a query."""
        return {
            "project": self.project or None, "since": self.since, "until": self.until, "below": self.below,
            "limit": self.limit, "incident": self.incident,
        }  # fmt: skip


def watch_health(connection: Connection[Any]) -> WatchHealth:
    """Whether anybody watches."""
    found = fetch_one(connection, WatchHealth, "select * from figure_watch_health")
    assert found is not None  # the figure has one row
    return found


def incidents_now(connection: Connection[Any], project: str | None = None) -> list[Lasting]:
    """What lasts, of one project or of all: the highest rank first, real ones before drills."""
    query = """
        select * from figure_watch_now where %(project)s::text is null or project = %(project)s
        order by drill_id nulls first, rank desc, opened_at desc, incident_id desc
    """
    return fetch(connection, Lasting, query, {"project": project or None})


def incidents(connection: Connection[Any], wanted: Wanted, *, lasting: bool | None = None) -> list[Incident]:
    """Incidents that touch [since, until), the newest number first. `lasting`: only those that last, or that ended."""
    query = """
        select * from figure_watch_incident
        where (%(project)s::text is null or project = %(project)s)
          and (%(since)s::timestamptz is null or coalesce(closed_at > %(since)s, true))
          and (%(until)s::timestamptz is null or opened_at < %(until)s)
          and (%(below)s::bigint is null or incident_id < %(below)s)
          and (%(lasting)s::boolean is null or (closed_at is null) = %(lasting)s)
        order by incident_id desc limit %(limit)s
    """
    return fetch(connection, Incident, query, wanted.values | {"lasting": lasting})


def incident_of(connection: Connection[Any], number: int) -> Incident | None:
    """One incident, or None where there is none of this number to see."""
    query = "select * from figure_watch_incident where incident_id = %(number)s"
    return fetch_one(connection, Incident, query, {"number": number})


def watch_actions(connection: Connection[Any], number: int) -> list[WatchAction]:
    """What people did about an incident, in the order in which it was recorded."""
    query = "select * from figure_watch_action where incident_id = %(number)s order by watch_action_id"
    return fetch(connection, WatchAction, query, {"number": number})


def maintenance_now(connection: Connection[Any], project: str | None = None) -> list[Maintenance]:
    """Maintenance that lasts or is to come, the earliest first."""
    query = """
        select * from figure_watch_maintenance where %(project)s::text is null or project = %(project)s
        order by starts, watch_maintenance_id
    """
    return fetch(connection, Maintenance, query, {"project": project or None})


def drills_now(connection: Connection[Any], project: str | None = None) -> list[Drill]:
    """Drills that have not ended."""
    query = """
        select d.drill_id, p.code as project, d.project_id, d.title, d.starts, d.ends, d.begun_by
        from watch_drill d join project p using (project_id)
        where d.ended_at is null and d.ends > now() and (%(project)s::text is null or p.code = %(project)s)
        order by d.starts, d.drill_id
    """
    return fetch(connection, Drill, query, {"project": project or None})
