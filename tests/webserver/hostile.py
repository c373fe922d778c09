"""Clients that mean no good, and ways to look at the process they meet."""

import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil

from tests.fixtures.service import ServiceProcess, eventually

HALF_A_HEAD = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
DESCRIPTORS = 1024
HEADS = 1030
"""More than there are: none would be left for the database."""

FROM_SCRATCH = {"PYTHONHASHSEED": "0"}
"""A variable for Python itself: the service is started by its interpreter, under the limits of this process."""


@contextmanager
def few_descriptors(most: int = DESCRIPTORS) -> Iterator[None]:
    """What is started within the block may open so many files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@contextmanager
def half_heads(port: int, count: int = HEADS) -> Iterator[list[socket.socket]]:
    """So many connections that have begun a request and never end it."""
    with ExitStack() as stack:
        opened = []
        for _ in range(count):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            with suppress(OSError):  # closed already, for another
                client.sendall(HALF_A_HEAD)
            opened.append(client)
        yield opened


def web_process(service: ServiceProcess) -> psutil.Process:
    """The process of the pages."""

    found: list[psutil.Process] = eventually(
        lambda: service.children("ingest.webserver"), what="there is a process of the pages"
    )
    return found[0]


def closed_within(client: socket.socket, within_s: float) -> float:
    """Seconds until the other end closes or resets; reads what comes meanwhile."""
    client.settimeout(within_s)
    began_s = time.monotonic()
    with suppress(ConnectionError):
        while client.recv(65536):
            pass
    return time.monotonic() - began_s


def log_of(service: ServiceProcess) -> str:
    """Everything it said."""
    return Path(service.process.log).read_text(encoding="utf-8")
