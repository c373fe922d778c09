"""Which of the waiting notes are taken next: the newest, so that what happens now is told now, and the oldest.

What came late is taken apart from what is of now.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from ingest.store.database import Database
from ingest.watch.engine.database.notes import Note, take_newest, take_oldest
from ingest.watch.now import database_now

MOST_NOTES, MOST_BYTES = 64, 256 * 1024
"""In one turn, of the newest and of the oldest each: some ten thousand readings."""
SHORT_BACKLOG = timedelta(minutes=1)
"""So far behind, notes of now are taken in their order: a step costs far less than to compute a rule anew."""


class Taken(NamedTuple):
    """Notes of one turn, oldest first. `backlog_since`: when the oldest of those that are left may have been written.

    None: nothing is left.
    """

    notes: Sequence[Note]
    backlog_since: datetime | None


def take_notes(
    connection: Database, most_notes: int = MOST_NOTES, most_bytes: int = MOST_BYTES, *, late: bool
) -> Taken:
    """Take what the next turn looks at, in the transaction of the caller."""
    newest = take_newest(connection, most_notes, most_bytes, late=late)
    if not _may_leave_some(newest, most_notes, most_bytes):
        return Taken(newest[::-1], None)
    if not late:
        first = take_oldest(connection, most_notes, most_bytes, [], late=False)
        if database_now(connection) - first[0].noted_at < SHORT_BACKLOG:
            return Taken(first, None)
    oldest = take_oldest(connection, most_notes, most_bytes, [note.note_id for note in newest], late=late)
    left = _may_leave_some(oldest, most_notes, most_bytes)
    return Taken([*oldest, *newest[::-1]], min(note.noted_at for note in oldest) if left else None)


def _may_leave_some(notes: Sequence[Note], most_notes: int, most_bytes: int) -> bool:
    return len(notes) >= most_notes or sum(len(note.readings or b"") for note in notes) >= most_bytes
