"""Reads what the watch (監視) noticed and what was told of it: events, and messages with what became of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from ingest.figures.fetch import fetch, fetch_one
from ingest.figures.watch import Wanted

LATEST = timedelta(days=1)
"""What late data amended is shown for so long."""

_UNTOLD = """
from figure_watch_delivery
where (%(project)s::text is null or project = %(project)s) and queued_at > now() - %(within)s
  and state in ('failed', 'doubtful')
"""


@dataclass(frozen=True, slots=True)
class WatchEvent:
    """One row of `figure_watch_event`."""

    event_id: int
    project: str
    project_id: int
    incident_id: int | None
    kind: str
    hazard: str | None
    rule: str
    device: str | None
    title: str | None
    gateway: str | None
    network: str | None
    quantity: str | None
    label_ja: str | None
    label_en: str | None
    channel: int | None
    measure: str | None
    at: datetime
    before_rank: int
    rank: int
    name: str
    name_en: str
    value: float | None
    threshold: float | None
    unit: str
    official: bool
    ref_level: int | None
    origin: str
    drill_id: int | None
    details: Mapping[str, Any]
    committed_at: datetime | None
    recorded_at: datetime
    withdrawn_at: datetime | None
    withdrawn_ja: str | None
    withdrawn_en: str | None


@dataclass(frozen=True, slots=True)
class EventPlace:
    """Where the thing of an event stands by the registry of now: its area, and degrees (WGS 84) or None."""

    area: str | None
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True, slots=True)
class WatchDelivery:
    """One row of `figure_watch_delivery`. `state`: delivered, waiting, doubtful, failed or withheld."""

    delivery_id: int
    project: str
    project_id: int
    incident_id: int | None
    event_id: int | None
    channel: str
    kind: str
    recipient: str
    recipient_name: str | None
    step: int
    purpose: str
    queued_at: datetime
    due_at: datetime
    tries: int
    delivered_at: datetime | None
    digest_id: int | None
    withheld: str
    answer: str
    failed_ja: str | None
    failed_en: str | None
    state: str
    delay_s: float | None
    at: datetime | None
    rank: int | None
    name: str | None
    name_en: str | None
    drill: bool


def watch_events(connection: Connection[Any], wanted: Wanted) -> list[WatchEvent]:
    """Events measured in [since, until), the newest number first; those that were withdrawn too."""
    query = """
        select * from figure_watch_event
        where (%(project)s::text is null or project = %(project)s)
          and (%(since)s::timestamptz is null or at >= %(since)s)
          and (%(until)s::timestamptz is null or at < %(until)s)
          and (%(below)s::bigint is null or event_id < %(below)s)
          and (%(incident)s::bigint is null or incident_id = %(incident)s)
        order by event_id desc limit %(limit)s
    """
    return fetch(connection, WatchEvent, query, wanted.values)


def watch_event(connection: Connection[Any], number: int) -> WatchEvent | None:
    """One event, or None where there is none of this number to see."""
    query = "select * from figure_watch_event where event_id = %(number)s"
    return fetch_one(connection, WatchEvent, query, {"number": number})


def event_place(connection: Connection[Any], number: int) -> EventPlace:
    """Where the device or gateway of an event stands; of a network, or an event that is not to be seen, nothing."""
    query = """
        select d.area, coalesce(d.latitude, g.latitude) as latitude, coalesce(d.longitude, g.longitude) as longitude
        from watch_event e
        left join device d on d.device_id = e.device_id
        left join gateway g on g.gateway_id = e.gateway_id
        where e.event_id = %(number)s
    """
    return fetch_one(connection, EventPlace, query, {"number": number}) or EventPlace(None, None, None)


def amended_lately(connection: Connection[Any], project: str | None, limit: int) -> list[WatchEvent]:
    """What late data added to the events or withdrew from them within the last day, the newest first."""
    query = """
        select * from figure_watch_event
        where (%(project)s::text is null or project = %(project)s)
          and (origin = 'late' and recorded_at > now() - %(latest)s or withdrawn_at > now() - %(latest)s)
        order by greatest(withdrawn_at, recorded_at) desc, event_id desc limit %(limit)s
    """
    return fetch(connection, WatchEvent, query, {"project": project or None, "latest": LATEST, "limit": limit})


def watch_deliveries(connection: Connection[Any], wanted: Wanted, state: str | None = None) -> list[WatchDelivery]:
    """Messages queued in [since, until), the newest number first."""
    query = """
        select * from figure_watch_delivery
        where (%(project)s::text is null or project = %(project)s)
          and (%(since)s::timestamptz is null or queued_at >= %(since)s)
          and (%(until)s::timestamptz is null or queued_at < %(until)s)
          and (%(below)s::bigint is null or delivery_id < %(below)s)
          and (%(incident)s::bigint is null or incident_id = %(incident)s)
          and (%(state)s::text is null or state = %(state)s)
        order by delivery_id desc limit %(limit)s
    """
    return fetch(connection, WatchDelivery, query, wanted.values | {"state": state})


def deliveries_of_lasting(connection: Connection[Any], project: str | None = None) -> list[WatchDelivery]:
    """Messages about incidents that last, in the order in which they were queued."""
    query = """
        select d.* from figure_watch_delivery d
        where d.incident_id in (select i.incident_id from watch_incident i where i.closed_at is null)
          and (%(project)s::text is null or d.project = %(project)s)
        order by d.delivery_id
    """
    return fetch(connection, WatchDelivery, query, {"project": project or None})


def deliveries_untold(
    connection: Connection[Any], project: str | None, within: timedelta, limit: int
) -> list[WatchDelivery]:
    """Messages of the last time that were given up or are in doubt, the newest first."""
    query = f"select * {_UNTOLD} order by delivery_id desc limit %(limit)s"
    return fetch(connection, WatchDelivery, query, {"project": project or None, "within": within, "limit": limit})


def count_untold(connection: Connection[Any], project: str | None, within: timedelta) -> int:
    """How many messages of the last time were given up or are in doubt."""
    values = {"project": project or None, "within": within}
    found = connection.execute(f"select count(*) {_UNTOLD}", values).fetchone()
    assert found is not None  # an aggregate answers one row
    return int(found[0])
