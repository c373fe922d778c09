"""An HTTP server that takes messages, fails, hangs, resets, or lies; and counts what came by its id."""

import socket
import ssl
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Request(NamedTuple):
    """What came. Names of headers in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes
    at_s: float


class Receiver:
    """`answers`: what is said to each request in turn, the last one for ever. See `_Handler` for their words."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answers: list[str] = ["200"]
        self.text = b"ok"
        self.port = 0
        self.released = threading.Event()
        """Lets go of requests that hang."""

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}/hook"

    def taken(self) -> Counter[str]:
        """How often each message was said yes to, by its id."""
        return Counter(request.headers.get("webhook-id", "") for request in self.requests)

    def wait_for(self, count: int, seconds: float = 20) -> list[Request]:
        """The requests, when there are so many."""
        until_s = time.monotonic() + seconds
        while len(self.requests) < count:
            assert time.monotonic() < until_s, f"{len(self.requests)} of {count} requests came"
            time.sleep(0.01)
        return self.requests


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Called by http.server."""
        receiver = self.receiver
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        receiver.requests.append(Request(self.path, headers, body, time.monotonic()))
        answers = receiver.answers
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        match answer:
            case "hang":
                receiver.released.wait(60)
                self.close_connection = True
            case "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
            case "huge":
                self._answer(200, b"x" * 10_000_000)
            case "redirect":
                self._answer(302, b"", location=f"http://127.0.0.1:{receiver.port}/elsewhere")
            case "drip":
                self._drip(receiver.text)
            case "busy":
                self._answer(503, b"busy", **{"retry-after": "1"})
            case status:
                self._answer(int(status), receiver.text)

    def _answer(self, status: int, text: bytes, **headers: str) -> None:
        length = headers.pop("length", str(len(text)))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", length)
        self.end_headers()
        try:
            self.wfile.write(text)
        except OSError:
            self.close_connection = True

    def _drip(self, text: bytes) -> None:
        """Say yes at once, and the body a sign in half a second, without an end."""
        self._answer(200, text, length="1000000")
        try:
            while not self.receiver.released.wait(0.5):
                self.wfile.write(b".")
        except OSError:
            pass
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def receiver(context: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A receiver for the length of a `with` block. `context`: of one that speaks TLS."""
    state = Receiver()

    class Handler(_Handler):
        receiver = state

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    state.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.released.set()
        server.shutdown()
        server.server_close()
