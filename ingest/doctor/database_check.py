"""Checks of the database are plain functions: each gets a connection of its own, in a thread of its own."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from ingest.doctor.finding import Finding
from ingest.doctor.installation import Installation
from ingest.store.database import WatchedConnection, connect, translated

Ask = Callable[[Installation, WatchedConnection], Sequence[Finding]]


def asking(ask: Ask) -> Callable[[Installation], Awaitable[Sequence[Finding]]]:
    """The check as the table wants it. The time-outs of the connection end the thread."""

    def work(installation: Installation) -> Sequence[Finding]:
        with connect(installation.database, autocommit=True, watched=True) as connection, translated():
            return ask(installation, connection)

    return lambda installation: asyncio.to_thread(work, installation)
