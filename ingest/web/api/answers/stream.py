"""A whole selection as one answer: read, written and sent bit by bit, at the pace of whoever takes it."""

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager
from threading import Lock
from typing import Any, NamedTuple

import anyio
import structlog
from anyio.to_thread import run_sync
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ingest.errors import NoroshiError
from ingest.figures.rows import cancel
from ingest.runtime.clients import client_of
from ingest.web.api.answers.slots import Slots

log = structlog.get_logger()

AT_ONCE = 4
"""Streams at the same time: each has a connection and a thread."""

STALL_S = 60.0
"""A client that takes nothing for so long is left: the database must not wait for it."""

LOOK_EVERY_S = 2.0
"""So often is looked whether the reader may still have the rest: a session or a role may be taken away meanwhile."""

CANCEL_EVERY_S = 0.5
"""So often is what the database does for a reader cancelled until it has ended.

Once would not do: a cancellation that comes between two statements stops neither.
"""

PIECE_BYTES = 256 * 1024
"""Bytes sent at once. Smaller batches are gathered."""


class Standing(NamedTuple):
    """Of the reader. `begin`: called from a thread before the first byte; if it fails, so does the answer.

    `lasts`: called from a thread while the answer runs; False ends it.
    """

    begin: Callable[[], None] = lambda: None
    lasts: Callable[[], bool] = lambda: True


ANY_READER = Standing()

Produce = Callable[[Any], Iterator[bytes]]
"""Given a connection: the bytes of the answer, read as they are asked for."""


class StreamResponse(Response):
    """Sends what `produce` yields. Nothing is read ahead of the client; when it goes, the query is stopped.

    What fails before the first bytes is answered as any other failure. Later the connection is broken off, so that
    nobody takes a part for the whole.
    """

    def __init__(
        self,
        produce: Produce,
        connect: Callable[[], AbstractContextManager[Any]],
        slots: Slots,
        *,
        media_type: str,
        headers: Mapping[str, str],
        standing: Standing = ANY_READER,
    ) -> None:
        self._connection: Any = None
        self._reading = True
        self._lock = Lock()
        self._connect = connect
        self._produce = produce
        self._slots = slots
        self._standing = standing
        self.status_code = 200
        self.background = None
        self.media_type = media_type
        self.init_headers({**headers, "Content-Type": media_type})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request."""
        async with self._slots.one(client_of((scope.get("client") or ("",))[0])):
            pieces = self._pieces()
            failure: Exception | None = None
            try:
                async with anyio.create_task_group() as group:
                    group.start_soon(self._watch, receive, group.cancel_scope)
                    group.start_soon(self._watch_standing, group.cancel_scope)
                    try:
                        failure = await self._answer(pieces, send)
                    finally:
                        self._reading = False
                    group.cancel_scope.cancel()
            finally:
                with anyio.CancelScope(shield=True):
                    await run_sync(pieces.close)
        if failure is not None:
            raise failure

    async def _watch(self, receive: Receive, answering: anyio.CancelScope) -> None:
        """When the client goes, stop what the database does for it."""
        while (await receive())["type"] != "http.disconnect":
            pass
        await self._break_off(answering)

    async def _watch_standing(self, answering: anyio.CancelScope) -> None:
        """When the reader may not have the rest any more, stop as if they had gone."""
        while True:
            await anyio.sleep(LOOK_EVERY_S)
            if not await run_sync(self._standing.lasts):
                log.warning("stream broken off", reason="the reader may not see it any more")
                await self._break_off(answering)
                return

    async def _break_off(self, answering: anyio.CancelScope) -> None:
        answering.cancel()
        with anyio.CancelScope(shield=True):
            while self._reading:
                await run_sync(self._stop)
                await anyio.sleep(CANCEL_EVERY_S)

    async def _answer(self, pieces: Iterator[bytes], send: Send) -> Exception | None:
        """Send everything. What fails before anything was sent is given back."""
        started = False
        try:
            while piece := await run_sync(next, pieces, b""):
                if not started:
                    await run_sync(self._standing.begin)
                    await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
                    started = True
                with anyio.fail_after(STALL_S):
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except (NoroshiError, TimeoutError) as error:
            if not started:
                return error
            log.warning("stream broken off", reason=str(error) or f"the client took nothing for {STALL_S:g} s")
        return None

    def _stop(self) -> None:
        with self._lock:
            if self._connection is not None:
                cancel(self._connection)

    def _pieces(self) -> Generator[bytes]:
        with self._connect() as connection:
            self._connection = connection
            try:
                yield from _gathered(self._produce(connection))
            finally:
                with self._lock:  # another stream may have the connection next
                    self._connection = None


def _gathered(parts: Iterator[bytes]) -> Iterator[bytes]:
    held: list[bytes] = []
    size = 0
    for part in parts:
        held.append(part)
        size += len(part)
        if size >= PIECE_BYTES:
            yield b"".join(held)
            held, size = [], 0
    if size:
        yield b"".join(held)
