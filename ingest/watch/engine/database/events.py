"""Events and incidents as rows. Every function works inside the transaction of its caller."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from ingest.store.database import Database
from ingest.watch.model import Event, Kind, Origin, StageOf, Thing
from schemas.bilingual import Bilingual

_INSERT_EVENT = """
insert into watch_event (
    project_id, kind, hazard, subject, rule, device_id, gateway_id, network_id, quantity_id, channel, measure, at,
    before_rank, rank, name, name_en, value, threshold, unit, official, ref_level, origin, details, committed_at
)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict do nothing
returning event_id
"""
_WITHDRAW = """
update watch_event set withdrawn_at = %(now)s, withdrawn_ja = %(ja)s, withdrawn_en = %(en)s
where event_id = %(event_id)s and withdrawn_at is null
returning event_id
"""
_EVENT = """
select event_id, incident_id, kind, subject, project_id, device_id, gateway_id, network_id, quantity_id, channel, at,
    before_rank, rank, origin, rule, hazard, measure, value, name, name_en, threshold, unit, official, ref_level,
    committed_at, details
from watch_event
"""
_BY_NUMBER = _EVENT + "where event_id = any(%s)"
_LAST = (
    """
select last.* from unnest(%s::text[]) wanted (subject)
cross join lateral (
"""
    + _EVENT
    + """
    where subject = wanted.subject and withdrawn_at is null and coalesce((details ->> 'drill')::bigint, 0) = 0
    order by at desc limit 1
) last
"""
)
_ATTACH = "update watch_event set incident_id = %s where event_id = any(%s)"
_OPEN = """
select incident_id, subject, coalesce(drill_id, 0) as drill_id, opened_at, rank, top_rank,
    coalesce(acknowledged_rank, 0) as acknowledged_rank
from watch_incident where closed_at is null and subject = any(%s)
for update
"""
_LEFT_OPEN = """
select subject, rank from watch_incident
where closed_at is null and drill_id is null and kind = 'stage' and subject <> all(%s) and project_id <> all(%s)
"""
_COVERING = """
select incident_id from watch_incident
where subject = %(subject)s and drill_id is null and opened_at <= %(at)s and (closed_at is null or closed_at >= %(at)s)
order by opened_at desc limit 1
"""
_INSERT_INCIDENT = """
insert into watch_incident (
    project_id, kind, hazard, subject, device_id, gateway_id, network_id, opened_at, rank, top_rank, live, drill_id,
    escalate_at
)
values (%(project_id)s, %(kind)s, %(hazard)s, %(subject)s, %(device_id)s, %(gateway_id)s, %(network_id)s,
    %(opened_at)s, %(rank)s, %(rank)s, true, %(drill_id)s, %(now)s)
