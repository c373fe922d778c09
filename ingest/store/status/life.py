"""Whether the earlier life of the service ended in order, and which messages were under way if it did not."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import psycopg
from psycopg import Connection

from ingest.settings.model import DatabaseSettings
from ingest.store.database import connect, translated
from schemas.rejection import RejectionReason

_BEGIN = """
insert into service_life (client_id) values (%s)
on conflict (client_id) do update set begun_at = clock_timestamp()
returning xmax <> 0, begun_at
"""
_UNDER_WAY = "select digest, together from under_way where client_id = %s"
_SET_ASIDE = """
select message_id from quarantine
where reason = %s and received_at > clock_timestamp() - interval '1 day' and replayed_at is null
"""
# Its identity is that of its bytes: what was stored under it once, at whatever time, did no harm.
_IS_STORED = """
select exists (
    select from uplink
    where device_id = %s and message_id = %s and time > clock_timestamp() - interval '35 days'
)
"""
_END = "delete from service_life where client_id = %s and begun_at = coalesce(%s, begun_at)"
_CLEAR = "delete from under_way where client_id = %s"
_NOTE = "insert into under_way (client_id, digest, together) select %s, digest, %s from unnest(%s::bytea[]) as digest"


class EarlierLife(NamedTuple):
    """How the earlier life of a client id ended, and when this one began.

    `under_way`: digest -> how many messages were interpreted together when it died. `set_aside`: messages that were
    refused within a day because a process died by them: they may come again.
    """

    ended_in_order: bool
    under_way: dict[bytes, int]
    begun_at: datetime
    set_aside: frozenset[int] = frozenset()


def begin_life(connection: Connection[Any], client_id: str) -> EarlierLife:
    """Note that this client id is served from now on; returns how it was left. Commits."""
    row = connection.execute(_BEGIN, (client_id,)).fetchone()
    assert row is not None  # insert ... returning
    under_way = {bytes(digest): together for digest, together in connection.execute(_UNDER_WAY, (client_id,))}
    aside = connection.execute(_SET_ASIDE, (RejectionReason.ENDED_THE_SERVICE.value,)).fetchall()
    connection.commit()
    return EarlierLife(not row[0], under_way, row[1], frozenset(number for (number,) in aside))


def end_life(connection: Connection[Any], client_id: str, begun_at: datetime | None = None) -> None:
    """Note an orderly stop: nothing is suspected at the next start. Commits.

    `begun_at`: only if this life is the last to have begun; another may have taken over. None: in any case.
    """
    if connection.execute(_END, (client_id, begun_at)).rowcount:
        connection.execute(_CLEAR, (client_id,))
    connection.commit()


class Notes:
    """Keeps the digests of messages under way, before they are interpreted. Blocking; raises StoreUnavailable."""

    def __init__(self, settings: DatabaseSettings, client_id: str) -> None:
        self._settings = settings
        self._client_id = client_id
        self._connection: Connection[Any] | None = None

    def note(self, digests: Sequence[bytes]) -> None:
        """Note that these messages and no others are under way; none: all that were are stored. Commits."""
        with translated():
            try:
                connection = self._connection or connect(self._settings, watched=True)
                self._connection = connection
                connection.execute(_CLEAR, (self._client_id,))
                connection.execute(_NOTE, (self._client_id, len(digests), [*dict.fromkeys(digests)]))
                connection.commit()
            except psycopg.Error:
                self.close()
                raise

    def is_stored(self, device_id: int, message_id: int) -> bool:
        """Whether a message of these bytes is stored as a measurement of the last 35 days."""
        with translated():
            try:
                connection = self._connection or connect(self._settings, watched=True)
                self._connection = connection
                found = connection.execute(_IS_STORED, (device_id, message_id)).fetchone()
                connection.commit()
            except psycopg.Error:
                self.close()
                raise
        return found == (True,)

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
