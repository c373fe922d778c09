"""Events as rows. Every function works inside the transaction of its caller."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

from psycopg.types.json import Jsonb

from ingest.store.database import Database
from ingest.store.many import arrays, insert_of
from ingest.watch.model import Event, Kind, Origin, StageOf, Thing
from schemas.bilingual import Bilingual

_INSERT = (
    insert_of(
        "watch_event",
        {
            "project_id": "int", "kind": "text", "hazard": "text", "subject": "text", "rule": "text",
            "device_id": "int", "gateway_id": "int", "network_id": "int", "quantity_id": "smallint",
            "channel": "smallint", "measure": "text", "at": "timestamptz", "before_rank": "int", "rank": "int",
            "name": "text", "name_en": "text", "value": "float8", "threshold": "float8", "unit": "text",
            "official": "boolean", "ref_level": "smallint", "origin": "text", "details": "jsonb",
            "committed_at": "timestamptz",
        },
    )
    + """
on conflict do nothing
returning event_id, subject, at, coalesce((details ->> 'drill')::bigint, 0)
"""
)  # fmt: skip
_WITHDRAW = """
update watch_event e set withdrawn_at = %s, withdrawn_ja = gone.ja, withdrawn_en = gone.en
from unnest(%s::bigint[], %s::text[], %s::text[]) gone (event_id, ja, en)
where e.event_id = gone.event_id and e.withdrawn_at is null
returning e.event_id
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
_ATTACH = """
update watch_event e set incident_id = owner.incident_id
from unnest(%s::bigint[], %s::bigint[]) owner (event_id, incident_id) where e.event_id = owner.event_id
"""
_LEFT_OPEN = """
select subject, rank from watch_incident
where closed_at is null and drill_id is null and kind = 'stage' and subject <> all(%s) and project_id <> all(%s)
"""


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
    """Those events that were not stored yet, with their numbers, in the order given. Of the same one the first."""
    first: dict[tuple[str, datetime, int], Event] = {}
    for event in events:
        first.setdefault((event.subject, event.at, drill_of(event)), event)
    if not first:
        return []
    rows = connection.execute(_INSERT, arrays([_columns(event) for event in first.values()])).fetchall()
    return sorted(((number, first[subject, at, drill]) for number, subject, at, drill in rows), key=itemgetter(0))


def _columns(event: Event) -> tuple[Any, ...]:
    """The values of a row, each of the one type that its column has."""
    thing, stage = event.thing, event.stage
    return (
        thing.project_id, event.kind.value, _text(event.hazard), event.subject, event.rule, thing.device_id,
        thing.gateway_id, thing.network_id, thing.quantity_id, thing.channel, _text(event.measure), event.at,
        event.before_rank, event.rank, stage.name, stage.name_en, _number(event.value), _number(stage.threshold),
        stage.unit, stage.official, stage.ref_level, event.origin.value, Jsonb(dict(event.details)),
        event.committed_at,
    )  # fmt: skip


def _text(value: str | None) -> str | None:
    return None if value is None else str(value)


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)


def withdraw(connection: Database, reasons: Mapping[int, Bilingual], now: datetime) -> set[int]:
    """Withdraw events, by number with the reason. Those that were not withdrawn before."""
    if not reasons:
        return set()
    ja, en = [why.ja for why in reasons.values()], [why.en for why in reasons.values()]
    return {row[0] for row in connection.execute(_WITHDRAW, (now, list(reasons), ja, en))}


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


def incidents_without_rule(
    connection: Database, subjects: Sequence[str], unknown_projects: Collection[int]
) -> dict[str, int]:
    """Open incidents of stages without these subjects, and their ranks; not where the rules are unknown."""
    return dict(connection.execute(_LEFT_OPEN, (list(subjects), list(unknown_projects))).fetchall())


def attach(connection: Database, incidents: Mapping[int, int]) -> None:
    """These events belong to these incidents, by number of the event."""
    if incidents:
        connection.execute(_ATTACH, (list(incidents), list(incidents.values())))
