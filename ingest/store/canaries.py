"""The canary of a client id: messages left in flight in a session beside ours (see service/recognition.py)."""

from typing import Any

from psycopg import Connection

from ingest.message import Canary

_KNOWN = "select broker, token, packet_ids, position from session_canary where client_id = %s"
_KEEP = """
insert into session_canary (client_id, broker, token, packet_ids, position) values (%s, %s, %s, %s, %s)
on conflict (client_id) do update
set broker = excluded.broker, token = excluded.token, packet_ids = excluded.packet_ids, position = excluded.position,
    since = now()
"""


def known(connection: Connection[Any], client_id: str) -> Canary | None:
    """The canary of this client id, if one was left."""
    row = connection.execute(_KNOWN, (client_id,)).fetchone()
    return None if row is None else Canary(row[0], row[1], tuple(row[2]), row[3])


def keep(connection: Connection[Any], client_id: str, canary: Canary) -> None:
    """Note the canary of this client id, in place of an earlier one. Commits."""
    connection.execute(_KEEP, (client_id, canary.broker, canary.token, list(canary.packet_ids), canary.position))
    connection.commit()
