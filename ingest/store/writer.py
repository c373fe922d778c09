"""One batch, one transaction: uplinks, readings, quarantine, the account, and only then COMMIT."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import psycopg
from psycopg import Connection

from ingest.errors import StoreUnavailable
from ingest.rows import Judged
from ingest.settings import DatabaseSettings
from ingest.store import statements
from ingest.store.database import classify, connect
from ingest.store.outcome import Outcome
from ingest.store.place import Refusal, moment, place_carefully, place_new

PLACE = 0x4E4F
"""Class of the advisory locks that say which client ids are being served."""


class Writer:
    """One connection that writes batches. Blocking: it lives in a thread of its own.

    `write` may be called again with the same batch after StoreUnavailable, as often as it takes:
    whatever happened before, the batch ends up stored once and is counted once.
    """

    def __init__(self, settings: DatabaseSettings, name: str, client_id: str) -> None:
        self._settings = settings
        self._name = name
        self._client_id = client_id
        self._connection: Connection[Any] | None = None
        self._backend: tuple[int, datetime] | None = None
        """The server's process behind our last connection, and when it began."""
        self._doubt: tuple[str, Outcome] | None = None
        """The number of a transaction whose COMMIT got no answer, and what it would have come to."""

    def write(self, batch: Sequence[Judged]) -> Outcome:
        """Store a batch. Raises StoreUnavailable; nothing of the batch is acknowledged then."""
        try:
            connection = self._connection or self._connect()
            if self._doubt is not None:
                outcome = self._fate(connection)
                if outcome is not None:
                    return outcome
            return self._write(connection, batch)
        except psycopg.Error as error:
            self.close()
            raise StoreUnavailable(str(classify(error))) from error

    def close(self) -> None:
        """Drop the connection; the next `write` opens a new one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connect(self) -> Connection[Any]:
        connection = connect(self._settings)
        try:
            if self._backend is not None:
                connection.execute(statements.END_BACKEND, self._backend)
            self._backend = connection.execute(statements.OWN_BACKEND).fetchone()
            connection.execute(statements.TEMPORARY_TABLES)
            connection.execute(statements.HOLD_PLACE, (PLACE, self._client_id))
            connection.commit()
        except psycopg.Error:
            connection.close()
            raise
        self._connection = connection
        return connection

    def _write(self, connection: Connection[Any], batch: Sequence[Judged]) -> Outcome:
        try:
            outcome = place_new(connection, batch)
        except Refusal:  # something is there already, or something cannot be stored
            connection.rollback()
            connection.execute(statements.PREFER_INDEX)  # opens the transaction: what follows are savepoints within it
            outcome = place_carefully(connection, batch)
        self._note_deliveries(connection, batch)
        self._commit(connection, batch, outcome)
        return outcome

    def _commit(self, connection: Connection[Any], batch: Sequence[Judged], outcome: Outcome) -> None:
        received = moment(batch[0].message.received_us)
        for project_id, account in sorted(outcome.accounts.items()):
            connection.execute(
                statements.NOTE_ACCOUNT,
                {"received": received, "project_id": project_id, "writer": self._name} | asdict(account),
            )
        (number,) = connection.execute(statements.OWN_TRANSACTION).fetchone() or ("",)
        self._doubt = (number, outcome)
        connection.commit()
        self._doubt = None

    def _fate(self, connection: Connection[Any]) -> Outcome | None:
        """What became of the transaction in doubt: its outcome if it was committed, None if it was not."""
        assert self._doubt is not None  # asked only while there is a doubt
        number, outcome = self._doubt
        (status,) = connection.execute(statements.FATE_OF_TRANSACTION, (number,)).fetchone() or (None,)
        connection.rollback()
        if status == "in progress":
            raise StoreUnavailable(f"transaction {number} of the lost connection is still in progress")
        self._doubt = None
        return outcome if status == "committed" else None

    def _note_deliveries(self, connection: Connection[Any], batch: Sequence[Judged]) -> None:
        notes = {one.message.packet_id: one for one in batch if one.by_receipt and one.message.packet_id}
        if not notes:
            return
        ordered = [notes[packet_id] for packet_id in sorted(notes)]  # one order for all writers: no deadlock
        rows = [one.uplink or one.quarantined[0] for one in ordered]
        connection.execute(
            statements.NOTE_DELIVERIES,
            {
                "client_id": self._client_id,
                "packet_ids": [one.message.packet_id for one in ordered],
                "message_ids": [row.message_id for row in rows],
                "received": [moment(row.received_us) for row in rows],
            },
        )


def take_over(connection: Connection[Any], client_id: str) -> dict[int, tuple[int, int]]:
    """Become the service of this client id; returns the first receipts of an earlier life.

    An earlier process of the same id is cut off first, as the broker does with its session: what it has committed is
    there when this returns, and it will commit no more. Packet id -> (message_id, received_us).
    """
    connection.execute(statements.END_PREDECESSORS, (PLACE, client_id))
    connection.execute(statements.TAKE_PLACE, (PLACE, client_id))
    rows = connection.execute(statements.KNOWN_DELIVERIES, (client_id,)).fetchall()
    return {packet_id: (message_id, received_us) for packet_id, message_id, received_us in rows}
