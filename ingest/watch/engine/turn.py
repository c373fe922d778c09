"""One turn of the watcher: notes are taken, evaluated, and deleted with what came of them, in one transaction.

What is of now has turns of its own, before each turn of what came late, and no turn computes more rules from the
database than take a moment: a crossing does not wait behind a backlog. What has to be computed from the database and
cannot be at a stage waits with what came late.
"""

import time
from dataclasses import replace
from datetime import datetime

from ingest.store.database import Database
from ingest.watch.document.database import rules_version
from ingest.watch.engine.database import events as event_rows
from ingest.watch.engine.database.notes import delete_notes, note_spans, put_back, what_waits
from ingest.watch.engine.database.selection import next_transaction, oldest_transaction, write_selection
from ingest.watch.engine.evaluate import Evaluator
from ingest.watch.engine.keep import QueueDeliveries, keep_events
from ingest.watch.engine.notes import MOST_NOTES, take_notes
from ingest.watch.engine.rest import REST, LateRest
from ingest.watch.model import NO_STAGE, Event, Origin
from ingest.watch.now import database_now
from ingest.watch.rules import NO_VERSION, Rules, load_rules

NO_HURRY = "set local synchronous_commit = off"
"""Of a turn without an outcome: if the server dies and forgets it, its notes are there again and looked at again."""
LOOKS_AT_ONCE = 100
"""Rules that are computed for the first time in one turn."""
MOST_AGAIN = 100
"""Rules that are computed from the database in one turn. What moves the others is put back."""

RULE_REMOVED = "rule_removed"
"""`details.why` of an event that closes an incident because nothing asks for it any more."""


class Turns:
    """The turns of one watcher on one connection in autocommit mode. A new one remembers nothing."""

    def __init__(self, connection: Database, least_window_us: int, queue: QueueDeliveries, rest: float = REST) -> None:
        self.events = 0
        """Stored by this watcher."""
        self.rules = Rules()
        self.evaluator = Evaluator(least_window_us)
        self._connection = connection
        self._queue = queue
        self._rest = LateRest(rest)
        self._taken: list[int] = []
        self._waits_for: int | None = None
        """Transactions before this one may still store readings without the selection of now."""

    def follow_rules(self) -> bool:
        """Take over the rules if they changed, and have the writers note their series. Whether they changed.

        Raises StoreUnavailable, and what the driver raises.
        """
        if self.rules.version != NO_VERSION and rules_version(self._connection) == self.rules.version:
            return False
        rules = load_rules(self._connection)
        with self._connection.transaction():
            write_selection(self._connection, rules.selected)
        self.rules = rules
        self.evaluator.use(rules)
        self._waits_for = next_transaction(self._connection)
        self._close_what_has_no_rule()
        return True

    def take(self, most_notes: int = MOST_NOTES) -> bool:
        """Take a turn of what is of now, and one of what came late. Whether there was anything to do now.

        What fails has changed nothing, and is done another time.
        """
        live = what_waits(self._connection).live and self._take(most_notes, late=False)
        if live:
            self._rest.note_live()
        waits = what_waits(self._connection)
        # A rule of which readings of now are left is computed with them, not with its newest alone.
        may_look = not waits.live and self.evaluator.looks > 0 and self._may_look()
        late = (waits.late_since is not None or may_look) and self._rest.is_over(waits)
        if late:
            began_s = time.monotonic()
            late = self._take(most_notes, late=True, looks=LOOKS_AT_ONCE if may_look else 0)
            self._rest.begin(waits, time.monotonic() - began_s)
        return live or late or waits.live

    def _take(self, most_notes: int, *, late: bool, looks: int = 0) -> bool:
        with self._connection.transaction():
            now = database_now(self._connection)
            taken = take_notes(self._connection, most_notes, late=late)
            self._taken = [note.note_id for note in taken.notes]
            if taken.backlog_since is not None:
                looks = 0  # what is left of the notes comes first: with it the rules are known anyway
            findings = self.evaluator.evaluate(
                self._connection,
                taken.notes,
                now,
                backlog_since=taken.backlog_since,
                looks=looks,
                most_again=MOST_AGAIN,
                only_urgent=not late,
            )
            stored = keep_events(
                self._connection, findings.events, now,
                withdrawals=findings.withdrawals, confirmed=findings.confirmed, queue=self._queue,
            )  # fmt: skip
            note_spans(self._connection, findings.spans)
            put_back(self._connection, findings.left, late=late or not findings.left_urgent)
            delete_notes(self._connection, [number for number in self._taken if number not in findings.left])
            if not (findings.events or findings.withdrawals or findings.confirmed):
                self._connection.execute(NO_HURRY)
        self.evaluator.commit(findings)
        self.events += len(stored)
        return bool(taken.notes) or looks > 0

    def drop(self) -> int:
        """Give up the notes of the last turn, which the database refused. Returns how many they were."""
        delete_notes(self._connection, self._taken)
        return len(self._taken)

    def _may_look(self) -> bool:
        """Whether everything that was stored without the selection of now is in the database."""
        if self._waits_for is not None and oldest_transaction(self._connection) >= self._waits_for:
            self._waits_for = None
        return self._waits_for is None

    def _close_what_has_no_rule(self) -> None:
        with self._connection.transaction():
            now = database_now(self._connection)
            open_ranks = event_rows.incidents_without_rule(
                self._connection, self.evaluator.memory.subjects, self.rules.unreadable
            )
            last = event_rows.last_events(self._connection, open_ranks)
            events = [_removed(kept.event, open_ranks[subject], now) for subject, kept in last.items()]
            self.events += len(keep_events(self._connection, events, now, queue=self._queue))


def _removed(last: Event, rank: int, now: datetime) -> Event:
    return replace(
        last, at=now, before_rank=rank, rank=0, origin=Origin.LIVE, value=None, stage=NO_STAGE, committed_at=now,
        details={"why": RULE_REMOVED},
    )  # fmt: skip
