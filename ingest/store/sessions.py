"""The sessions that workers have in the broker: none of them is forgotten before it is empty."""

from typing import Any, NamedTuple

from psycopg import Connection

_NOTE = "insert into worker_session (client_id, worker) values (%s, %s) on conflict do nothing"
_KNOWN = "select worker from worker_session where client_id = %s order by worker"
_FORGET = "delete from worker_session where client_id = %s and worker = %s"


class Sessions(NamedTuple):
    """What was there before. `shared`: messages were dealt out among workers.

    `surplus`: numbers of workers that no longer run; their sessions may hold messages.
    """

    shared: bool
    surplus: tuple[int, ...]


def take_seat(connection: Connection[Any], client_id: str, number: int, of: int) -> Sessions:
    """Note that worker `number` of `of` is about to have a session, before it has one; says what was there."""
    known = [worker for (worker,) in connection.execute(_KNOWN, (client_id,))]
    if of > 1:
        connection.execute(_NOTE, (client_id, number))
        connection.commit()
    return Sessions(bool(known), tuple(worker for worker in known if worker > of))


def forget(connection: Connection[Any], client_id: str, number: int) -> None:
    """The session is empty and gone (or, that of worker 1, has nothing to share any more)."""
    connection.execute(_FORGET, (client_id, number))
    connection.commit()
