"""One batch, one transaction: uplinks, readings, quarantine, the account, and only then COMMIT."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import psycopg
from psycopg import Connection

from ingest.account import Outcome
from ingest.decode.sparkplug.limits import USUAL, BirthLimits
from ingest.errors import StoreUnavailable
from ingest.rows import MessageRows
from ingest.settings.model import DatabaseSettings
from ingest.store.batch import statements
from ingest.store.batch.births import keep_births
from ingest.store.batch.clock_step import as_duplicates, stored_before
from ingest.store.batch.frames import repeated
from ingest.store.batch.insert import Refusal, copy_new, merge
from ingest.store.batch.late import note_late
from ingest.store.batch.watched import WatchedSeries
from ingest.store.database import classify, connect
from schemas.bilingual import Bilingual
from schemas.japan import to_datetime

CLIENT_LOCK = 0x4E4F
"""Class of the advisory locks on client ids: every writer of a client id holds that of its own."""
MOST_PIECES = 64


class Writer:
    """One connection that writes batches. Blocking: it lives in a thread of its own.

    `write` may be called again with the same batch after StoreUnavailable, as often as it takes:
    whatever happened before, the batch ends up stored once and is counted once.
    """

    def __init__(self, settings: DatabaseSettings, name: str, client_id: str, births: BirthLimits = USUAL) -> None:
        self._settings = settings
        self._births = births
        self._name = name
        self._client_id = client_id
        self._number = int(name.rpartition("/")[2])
        self._connection: Connection[Any] | None = None
        self._backend: tuple[int, datetime] | None = None
        """The server's process behind our last connection, and when it began."""
        self._in_doubt: Outcome | None = None
        """What a batch comes to if its COMMIT, which got no answer, has succeeded."""
        self._watched = WatchedSeries()
        self._pieces = 1
        """In how many pieces the batch is merged: twice as many each time a statement took too long."""

    def write(self, batch: Sequence[MessageRows]) -> Outcome:
        """Store a batch. Raises StoreUnavailable, or OSError or MemoryError; nothing of it is acknowledged then."""
        try:
            connection = self._connection or self._connect()
            if self._in_doubt is not None:
                outcome = self._resolve_in_doubt(connection, batch)
                if outcome is not None:
                    return outcome
            return self._write(connection, batch)
        except psycopg.Error as error:
            self.close()
            if isinstance(error, psycopg.errors.QueryCanceled):
                self._pieces = min(self._pieces * 2, MOST_PIECES)
            raise StoreUnavailable(classify(error).said) from error
        except (OSError, MemoryError):  # the exchange with the server broke off: how far it came is not known
            self.close()
            raise

    def close(self) -> None:
        """Drop the connection; the next `write` opens a new one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connect(self) -> Connection[Any]:
        connection = connect(self._settings, watched=True)
        try:
            left = self._backend
            if left is not None and connection.execute(statements.END_BACKEND, left).fetchone() == (False,):
                raise StoreUnavailable(
                    Bilingual(
                        "サーバーが、切れた接続を終わらせません。何が保存されたか、まだ分かりません",
                        "the server does not end our lost connection; what it stored is not known yet",
                    )
                )
            self._backend = connection.execute(statements.OWN_BACKEND).fetchone()
            connection.execute(statements.NEED_NO_STANDBY)
            connection.execute(statements.TEMPORARY_TABLES)
            connection.execute(statements.HOLD_CLIENT_ID, (CLIENT_LOCK, self._client_id))
            connection.commit()
        except (psycopg.Error, StoreUnavailable, OSError, MemoryError):
            connection.close()
            raise
        self._connection = connection
        return connection

    def _write(self, connection: Connection[Any], batch: Sequence[MessageRows]) -> Outcome:
        duplicates = stored_before(connection, batch) | repeated(connection, batch)
        new = [rows for rows in batch if rows not in duplicates] if duplicates else batch
        try:
            outcome = copy_new(connection, new) if self._pieces == 1 else self._merge_in_pieces(connection, new)
        except Refusal:  # something is there already, or something cannot be stored
            connection.rollback()
            # The rollback took back the frames that were noted. Another writer may have noted some of them since.
            duplicates |= repeated(connection, new)
            new = [rows for rows in new if rows not in duplicates]
            outcome = self._merge_in_pieces(connection, new)
        if duplicates:
            outcome.add(as_duplicates(duplicates))
        keep_births(connection, batch, self._births)
        self._note_deliveries(connection, batch)
        self._commit(connection, batch, new, outcome)
        self._pieces = 1
        return outcome

    def _merge_in_pieces(self, connection: Connection[Any], batch: Sequence[MessageRows]) -> Outcome:
        """Merge the batch, in pieces if that took too long before, as it may with old data in compressed chunks."""
        connection.execute(statements.PREFER_INDEX)  # opens the transaction: what follows are savepoints within it
        size = max(-(-len(batch) // self._pieces), 1)
        outcome = merge(connection, batch[:size])
        for start in range(size, len(batch), size):
            outcome.add(merge(connection, batch[start : start + size]))
        return outcome

    def _commit(
        self, connection: Connection[Any], batch: Sequence[MessageRows], new: Sequence[MessageRows], outcome: Outcome
    ) -> None:
        """`new`: the messages of the batch that were not known to be duplicates before it was written."""
        received = to_datetime(batch[0].message.received_us)
        closing_until, selection = None, 0
        for project_id, account in sorted(outcome.accounts.items()):
            values = {"received": received, "project_id": project_id, "writer": self._name} | asdict(account)
            closing_until, selection = connection.execute(statements.NOTE_ACCOUNT, values).fetchone() or (None, 0)
        note_late(connection, batch, closing_until)
        self._watched.note(connection, new, selection, exact=not outcome.merged)
        self._in_doubt = outcome  # until COMMIT is answered
        connection.commit()
        self._in_doubt = None

    def _resolve_in_doubt(self, connection: Connection[Any], batch: Sequence[MessageRows]) -> Outcome | None:
        """What became of the batch in doubt: its outcome if it was committed, None if it is to be written.

        The connection that sent the COMMIT is ended by now (see `_connect`), so nothing changes any more.
        """
        outcome = self._in_doubt
        if outcome is None or outcome.merged:
            # A merged batch may hold messages that were stored before it: one that is there proves nothing. So it is
            # written again, and counts as duplicate at worst.
            self._in_doubt = None
            return None
        # What is seen here may not be on the standby yet, and would be lost with this server. After a COMMIT of our
        # own it is there: the standby takes commits in order.
        connection.execute(statements.BARRIER)
        connection.commit()
        # A batch that was all new is stored as a whole or not at all: one message tells. One that is counted by the
        # row of another has no row to look for.
        first = next(rows for rows in batch if rows.summed_in is None)
        if first.uplink is not None:
            row = first.uplink
            key = (row.device_id, to_datetime(row.time_us), row.message_id)
            row_there = connection.execute(statements.FIND_UPLINK, key).fetchone()
        elif first.gateway is not None:
            event = first.gateway
            key = (event.gateway_id, to_datetime(event.time_us), event.message_id)
            row_there = connection.execute(statements.FIND_GATEWAY_EVENT, key).fetchone()
        else:
            quarantined = first.quarantined[0]
            key = (quarantined.message_id, to_datetime(quarantined.time_us), quarantined.part)
            row_there = connection.execute(statements.FIND_QUARANTINED, key).fetchone()
        connection.rollback()
        self._in_doubt = None  # not before: if this connection breaks too, the batch is still in doubt
        return outcome if row_there else None

    def _note_deliveries(self, connection: Connection[Any], batch: Sequence[MessageRows]) -> None:
        """First receipts of the batch, and how far it got: its newest position stands under our own negative id."""
        notes = {rows.message.packet_id: rows for rows in batch if rows.by_receipt and rows.message.packet_id}
        ordered = [notes[packet_id] for packet_id in sorted(notes)]  # one order for all writers: no deadlock
        keys = [rows.row for rows in ordered]
        connection.execute(
            statements.NOTE_DELIVERIES,
            {
                "client_id": self._client_id,
                "packet_ids": [-self._number, *(rows.message.packet_id for rows in ordered)],
                "message_ids": [0, *(row.message_id for row in keys)],
                "received": [
                    to_datetime(batch[-1].message.received_us),
                    *(to_datetime(row.received_us) for row in keys),
                ],
                "positions": [max(rows.position for rows in batch), *(rows.position for rows in ordered)],
            },
        )


def take_over(connection: Connection[Any], client_id: str) -> tuple[dict[int, tuple[int, int, int]], int]:
    """Take over this client id; returns the first receipts of an earlier life of the service, and its position.

    An earlier process of the same id is cut off first, as the broker does with its session: what it has committed is
    there when this returns, and it will commit no more. Packet id -> (message_id, received_us, position).
    """
    connection.execute(statements.END_PREDECESSORS, (CLIENT_LOCK, client_id))
    connection.execute(statements.TAKE_CLIENT_ID, (CLIENT_LOCK, client_id))
    rows = connection.execute(statements.KNOWN_DELIVERIES, (client_id,)).fetchall()
    receipts = {packet_id: (number, received_us, at) for packet_id, number, received_us, at in rows if packet_id > 0}
    return receipts, max((at for *_, at in rows), default=0)
