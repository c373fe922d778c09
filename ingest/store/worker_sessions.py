"""The sessions that workers have in the broker: none of them is forgotten before it is empty."""

from typing import Any, NamedTuple

from psycopg import Connection

from ingest.store.client_id import Identity

_NOTE = "insert into worker_session (client_id, worker) values (%s, %s) on conflict do nothing"
_KNOWN = "select worker from worker_session where client_id = %s order by worker"
_FORGET = "delete from worker_session where client_id = %s and worker = %s"


class Left(NamedTuple):
    """The session of a worker that no longer runs; it may hold messages. `client_id`: that of the installation then."""

    client_id: str
    worker: int


class Sessions(NamedTuple):
    """What was there before. `shared`: messages were dealt out among workers.

    `surplus`: sessions of workers that are no more. `former`: all those under a name that is no longer used.
    """

    shared: bool
    surplus: tuple[Left, ...] = ()
    former: tuple[Left, ...] = ()


def take_slot(connection: Connection[Any], identity: Identity, number: int, of: int) -> Sessions:
    """Note that worker `number` of `of` is about to have a session, before it has one. Returns what was there."""
    client_id = identity.client_id
    workers = _known(connection, client_id)
    former = [] if identity.former is None else sorted({1, *_known(connection, identity.former)})
    if of > 1:
        connection.execute(_NOTE, (client_id, number))
        connection.commit()
    return Sessions(
        bool(workers),
        tuple(Left(client_id, worker) for worker in workers if worker > of),
        tuple(Left(identity.former or "", worker) for worker in former),
    )


def _known(connection: Connection[Any], client_id: str) -> list[int]:
    return [worker for (worker,) in connection.execute(_KNOWN, (client_id,))]


def forget(connection: Connection[Any], left: Left) -> None:
    """Note that the session is empty and removed (or, that of worker 1, shares nothing any more). Commits."""
    connection.execute(_FORGET, left)
    connection.commit()
