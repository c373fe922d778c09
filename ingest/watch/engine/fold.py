"""What waits stays bounded when nobody looks at it: old notes are folded, or given up where nothing is watched."""

from threading import Event as Stop

from ingest.store.batch.watched import unpack_watched
from ingest.store.database import Database
from ingest.watch.engine.database import folding
from ingest.watch.engine.database.selection import write_selection
from ingest.watch.engine.database.watcher import somebody_watches, waiting
from schemas.japan import to_datetime

FOLD_AT_ONCE = 200
"""Packed notes in one transaction."""


def fold_notes(connection: Database, most_bytes: int, stop: Stop) -> int:
    """Fold the oldest notes until what waits takes at most so many bytes. Returns how many were folded.

    For each series that they name one span is left, from its earliest reading on: the watcher will compute it from the
    database. It may look at a note meanwhile that is folded here: then it looks twice, and finds nothing new.
    """
    folded = 0
    while not stop.is_set() and waiting(connection).readings_bytes > most_bytes:
        with connection.transaction():
            notes = folding.oldest_packed(connection, FOLD_AT_ONCE)
            earliest: dict[tuple[int, int], int] = {}
            for _, packed in notes:
                for time_us, _, device_id, quantity_id, _, _ in unpack_watched(packed):
                    series = device_id, quantity_id
                    earliest[series] = min(time_us, earliest.get(series, time_us))
            folding.widen_spans(connection, {series: to_datetime(time_us) for series, time_us in earliest.items()})
            folding.delete(connection, [note_id for note_id, _ in notes])
        folded += len(notes)
        if not notes:
            break
    return folded


def stop_noting(connection: Database) -> int:
    """Where nobody is to watch: writers note nothing, and what waits is given up. Returns how many notes that were.

    Another service of this database may watch all the same: then nothing is done.
    """
    with connection.transaction():
        if somebody_watches(connection):
            return 0
        write_selection(connection, ())
        return folding.delete_all(connection)
