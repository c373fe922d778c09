"""Keeps events: stores each once, lets incidents follow, and has what people are told queued, in one transaction."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from ingest.store.database import Database
from ingest.watch.delivery.queue import queue_deliveries
from ingest.watch.engine.database import events as rows
from ingest.watch.engine.database.events import Incident, drill_of
from ingest.watch.model import Event, Origin, Step, StoredEvent
from schemas.bilingual import Bilingual

QueueDeliveries = Callable[[Database, Sequence[StoredEvent], datetime], object]
"""Queues what people and machines are told of stored events, in the transaction of the caller."""


class Withdrawal(NamedTuple):
    """An event that was proven wrong, and by what."""

    event_id: int
    why: Bilingual


def queue_nothing(_connection: Database, _stored: Sequence[StoredEvent], _now: datetime) -> None:
    """Tell nobody."""


def keep_events(
    connection: Database,
    events: Iterable[Event],
    now: datetime,
    *,
    withdrawals: Sequence[Withdrawal] = (),
    confirmed: Iterable[str] = (),
    queue: QueueDeliveries = queue_deliveries,
) -> list[StoredEvent]:
    """Store events inside the caller's transaction. Returns those that were not stored before, with their effect.

    Live events and those of a drill open, raise, lower and close the incident of their subject. Late ones never open
    or raise one; they lower or close it if it stands higher than what holds after them. Withdrawing does so, too.
    `confirmed`: subjects of which a measurement of now says that their last event still holds: if nobody was told of
    its rank, its incident is opened or raised. `queue`: is called with everything that is returned.
    """
    withdrawn = _withdraw(connection, withdrawals, now)
    kept = rows.insert_events(connection, events)
    confirmed = set(confirmed)
    if not kept and not withdrawn and not confirmed:
        return []
    subjects = {event.subject for _, event in kept} | {each.event.subject for each in withdrawn}
    book = _Book(connection, now, rows.open_incidents(connection, subjects | confirmed))
    stored = [book.enter(event_id, event) for event_id, event in sorted(kept, key=lambda each: each[1].at)]
    stored += withdrawn
    doubtful = {each.event.subject for each in stored if each.withdrawn or each.event.origin is Origin.LATE}
    stored = book.lower(stored, doubtful) + book.confirm(confirmed)
    queue(connection, stored, now)
    return stored


def _withdraw(connection: Database, withdrawals: Sequence[Withdrawal], now: datetime) -> list[StoredEvent]:
    """Withdraw events, before others of the same moment take their places."""
    gone = [each for each in withdrawals if rows.withdraw(connection, each.event_id, each.why, now)]
    found = rows.read_events(connection, [each.event_id for each in gone])
    return [
        StoredEvent(each.event_id, found[each.event_id].incident_id, found[each.event_id].event, Step.NONE, each.why)
        for each in gone
    ]


class _Book:
    """The open incidents of the subjects at hand, as they follow the events."""

    def __init__(self, connection: Database, now: datetime, incidents: dict[tuple[str, int], Incident]) -> None:
        self._connection = connection
        self._now = now
        self._open = incidents

    def enter(self, event_id: int, event: Event) -> StoredEvent:
        """Let the incident of an event follow it, and note which one that is."""
        if event.origin is Origin.LATE:
            incident_id, step = rows.covering_incident(self._connection, event), Step.NONE
        else:
            incident_id, step = self._follow(event, event.rank)
        if incident_id is not None:
            rows.attach(self._connection, incident_id, [event_id])
        return StoredEvent(event_id, incident_id, event, step)

    def _follow(self, event: Event, rank: int) -> tuple[int | None, Step]:
        key = event.subject, drill_of(event)
        incident = self._open.get(key)
        if incident is None:
            if rank == 0:
                return None, Step.NONE
            incident = self._open[key] = rows.insert_incident(self._connection, event, self._now)
            return incident.incident_id, Step.OPENED
        if rank == 0:
            rows.close_incident(self._connection, incident, event.at)
            del self._open[key]
            return incident.incident_id, Step.CLOSED
        if rank == incident.rank:
            return incident.incident_id, Step.NONE
        rows.set_rank(self._connection, incident, rank)
        self._open[key] = incident._replace(rank=rank, top_rank=max(rank, incident.top_rank))
        if rank < incident.rank:
            return incident.incident_id, Step.LOWERED
        if rank > incident.acknowledged_rank:
            rows.escalate_anew(self._connection, incident, self._now)
        return incident.incident_id, Step.RAISED

    def lower(self, stored: Sequence[StoredEvent], subjects: set[str]) -> list[StoredEvent]:
        """Lower or close what stands higher than the last event of its subject. The event that says so has the step."""
        standing = {subject for subject in subjects if (subject, 0) in self._open}
        last = rows.last_events(self._connection, standing)
        answer = list(stored)
        for subject in standing:
            incident = self._open[subject, 0]
            kept = last.get(subject)
            rank = 0 if kept is None else kept.event.rank
            if rank >= incident.rank:
                continue
            if rank == 0:
                over = kept is not None and kept.event.at >= incident.opened_at
                rows.close_incident(self._connection, incident, kept.event.at if kept and over else self._now)
                del self._open[subject, 0]
            else:
                rows.set_rank(self._connection, incident, rank)
                self._open[subject, 0] = incident._replace(rank=rank)
            number = _says_so(answer, subject)
            step = Step.CLOSED if rank == 0 else Step.LOWERED
            answer[number] = answer[number]._replace(incident_id=incident.incident_id, step=step)
        return answer

    def confirm(self, subjects: set[str]) -> list[StoredEvent]:
        """Open or raise the incidents of these subjects up to their last events, where nobody was told of them."""
        answer = []
        for kept in rows.last_events(self._connection, subjects).values():
            incident = self._open.get((kept.event.subject, 0))
            told_rank = 0 if incident is None else incident.rank
            if kept.event.rank > told_rank:
                incident_id, step = self._follow(kept.event, kept.event.rank)
                if incident_id is not None:
                    rows.attach(self._connection, incident_id, [kept.event_id])
                answer.append(StoredEvent(kept.event_id, incident_id, kept.event, step))
        return answer


def _says_so(stored: Sequence[StoredEvent], subject: str) -> int:
    """The place of the event by which a subject stands lower: its newest late one, else a withdrawn one."""
    places = [number for number, each in enumerate(stored) if each.event.subject == subject]
    return max(places, key=lambda number: (stored[number].withdrawn is None, stored[number].event.at))
