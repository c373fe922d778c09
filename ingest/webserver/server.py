"""The process of the pages: it serves the application on the port of the service, within limits."""

import asyncio
import pickle
import resource
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import structlog
import uvicorn
from anyio.to_thread import current_default_thread_limiter
from starlette.types import ASGIApp, Receive, Scope, Send

from ingest.access.access import Access
from ingest.report.read.apart import Taker
from ingest.runtime.child import die_with_the_service, stand_back
from ingest.settings.mail import MailSettings
from ingest.settings.sign_in import SignInSettings
from ingest.settings.web import WebSettings
from ingest.store.database import open_access_pool, open_pool
from ingest.telemetry.logs import configure
from ingest.web.api.answers.stream import AT_ONCE
from ingest.web.app import create_app
from ingest.web.dependencies import Door, WebDependencies
from ingest.web.hosts import HostRule
from ingest.webserver.accept import Acceptor
from ingest.webserver.places import Place, Places
from ingest.webserver.protocol import GuardedProtocol
from ingest.webserver.talk import Orders
from ingest.webserver.view import IntakeView, kind_for, open_view

POOL_CONNECTIONS = 4
ACCESS_CONNECTIONS = 4
"""Connections that write: sessions, wrong guesses, the audit log."""
THREADS = 12
"""Threads for questions to the database and for streams, and a few for those that wait for a connection."""
STREAM_TIMEOUT_S = 60
"""Longest wait of a stream for its next rows."""

OWN_DESCRIPTORS = 64
"""Descriptors for connections to the database, files and pipes; the rest of the limit is for clients."""
BEYOND_MIB = 256
"""Address space that threads reserve and do not use."""


class _Web(uvicorn.Server):
    """uvicorn without its signal handlers: this process handles SIGTERM itself."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def main() -> None:
    """Read the orders, and serve until SIGTERM or until the service is gone."""
    # Unbuffered: lines after the first must stay in the pipe, where the event loop reads them.
    with open(sys.stdin.fileno(), "rb", buffering=0, closefd=False) as pipe:
        orders: Orders = pickle.loads(bytes.fromhex(pipe.readline().decode()))  # noqa: S301  from our own service
    die_with_the_service()
    stand_back((orders.settings.web.memory_mib + BEYOND_MIB) * 2**20)
    configure(orders.settings.log)
    structlog.contextvars.bind_contextvars(process="web")
    asyncio.run(serve(orders))


async def serve(orders: Orders) -> None:
    """Serve until SIGTERM."""
    current_default_thread_limiter().total_tokens = THREADS
    view, answers = await open_view()
    listening = asyncio.create_task(view.listen(answers), name="answers of the service")
    alive = asyncio.create_task(view.tell_alive(), name="sign of life")
    database = orders.settings.database
    pool = open_pool(database, max_size=POOL_CONNECTIONS)
    streams = open_pool(database, max_size=AT_ONCE, statement_timeout_s=STREAM_TIMEOUT_S)
    writers = open_access_pool(database, max_size=ACCESS_CONNECTIONS)
    web, sign_in = orders.settings.web, orders.settings.sign_in
    deps = WebDependencies(
        connect=pool.connection, live=view.live, metrics=view.metrics, health=view.health, alive=view.alive,
        connect_stream=streams.connection, hosts=HostRule(web.host, web.names),
        access=Access(writers.connection, sign_in, web_url=web.url, audit_settings=orders.settings.audit),
        door=replace(
            door_of(web, sign_in), mail_sender=sender_of(orders.settings.mail),
            push_key_file=orders.settings.watch.push_key_file,
        ), taker=Taker(database),
    )  # fmt: skip
    try:
        with socket.socket(fileno=orders.descriptor) as port:
            port.setblocking(False)
            await _serve(asking_first(create_app(deps), view), port, web)
    finally:
        for task in (listening, alive):
            task.cancel()
        await asyncio.to_thread(streams.close, 1.0)
        await asyncio.to_thread(pool.close, 1.0)
        await asyncio.to_thread(writers.close, 1.0)


def door_of(web: WebSettings, sign_in: SignInSettings) -> Door:
    """What the settings say about letting people in. Behind a proxy with TLS it is `web.url` that says https."""
    https = web.cert_file is not None or web.url.startswith("https:")
    return Door(web.url, https, web.metrics_token, sign_in)


def sender_of(mail: MailSettings) -> str:
    """The address that e-mails come from; empty if none are sent."""
    return mail.sender if mail.host else ""


async def _serve(app: ASGIApp, port: socket.socket, web: WebSettings) -> None:
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="off", ws="none", timeout_graceful_shutdown=2,
        ssl_certfile=web.cert_file, ssl_keyfile=web.key_file,
        proxy_headers=False,  # anybody may write X-Forwarded-…
    )  # fmt: skip
    config.load()
    server = _Web(config)
    places = Places(*most_connections(web))

    def make(place: Place) -> GuardedProtocol:
        return GuardedProtocol(config, server.server_state, web, places, place)

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, setattr, server, "should_exit", True)
    acceptor = asyncio.create_task(Acceptor(port, places, make, config.ssl, web.request_timeout_s).run(), name="accept")
    serving = asyncio.create_task(server.serve(sockets=[]), name="serve")
    try:
        # The one that ends first is `serving`; a defect of the acceptor ends the process, and it is started again.
        await asyncio.wait({acceptor, serving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        acceptor.cancel()
        server.should_exit = True
        results = await asyncio.gather(acceptor, serving, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            raise result


def asking_first(app: ASGIApp, view: IntakeView) -> ASGIApp:
    """Asks the intake before every answer that is about it, so that the answer is up to date."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        kind = kind_for(scope["path"]) if scope["type"] == "http" else None
        if kind is not None:
            await view.ask(kind)
        await app(scope, receive, send)

    return answer


def most_connections(web: WebSettings) -> tuple[int, int]:
    """(connections in all, of one client), by the settings, but with descriptors left for the database."""
    descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if descriptors == resource.RLIM_INFINITY:
        return web.connections, web.connections_per_address
    most = max(min(web.connections, descriptors - OWN_DESCRIPTORS), 8)
    return most, min(web.connections_per_address, most)
