"""Runs a check of the database in a thread of its own, with a connection of its own."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from ingest.doctor.finding import Finding
from ingest.doctor.installation import Installation
from ingest.store.database import WatchedConnection, connect, translated

Ask = Callable[[Installation, WatchedConnection], Sequence[Finding]]


def asking(ask: Ask) -> Callable[[Installation], Awaitable[Sequence[Finding]]]:
    """The function `ask` as a check for the table. The time-outs of the connection end its thread."""

    def work(installation: Installation) -> Sequence[Finding]:
        with connect(installation.database, autocommit=True, watched=True) as connection, translated():
            return ask(installation, connection)

    return lambda installation: asyncio.to_thread(work, installation)
