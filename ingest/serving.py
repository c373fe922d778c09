"""What every service process with pages has: the port, the signals, and an orderly end."""

import asyncio
import signal
import socket
import ssl
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
import uvicorn
from starlette.types import ASGIApp

from ingest import __version__
from ingest.errors import SettingsRefused
from ingest.ingestion import innermost
from ingest.ledger import Ledger
from ingest.operate.certificates import CertificateMetrics
from ingest.operate.metrics import Metrics
from ingest.receive.address import address_of
from ingest.settings import Settings
from ingest.store.database import certificate_files, describe, open_pool
from ingest.store.timescale import Server
from ingest.web.api.stream import AT_ONCE
from ingest.web.app import create_app
from ingest.web.dependencies import WebDependencies
from ingest.web.live import LiveIdentity

log = structlog.get_logger()

WEB_CONNECTIONS = 4
STREAM_TIMEOUT_S = 60
"""Longest wait of a stream for the next of its rows."""


class Serving(ABC):
    """Pages, API and health on one port beside the work, until SIGTERM or SIGINT."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.ledger = Ledger()
        self.started_at = time.monotonic()
        self._server: Server | None = None
        self._stop = asyncio.Event()
        _check_certificate(settings)
        self._socket = _listen(settings)
        self.url = _url(self._socket, "http" if settings.web.cert_file is None else "https")
        """Where the pages are."""

    async def run(self) -> None:
        """Start, serve until SIGTERM or SIGINT, stop in order. Raises BrokerRefused if the broker says no for good."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        web = asyncio.create_task(self._serve_web(), name="web")
        work = asyncio.create_task(self._work(), name="work")
        stop = asyncio.create_task(self._stop.wait(), name="stop")
        try:
            await asyncio.wait({web, work, stop}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                await self._drain()
                log.info("stopped", **self.summary())
        finally:
            for task in (work, web, stop):
                task.cancel()
            results = await asyncio.gather(work, web, stop, return_exceptions=True)
            self._socket.close()
        for result in results:
            if isinstance(result, BaseException) and not isinstance(result, asyncio.CancelledError):
                raise innermost(result)

    def summary(self) -> dict[str, object]:
        """The identity of this service and where it ran, with the keys every command prints."""
        settled = self.ledger.settled
        return {
            "received": self.ledger.received,
            "stored": settled.stored,
            "duplicate": settled.duplicate,
            "quarantined": settled.quarantined,
            "in_flight": self.ledger.in_flight,
            "readings_stored": settled.readings_stored,
            "devices": self._devices(),
            "seconds": round(time.monotonic() - self.started_at, 3),
            "database": describe(self.settings.database.url),
            "timescaledb": None if self._server is None else self._server.timescaledb_text,
            "broker": describe(self.settings.broker.url),
            "url": self.url,
        }

    def _measure(self, gauges: Callable[[], dict[str, float]], server: Server) -> Metrics:
        """Everything that /metrics tells of this service, once the database has answered."""
        metrics = Metrics(self.ledger, gauges, versions(server))
        metrics.registry.register(CertificateMetrics(_certificates(self.settings), self.settings.access.issued_file))
        return metrics

    @abstractmethod
    async def _work(self) -> None:
        """Until cancelled."""

    @abstractmethod
    async def _drain(self) -> None:
        """Stop receiving, commit and acknowledge what is in flight, disconnect."""

    @abstractmethod
    def _devices(self) -> int:
        """Devices in the registry in use."""

    @abstractmethod
    def _metrics_text(self) -> bytes:
        """The text of /metrics."""

    @abstractmethod
    def _not_ready(self) -> list[str]:
        """Reasons why this service is not ready; empty when it is."""

    def _application(self, deps: WebDependencies) -> ASGIApp:
        return create_app(deps)

    async def _serve_web(self) -> None:
        pool = open_pool(self.settings.database, max_size=WEB_CONNECTIONS)
        streams = open_pool(self.settings.database, max_size=AT_ONCE, statement_timeout_s=STREAM_TIMEOUT_S)
        try:
            deps = WebDependencies(
                connect=pool.connection, live=self._live, metrics=self._metrics_text, ready=self._not_ready,
                connect_stream=streams.connection,
            )  # fmt: skip
            config = uvicorn.Config(
                self._application(deps), log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=2,
                ssl_certfile=self.settings.web.cert_file, ssl_keyfile=self.settings.web.key_file,
            )  # fmt: skip
            await _Web(config).serve(sockets=[self._socket])
        finally:
            await asyncio.to_thread(streams.close, 1.0)
            await asyncio.to_thread(pool.close, 1.0)

    def _live(self) -> LiveIdentity:
        settled = self.ledger.settled  # one reference, so that the four numbers belong together
        received = max(self.ledger.received, settled.settled)
        return LiveIdentity(
            received, settled.stored, settled.duplicate, settled.quarantined, received - settled.settled
        )


class _Web(uvicorn.Server):
    """uvicorn without its signal handlers: stopping in order is the service's business."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _listen(settings: Settings) -> socket.socket:
    """The web socket, bound at once: a taken port is a wrong setting, not a surprise later."""
    web = settings.web
    try:
        return socket.create_server((web.host, web.port), reuse_port=False)
    except OSError as error:
        raise SettingsRefused(
            f"setting web.port (NOROSHI_WEB__PORT): cannot listen on {web.host}:{web.port}: {error.strerror};"
            " choose another port, or 0"
        ) from None


def _check_certificate(settings: Settings) -> None:
    """At once, like a taken port: a file that cannot be used is a wrong setting."""
    web = settings.web
    if web.cert_file is None:
        return
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(web.cert_file, web.key_file, _no_password)
    except (OSError, ValueError) as error:  # an ssl.SSLError is an OSError; ValueError: the key has a password
        files = f"{web.cert_file} / web.key_file {web.key_file}"
        raise SettingsRefused(f"setting web.cert_file {files} cannot be used: {error}") from error


def _no_password() -> str:
    raise ValueError("the key is locked by a password")


def _url(listening: socket.socket, scheme: str) -> str:
    host, port = listening.getsockname()[:2]
    return f"{scheme}://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}/"  # noqa: S104  compared, not bound


def _certificates(settings: Settings) -> dict[str, Path]:
    """The files with certificates that our own connections use and the pages show, by role."""
    broker = settings.broker
    named = {"broker_ca": broker.ca_file, "broker_client": broker.cert_file} if address_of(broker).uses_tls else {}
    named["web"] = settings.web.cert_file
    ours = {role: file for role, file in named.items() if file is not None}
    return ours | certificate_files(settings.database.url)


def versions(server: Server) -> dict[str, str]:
    """The versions in use, by name."""
    return {"version": __version__, "postgresql": server.postgresql, "timescaledb": server.timescaledb_text or ""}
