"""Send quarantined messages through the path again: a page at a time, each page in a transaction of its own."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import NamedTuple

from ingest.account import Account, Outcome
from ingest.message import Received
from ingest.pipeline.caution import rehearse
from ingest.pipeline.interpret import Interpreter
from ingest.pipeline.rehearsal import first_fatal
from ingest.rows import MessageRows, QuarantineRow
from ingest.store.batch import statements
from ingest.store.batch.births import keep_births
from ingest.store.batch.clock_step import as_duplicates
from ingest.store.batch.frames import repeated
from ingest.store.batch.insert import merge
from ingest.store.batch.late import note_late
from ingest.store.batch.watched import note_again
from ingest.store.database import Database, Rollback
from ingest.store.quarantine import Key, ReplayRow, book_replayed, mark_replayed, newest, open_messages, rows_of
from schemas.rejection import RejectionReason

REPLAYED_AT_ONCE = 200
BYTES_AT_ONCE = 2**20
"""Payload that is read, interpreted and stored together: a page may hold 200 messages of 256 KiB each."""


@dataclass(slots=True)
class Replayed:
    """What a replay came to: messages tried, now stored, stored before, still refused; readings gained."""

    tried: int = 0
    stored: int = 0
    duplicate: int = 0
    improved: int = 0
    refused: int = 0
    readings_stored: int = 0

    @property
    def gained(self) -> int:
        """Messages that are no longer open, or have fewer open parts."""
        return self.stored + self.duplicate + self.improved


@dataclass(frozen=True, slots=True)
class Place:
    """How far a replay has come: rows up to `after` were looked at; `upto` was the newest when it began.

    `just`: the messages of the last page. Further rows of them may follow, and are not replayed again.
    """

    after: int
    upto: int
    just: frozenset[Key] = frozenset()


def begin_replay(connection: Database) -> Place:
    """Start before the first row. What is quarantined after this call does not belong to this replay."""
    connection.execute(statements.TEMPORARY_TABLES)
    upto = newest(connection)
    connection.commit()
    return Place(0, upto)


def replay(connection: Database, interpreter: Interpreter, *, reason: str | None = None) -> Replayed:
    """Interpret every open message again, by the registry and the program of today; store what is good now.

    What is still refused stays as it is. In the account a message moves from quarantined to stored,
    at the hour of its receipt: received stays what it was. Safe to repeat and to interrupt.
    """
    result = Replayed()
    place: Place | None = begin_replay(connection)
    while place is not None:
        place = replay_page(connection, interpreter, place, result, reason=reason)
    return result


def replay_page(
    connection: Database,
    interpreter: Interpreter,
    place: Place,
    result: Replayed,
    *,
    reason: str | None = None,
    topics: Sequence[str] | None = None,
) -> Place | None:
    """The next few messages of a replay, in a transaction of their own; None when there are no more.

    `topics`: patterns of `like`; only messages on one of them.
    """
    with connection.transaction():
        waiting = open_messages(
            connection, reason=reason, topics=topics, after=place.after, upto=place.upto, most=REPLAYED_AT_ONCE
        )
        sizes = {message.key: message.payload_bytes for message in waiting}
        for keys in _split_by_size([(key, size) for key, size in sizes.items() if key not in place.just]):
            tried = [_try_again(connection, interpreter, rows, result) for rows in rows_of(connection, keys)]
            _store(connection, [change for change in tried if change is not None], result)
    return Place(waiting[-1].quarantine_id, place.upto, frozenset(sizes)) if len(waiting) == REPLAYED_AT_ONCE else None


class _Change(NamedTuple):
    """What becomes of the rows of a message that can be read now.

    `row`: its first row. `closed`: the rows that are done with; what is still refused is in `interpreted`, to be
    quarantined anew. `parts`: how many parts the closed rows stand for. `fresh`: its frame is not noted yet.
    """

    row: ReplayRow
    interpreted: MessageRows
    closed: list[int]
    parts: int
    whole: bool
    fresh: bool

    @property
    def out_of(self) -> int:
        """The project in whose account the message is quarantined."""
        return self.row.project_id or 0

    @property
    def kind(self) -> tuple[bool, datetime]:
        """Changes of one kind may be stored and booked together."""
        return self.whole, self.row.received_at.replace(minute=0, second=0, microsecond=0)


def _split_by_size(messages: Sequence[tuple[Key, int]]) -> Iterator[list[Key]]:
    """The keys again, in pieces whose payloads together are not much more than BYTES_AT_ONCE."""
    piece: list[Key] = []
    held = 0
    for key, size in messages:
        if piece and held + size > BYTES_AT_ONCE:
            yield piece
            piece, held = [], 0
        piece.append(key)
        held += size
    if piece:
        yield piece


def _try_again(
    connection: Database, interpreter: Interpreter, rows: Sequence[ReplayRow], result: Replayed
) -> _Change | None:
    """Interpret a message again; None if no more of it can be stored than before."""
    opened = [row for row in rows if row.replayed_at is None]
    payload = next((row.payload for row in rows if row.payload is not None), None)
    if not opened or payload is None:  # another replay was faster
        return None
    result.tried += 1
    first = rows[0]
    message = Received(first.topic, bytes(payload), first.received_us, retain=first.retained)
    if first.reason == RejectionReason.ENDED_THE_SERVICE and first_fatal(partial(rehearse, interpreter), [message]):
        result.refused += 1
        return None
    interpreted = interpreter.interpret(message)
    keep_births(connection, [interpreted], interpreter.births.limits)
    change = None if interpreted.uplink is None and interpreted.gateway is None else _change(rows, opened, interpreted)
    if change is None:
        result.refused += 1
        return None
    good, parts, interpreted.quarantined = change
    whole = any(row.part == 0 for row in good)
    # When the database refused the message, its frame was noted in the transaction that quarantined it.
    fresh = first.reason != RejectionReason.DATABASE_REFUSED and whole
    return _Change(first, interpreted, [row.quarantine_id for row in good], parts, whole, fresh)


def _store(connection: Database, changes: Sequence[_Change], result: Replayed) -> None:
    """Store the changes in the order in which their messages were quarantined, as many at once as one booking holds."""
    for (whole, _), run in groupby(changes, key=lambda change: change.kind):
        if whole:
            _store_whole(connection, list(run), result)
        else:
            for change in run:
                _store_parts(connection, change, result)


def _store_whole(connection: Database, run: Sequence[_Change], result: Replayed) -> None:
    """Store messages that were quarantined whole and received in one hour: now they, and all their readings, count."""
    with connection.transaction():
        outcome = _merge_whole(connection, run)
        if outcome.splits and (len(run) > 1 or not outcome.total.readings_offered):
            raise Rollback  # which of them the database refuses must be known, for that one stays open
    if outcome.splits and len(run) > 1:
        for change in run:
            _store_whole(connection, [change], result)
    elif outcome.splits and not outcome.total.readings_offered:
        result.refused += 1
    else:
        _book_whole(connection, run, outcome, result)


def _merge_whole(connection: Database, run: Sequence[_Change]) -> Outcome:
    again = repeated(connection, [change.interpreted for change in run if change.fresh])
    outcome = as_duplicates(change.interpreted for change in run if change.interpreted in again)
    rest = [change.interpreted for change in run if change.interpreted not in again]
    if rest:
        outcome.add(merge(connection, rest))
    return outcome


def _book_whole(connection: Database, run: Sequence[_Change], outcome: Outcome, result: Replayed) -> None:
    _close(connection, run)
    moves = dict(outcome.accounts)
    for account in moves.values():
        account.payload_bytes = 0  # they were counted on receipt
    left = Counter(change.out_of for change in run)
    closing_until = None
    for project_id, account in moves.items():
        closing_until = book_replayed(connection, run[0].row.received_at, project_id, account)
    for project_id, messages in left.items():
        closing_until = book_replayed(connection, run[0].row.received_at, project_id, Account(quarantined=-messages))
    note_late(connection, [change.interpreted for change in run], closing_until)
    note_again(connection, [change.interpreted for change in run])
    total = outcome.total
    result.stored += total.stored
    result.duplicate += total.duplicate
    result.readings_stored += total.readings_stored


def _store_parts(connection: Database, change: _Change, result: Replayed) -> None:
    """Store readings that were quarantined of a message that counts already."""
    account = merge(connection, [change.interpreted]).total
    _close(connection, [change])
    closing_until = book_replayed(
        connection, change.row.received_at, change.out_of, _parts_moved(account, change.parts)
    )
    note_late(connection, [change.interpreted], closing_until)
    note_again(connection, [change.interpreted])
    result.readings_stored += account.readings_stored
    result.improved += 1


def _close(connection: Database, changes: Iterable[_Change]) -> None:
    closed = [quarantine_id for change in changes for quarantine_id in change.closed]
    mark_replayed(connection, closed)


def _change(
    rows: Sequence[ReplayRow], opened: Sequence[ReplayRow], interpreted: MessageRows
) -> tuple[list[ReplayRow], int, list[QuarantineRow]] | None:
    """Rows to close, how many parts they stand for, and rows to add; None if nothing of the message is better."""
    several = any(row.parts > 1 for row in opened) or any(row.parts > 1 for row in interpreted.quarantined)
    if several and opened[0].part > 0:
        # Such a row does not name its parts: so what is open is closed, and what is still refused is written anew.
        before = sum(row.parts for row in opened)
        better = interpreted.refused < before
        return ([*opened], before, _numbered(interpreted.quarantined, rows)) if better else None
    still = {row.part_name for row in interpreted.quarantined}
    good = [row for row in opened if row.part == 0 or row.part_name not in still]
    if not good:
        return None
    names = {row.part_name for row in rows}
    fresh = [row for row in interpreted.quarantined if row.parts > 1 or row.part_name not in names]
    return good, len(good), _numbered(fresh, rows)


def _numbered(fresh: Sequence[QuarantineRow], behind: Sequence[ReplayRow]) -> list[QuarantineRow]:
    """New rows of a message behind those it has. The bytes of the message stand in its part 1, if that is there."""
    last = behind[-1].part
    return [
        row._replace(part=last + number, payload=None if last > 0 else row.payload)
        for number, row in enumerate(fresh, start=1)
    ]


def _parts_moved(account: Account, parts: int) -> Account:
    """What is booked where only some readings were quarantined: the message and its other readings count already.

    `parts`: how many the closed rows stood for. Those still refused are counted in the account again.
    """
    gained = account.readings_stored + account.readings_conflict
    duplicate = max(parts - account.readings_quarantined - gained, 0)
    return Account(
        readings_offered=gained + duplicate - parts + account.readings_quarantined,
        readings_stored=account.readings_stored,
        readings_conflict=account.readings_conflict,
        readings_duplicate=duplicate,
        readings_quarantined=account.readings_quarantined - parts,
    )
