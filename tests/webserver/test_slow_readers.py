"""A reader may be slow for a while, but not over the whole of an answer."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import structlog
import uvicorn
from starlette.types import Receive, Scope, Send

from ingest.settings.web import WebSettings
from ingest.telemetry.logs import Seldom
from ingest.webserver import protocol
from ingest.webserver.accept import Acceptor
from ingest.webserver.places import Place, Places
from ingest.webserver.protocol import GuardedProtocol

PIECE = 64 * 1024
LEAST = 2**20
QUICK = WebSettings(request_timeout_s=1.0, least_bytes_per_s=LEAST)
WHOLE = 4 * 2**20


async def stream(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001  ASGI's own signature
    """/stream: piece by piece; /whole: at once."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    if scope["path"] == "/whole":
        await send({"type": "http.response.body", "body": b"x" * WHOLE})
        return
    for _ in range(WHOLE * 4 // PIECE):
        await send({"type": "http.response.body", "body": b"x" * PIECE, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


@asynccontextmanager
async def serving(places: Places) -> AsyncIterator[int]:
    config = uvicorn.Config(stream, log_config=None, lifespan="off", ws="none")
    config.load()
    state = uvicorn.Server(config).server_state

    def make(place: Place) -> GuardedProtocol:
        return GuardedProtocol(config, state, QUICK, places, place)

    with socket.create_server(("127.0.0.1", 0)) as port:
        port.setblocking(False)
        acceptor = asyncio.create_task(Acceptor(port, places, make, None, 5.0).run())
        try:
            yield port.getsockname()[1]
        finally:
            acceptor.cancel()
            await asyncio.gather(acceptor, return_exceptions=True)


async def taken(port: int, path: str, bytes_per_s: float) -> int:
    """Bytes that a reader of this pace gets until the other end closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**14)
    writer.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**14)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    got = 0
    try:
        while data := await reader.read(2**14):
            got += len(data)
            await asyncio.sleep(len(data) / bytes_per_s)
    except ConnectionError:
        pass
    finally:
        writer.close()
    return got


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "SLOW_FOR_S", 1.0)
    monkeypatch.setattr(protocol, "log", Seldom(structlog.get_logger()))


async def test_a_reader_that_is_quick_enough_gets_everything() -> None:
    async with serving(Places(8, 8)) as port:
        assert await taken(port, "/stream", 64 * 2**20) > WHOLE * 4
        assert await taken(port, "/whole", 64 * 2**20) > WHOLE


async def test_a_reader_that_is_too_slow_over_the_whole_stream_is_ended_and_named() -> None:
    places = Places(8, 8)
    with structlog.testing.capture_logs() as lines:
        async with serving(places) as port:
            began_s = time.monotonic()
            assert await taken(port, "/stream", LEAST / 8) < WHOLE * 4
            assert time.monotonic() - began_s < 60
            assert len(places) == 0
    (line,) = (line for line in lines if line["event"] == "reader_too_slow")
    assert (line["client"], line["path"]) == ("127.0.0.1", "/stream")


async def test_an_answer_that_nobody_reads_keeps_its_connection_no_longer_than_it_would_take() -> None:
    """It was sent at once, so nobody waits for it any more but the buffer."""
    places = Places(8, 8)
    async with serving(places) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**14)
        writer.write(b"GET /whole HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await _until(places, 1)
        await _until(places, 0)
        writer.close()


async def _until(places: Places, count: int) -> None:
    async with asyncio.timeout(60):
        while len(places) != count:  # noqa: ASYNC110  the connections tell nobody
            await asyncio.sleep(0.01)
