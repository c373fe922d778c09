"""Keeps events: stores each once, lets incidents follow, and has what people are told queued, in one transaction."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from ingest.store.database import Database
from ingest.watch.delivery.queue import queue_deliveries
from ingest.watch.engine.book import Book, Entry, Numbered
from ingest.watch.engine.database import events as rows
from ingest.watch.engine.database.incidents import (
    change_incidents,
    covering_incidents,
    insert_incidents,
    open_incidents,
)
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
    kept = sorted(rows.insert_events(connection, events), key=lambda each: each[1].at)
    confirmed = set(confirmed)
    if not kept and not withdrawn and not confirmed:
        return []
    subjects = {event.subject for _, event in kept} | {each.event.subject for each in withdrawn}
    book = Book(now, open_incidents(connection, subjects | confirmed))
    entries = _enter(connection, book, kept) + withdrawn
    doubtful = {each.event.subject for each in entries if each.withdrawn or each.event.origin is Origin.LATE}
    standing = book.standing(doubtful)
    book.lower(entries, standing, rows.last_events(connection, standing))
    entries += book.confirm(rows.last_events(connection, sorted(confirmed)).values())
    _write(connection, book)
    stored = [each.stored() for each in entries]
    queue(connection, stored, now)
    return stored


def _withdraw(connection: Database, withdrawals: Sequence[Withdrawal], now: datetime) -> list[Entry]:
    """Withdraw events, before others of the same moment take their places."""
    reasons: dict[int, Bilingual] = {}
    for each in withdrawals:
        reasons.setdefault(each.event_id, each.why)
    gone = rows.withdraw(connection, reasons, now)
    found = rows.read_events(connection, [number for number in reasons if number in gone])
    return [
        Entry(number, found[number].event, Numbered(found[number].incident_id), Step.NONE, why)
        for number, why in reasons.items()
        if number in gone
    ]


def _enter(connection: Database, book: Book, kept: Sequence[tuple[int, Event]]) -> list[Entry]:
    """Enter new events in the order of their time."""
    late = [each for each in kept if each[1].origin is Origin.LATE]
    found = covering_incidents(connection, [event for _, event in late])
    over = {late[place][0]: each for place, each in found.items()}
    return [book.enter(event_id, event, over.get(event_id)) for event_id, event in kept]


def _write(connection: Database, book: Book) -> None:
    """Write what became of the incidents: what is over first, because one of each subject may be open."""
    change_incidents(connection, book.changed())
    for held, number in zip(book.opened, insert_incidents(connection, book.new()), strict=True):
        held.incident_id = number
    rows.attach(connection, book.owners())
