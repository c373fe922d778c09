"""Accepts connections at all times, also without a place or a descriptor for them; those are closed at once."""

import asyncio
import errno
import os
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress

import structlog

from ingest.runtime.clients import client_of
from ingest.telemetry.logs import Seldom
from ingest.webserver.places import Place, Places

log = Seldom(structlog.get_logger())

SHORT = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
GOODBYE_S = 2.0
"""Seconds that a client gets to end its TLS in order."""
SEND_BUFFER_BYTES = 256 * 1024
"""Bytes that the kernel buffers for a reader. They count as our memory, and as sent."""


class Acceptor:
    """Accepts connections and gives each a place. `make`: the protocol for a connection in its place."""

    def __init__(
        self,
        listening: socket.socket,
        places: Places,
        make: Callable[[Place], asyncio.BaseProtocol],
        context: ssl.SSLContext | None,
        handshake_s: float,
    ) -> None:
        self._listening = listening
        self._places = places
        self._make = make
        self._context = context
        self._handshake_s = None if context is None else handshake_s
        self._goodbye_s = None if context is None else GOODBYE_S
        self._beginning: set[asyncio.Task[None]] = set()
        self._reserve = _reserve()

    async def run(self) -> None:
        """Accept connections until cancelled."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                await asyncio.sleep(0)  # during a flood of connections, those already here must still be answered
                try:
                    connection, address = await loop.sock_accept(self._listening)
                except OSError as error:
                    if error.errno in SHORT:
                        self._turn_away(error)
                    continue  # the client left before it was accepted
                self._admit(connection, client_of(address[0]))
        finally:
            for task in self._beginning:
                task.cancel()

    def _admit(self, connection: socket.socket, client: str) -> None:
        place = self._places.enter(client)
        if place is None:
            log.warning("connection_refused", client=client, why="all places are taken", connections=len(self._places))
            connection.close()
            return
        task = asyncio.create_task(self._begin(connection, place), name="connection")
        place.close = task.cancel
        self._beginning.add(task)
        task.add_done_callback(self._beginning.discard)

    async def _begin(self, connection: socket.socket, place: Place) -> None:
        """Set up TLS; then the protocol has the connection."""
        try:
            connection.setblocking(False)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
            loop = asyncio.get_running_loop()
            await loop.connect_accepted_socket(
                lambda: self._make(place), connection, ssl=self._context,
                ssl_handshake_timeout=self._handshake_s, ssl_shutdown_timeout=self._goodbye_s,
            )  # fmt: skip
        except (
            OSError,
            MemoryError,
            asyncio.CancelledError,
        ):  # TLS that fails or takes too long is an OSError
            self._places.leave(place)
            connection.close()

    def _turn_away(self, error: OSError) -> None:
        """Accept one connection with the reserved descriptor and close it. Else it would wake the loop for ever."""
        log.error("connection_refused", why=str(error), connections=len(self._places))
        if self._reserve is not None:
            os.close(self._reserve)
        with suppress(OSError):
            self._listening.accept()[0].close()
        self._reserve = _reserve()


def _reserve() -> int | None:
    with suppress(OSError):
        return os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    return None
