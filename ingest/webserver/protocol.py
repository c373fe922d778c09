"""HTTP on one connection, with time limits on whatever a client may draw out: its request, its silence, its reading."""

import asyncio
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from ingest.settings.web import WebSettings
from ingest.telemetry.logs import Seldom
from ingest.webserver.places import Place, Places

log = Seldom(structlog.get_logger())

SLOW_FOR_S = 30.0
"""Seconds that a reader may keep us waiting in all. Beyond them it must have taken web.least_bytes_per_s."""


class GuardedProtocol(H11Protocol):
    """uvicorn's HTTP, on a connection that has a place.

    Between two answers a client has `web.request_timeout_s` for its whole request, in however many pieces it comes.
    During an answer, the time spent waiting for the reader is added up.
    """

    def __init__(self, config: Config, state: ServerState, web: WebSettings, places: Places, place: Place) -> None:
        super().__init__(config, state, {})
        self._web = web
        self._places = places
        self._place = place
        self._deadline: asyncio.TimerHandle | None = None
        self.app = _Guarded(self.app, self)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Part of the asyncio protocol: the deadline of the first request begins."""
        super().connection_made(transport)
        self._place.close = transport.abort
        self.wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Part of the asyncio protocol: free the place."""
        self._places.leave(self._place)
        self._forget_deadline()
        super().connection_lost(exc)

    def wait(self) -> None:
        """Set the deadline for the next request, and for the reader of what is still to be sent."""
        self._place.waiting = True
        self._forget_deadline()
        if self.transport is not None:
            held = self.transport.get_write_buffer_size()
            limit_s = self._web.request_timeout_s + held / self._web.least_bytes_per_s
            self._deadline = self.loop.call_later(limit_s, self.transport.abort)

    def begin(self) -> None:
        """Note that a request is being answered."""
        self._place.waiting = False
        self._forget_deadline()

    def end_slow(self, path: str, sent_bytes: int, waited_s: float) -> None:
        """Log a reader that was too slow, and drop its connection."""
        log.warning("reader_too_slow", client=self._place.client, path=path, bytes=sent_bytes, waited_s=round(waited_s))
        self.transport.abort()

    def allowed_s(self, sent_bytes: int) -> float:
        """Seconds that a reader of `sent_bytes` may have kept us waiting."""
        return SLOW_FOR_S + sent_bytes / self._web.least_bytes_per_s

    def _forget_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class _Guarded:
    """Wraps the application: notes the beginning and the end of each answer, and limits its reader."""

    def __init__(self, app: Any, connection: GuardedProtocol) -> None:
        self._app: ASGIApp = app
        self._connection = connection

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = self._connection
        loop = asyncio.get_running_loop()
        sent_bytes, waited_s = 0, 0.0

        async def send_at_a_pace(message: Message) -> None:
            nonlocal sent_bytes, waited_s
            left_s = connection.allowed_s(sent_bytes) - waited_s
            timer = loop.call_later(left_s, connection.end_slow, scope["path"], sent_bytes, waited_s + left_s)
            began_s = loop.time()
            try:
                await send(message)
            finally:
                timer.cancel()
            waited_s += loop.time() - began_s
            sent_bytes += len(message.get("body", b""))

        connection.begin()
        try:
            await self._app(scope, receive, send_at_a_pace)
        finally:
            connection.wait()
