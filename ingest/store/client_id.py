"""The client id of this installation: made at random with the database, so that nobody can take its session."""

from typing import Any, NamedTuple

from psycopg import Connection

_OWN = "select client_id, former_client_id from installation"
_FORGET = "update installation set former_client_id = null"


class Identity(NamedTuple):
    """`former`: the client id from before there was a random one, if its session may still hold messages."""

    client_id: str
    former: str | None = None


def identify(connection: Connection[Any], chosen: str | None, *, leaves_former: bool = True) -> Identity:
    """The client id to connect with. One that was `chosen` in the settings counts, and nothing else is touched then.

    Without `leaves_former` (MQTT 3.1.1 cannot empty a session) the former name stays in use.
    """
    if chosen is not None:
        return Identity(chosen)
    row = connection.execute(_OWN).fetchone()
    assert row is not None  # the migration that made the table wrote it
    own, former = row
    if former is not None and not leaves_former:
        return Identity(former)
    return Identity(own, former)


def forget_former(connection: Connection[Any]) -> None:
    """Note that the session under the former client id is empty and removed. Commits."""
    connection.execute(_FORGET)
    connection.commit()