returning incident_id
"""
_SET_RANK = (
    "update watch_incident set rank = %(rank)s, top_rank = greatest(top_rank, %(rank)s) where incident_id = %(id)s"
)
_ESCALATE_ANEW = "update watch_incident set escalated = 0, escalate_at = %(now)s where incident_id = %(id)s"
_CLOSE = """
update watch_incident set rank = 0, closed_at = greatest(opened_at, %(at)s), escalate_at = null
where incident_id = %(id)s
"""


class Incident(NamedTuple):
    """An open incident. `drill_id`, `acknowledged_rank`: 0 for none."""

    incident_id: int
    subject: str
    drill_id: int
    opened_at: datetime
    rank: int
    top_rank: int
    acknowledged_rank: int


class KeptEvent(NamedTuple):
    """An event as it is stored."""

    event_id: int
    incident_id: int | None
    event: Event


def drill_of(event: Event) -> int:
    """The number of the drill that an event belongs to; 0: it is real."""
    number = event.details.get("drill")
    return number if isinstance(number, int) else 0


def insert_events(connection: Database, events: Iterable[Event]) -> list[tuple[int, Event]]:
    """Those events that were not stored yet, with their numbers, in the order given."""
    kept = []
    with connection.cursor() as cursor:
        for event in events:
            row = cursor.execute(_INSERT_EVENT, _columns(event)).fetchone()
            if row is not None:
                kept.append((int(row[0]), event))
    return kept


def _columns(event: Event) -> tuple[Any, ...]:
    thing, stage = event.thing, event.stage
    return (
        thing.project_id, event.kind.value, event.hazard, event.subject, event.rule, thing.device_id, thing.gateway_id,
        thing.network_id, thing.quantity_id, thing.channel, event.measure, event.at, event.before_rank, event.rank,
        stage.name, stage.name_en, event.value, stage.threshold, stage.unit, stage.official, stage.ref_level,
        event.origin.value, Jsonb(dict(event.details)), event.committed_at,
    )  # fmt: skip


def withdraw(connection: Database, event_id: int, why: Bilingual, now: datetime) -> bool:
    """Withdraw an event. Whether it was not withdrawn before."""
    values = {"event_id": event_id, "now": now, "ja": why.ja, "en": why.en}
    return connection.execute(_WITHDRAW, values).fetchone() is not None


def read_events(connection: Database, event_ids: Sequence[int]) -> dict[int, KeptEvent]:
    """These events by their numbers, withdrawn ones too."""
    if not event_ids:
        return {}
    rows = connection.execute(_BY_NUMBER, (list(event_ids),)).fetchall()
    return {row[0]: _kept(row) for row in rows}


def last_events(connection: Database, subjects: Iterable[str]) -> dict[str, KeptEvent]:
    """The last event of each subject that is not withdrawn, drills aside."""
    wanted = list(subjects)
    if not wanted:
        return {}
    return {row[3]: _kept(row) for row in connection.execute(_LAST, (wanted,)).fetchall()}


def _kept(row: Sequence[Any]) -> KeptEvent:
    (
        event_id, incident_id, kind, subject, project_id, device_id, gateway_id, network_id, quantity_id, channel, at,
        before_rank, rank, origin, rule, hazard, measure, value, name, name_en, threshold, unit, official, ref_level,
        committed_at, details,
    ) = row  # fmt: skip
    event = Event(
        Kind(kind), subject, Thing(project_id, device_id, gateway_id, network_id, quantity_id, channel), at,
        before_rank, rank, Origin(origin), rule, hazard, measure, value,
        StageOf(name, name_en, threshold, unit, official, ref_level), committed_at, details,
    )  # fmt: skip
    return KeptEvent(event_id, incident_id, event)


def open_incidents(connection: Database, subjects: Iterable[str]) -> dict[tuple[str, int], Incident]:
    """The open incidents of these subjects, locked, by subject and number of the drill."""
    wanted = list(subjects)
    if not wanted:
        return {}
    with connection.cursor(row_factory=class_row(Incident)) as cursor:
        rows = cursor.execute(_OPEN, (wanted,)).fetchall()
    return {(row.subject, row.drill_id): row for row in rows}


def incidents_without_rule(
    connection: Database, subjects: Sequence[str], unknown_projects: Collection[int]
) -> dict[str, int]:
    """Open incidents of stages without these subjects, and their ranks; not where the rules are unknown."""
    return dict(connection.execute(_LEFT_OPEN, (list(subjects), list(unknown_projects))).fetchall())


def covering_incident(connection: Database, event: Event) -> int | None:
    """The incident in whose time an event lies."""
    row = connection.execute(_COVERING, {"subject": event.subject, "at": event.at}).fetchone()
    return None if row is None else int(row[0])


def insert_incident(connection: Database, event: Event, now: datetime) -> Incident:
    """The incident that an event opens. Whether and when its escalation is due is looked at from now on."""
    drill_id = drill_of(event)
    values: Mapping[str, Any] = {
        **event.thing._asdict(), "kind": event.kind.value, "hazard": event.hazard, "subject": event.subject,
        "opened_at": event.at, "rank": event.rank, "drill_id": drill_id or None, "now": now,
    }  # fmt: skip
    row = connection.execute(_INSERT_INCIDENT, values).fetchone()
    assert row is not None  # an insert that returns
    return Incident(int(row[0]), event.subject, drill_id, event.at, event.rank, event.rank, 0)


def set_rank(connection: Database, incident: Incident, rank: int) -> None:
    """The incident has this rank from now on."""
    connection.execute(_SET_RANK, {"id": incident.incident_id, "rank": rank})


def escalate_anew(connection: Database, incident: Incident, now: datetime) -> None:
    """The escalation of an incident begins from its first step."""
    connection.execute(_ESCALATE_ANEW, {"id": incident.incident_id, "now": now})


def close_incident(connection: Database, incident: Incident, at: datetime) -> None:
    """The incident is over since `at`."""
    connection.execute(_CLOSE, {"id": incident.incident_id, "at": at})


def attach(connection: Database, incident_id: int, event_ids: Sequence[int]) -> None:
    """These events belong to this incident."""
    connection.execute(_ATTACH, (incident_id, list(event_ids)))
