"""A really running web server over a real database, in a thread of this process."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import uvicorn

from ingest.report.read.apart import Taker
from ingest.settings.model import DatabaseSettings
from ingest.store.database import open_pool
from ingest.telemetry.health import Trouble
from ingest.web.api.answers.stream import AT_ONCE
from ingest.web.app import Balance, WebDependencies, create_app
from tests.fixtures.ports import free_port

IDENTITY = Balance(received=1_204_518, stored=1_204_109, duplicate=312, quarantined=26, in_flight=71)
METRICS = b"# HELP noroshi_messages_received_total Messages\nnoroshi_messages_received_total 1204518\n"
WITHIN_S = 60.0


@contextmanager
def wired(
    database_url: str, health: Callable[[], list[Trouble]] = list, *, patience_s: int = 30
) -> Iterator[WebDependencies]:
    """Dependencies over a pool, as the service wires them."""
    settings = DatabaseSettings(url=database_url, connect_timeout_s=patience_s)
    pool, streams = open_pool(settings, max_size=4), open_pool(settings, max_size=AT_ONCE, statement_timeout_s=60)
    try:
        yield WebDependencies(
            pool.connection, lambda: IDENTITY, lambda: METRICS, health, streams.connection, taker=Taker(settings)
        )
    finally:
        streams.close()
        pool.close()


@contextmanager
def running(deps: WebDependencies, port: int) -> Iterator[str]:
    """A server on 127.0.0.1:`port` for the length of the block; gives its address."""
    config = uvicorn.Config(
        create_app(deps), port=port, log_config=None, timeout_graceful_shutdown=1,
        proxy_headers=False,  # as the service has it: anybody may write X-Forwarded-…
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="web under test")
    thread.start()
    try:
        deadline = time.monotonic() + WITHIN_S
        while not server.started:
            assert time.monotonic() < deadline, "the web server did not start"
            assert thread.is_alive(), "the web server ended at once"
            time.sleep(0.01)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(WITHIN_S)


@contextmanager
def visiting(deps: WebDependencies) -> Iterator[httpx.Client]:
    """A client of a server of its own, with its own cookies."""
    with running(deps, free_port()) as address, httpx.Client(base_url=address, timeout=60) as client:
        yield client
