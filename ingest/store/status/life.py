"""Whether the life before ended in order, and what it was doing when it did not."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import psycopg
from psycopg import Connection

from ingest.settings.model import DatabaseSettings
from ingest.store.database import connect, translated

_BEGIN = """
insert into service_life (client_id) values (%s)
on conflict (client_id) do update set begun_at = clock_timestamp()
returning xmax <> 0, begun_at
"""
_UNDER_WAY = "select digest, together from under_way where client_id = %s"
_END = "delete from service_life where client_id = %s and begun_at = coalesce(%s, begun_at)"
_CLEAR = "delete from under_way where client_id = %s"
_NOTE = "insert into under_way (client_id, digest, together) select %s, digest, %s from unnest(%s::bytea[]) as digest"


class EarlierLife(NamedTuple):
    """How the life before ended, and when this one began.

    `under_way`: digest -> how many messages were interpreted together when the life before died.
    """

    ended_in_order: bool
    under_way: dict[bytes, int]
    begun_at: datetime


def begin_life(connection: Connection[Any], client_id: str) -> EarlierLife:
    """From now on this client id is served; says how it was left. Commits."""
    row = connection.execute(_BEGIN, (client_id,)).fetchone()
    assert row is not None  # insert ... returning
    under_way = {bytes(digest): together for digest, together in connection.execute(_UNDER_WAY, (client_id,))}
    connection.commit()
    return EarlierLife(not row[0], under_way, row[1])


def end_life(connection: Connection[Any], client_id: str, begun_at: datetime | None = None) -> None:
    """An orderly stop: nothing is suspected at the next start. Commits.

    `begun_at`: only if it is this life; another may have taken over. None: whichever it is.
    """
    if connection.execute(_END, (client_id, begun_at)).rowcount:
        connection.execute(_CLEAR, (client_id,))
    connection.commit()


class Notes:
    """What is under way, durable before it is interpreted. Blocking; raises StoreUnavailable."""

    def __init__(self, settings: DatabaseSettings, client_id: str) -> None:
        self._settings = settings
        self._client_id = client_id
        self._connection: Connection[Any] | None = None

    def note(self, digests: Sequence[bytes]) -> None:
        """These and no others are under way from now on; none: everything that was is stored."""
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

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
