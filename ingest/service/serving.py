"""What every service process with pages has: the port, the signals, and an orderly end."""

import asyncio
import errno
import signal
import socket
import ssl
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

import structlog

from ingest import __version__
from ingest.account import Balance, Ledger
from ingest.errors import SettingsRefused, innermost
from ingest.mqtt.address import address_of
from ingest.settings.model import Settings
from ingest.store.database import certificate_files, describe
from ingest.store.timescale import Server
from ingest.telemetry.certificates import CertificateMetrics
from ingest.telemetry.health import Found, Health, Trouble, found_in, health_gauges
from ingest.telemetry.metrics import Metrics, early_text
from ingest.watch.metrics import WatchMetrics
from ingest.watch.process import WatchProcess
from ingest.webserver.metrics import WebMetrics
from ingest.webserver.process import WebProcess
from ingest.webserver.talk import METRICS, Answer, Orders, Question
from schemas.bilingual import Bilingual

log = structlog.get_logger()

PORT_WAIT_S, PORT_PAUSE_S = 5.0, 0.1
"""How long the port of the pages is waited for, and how often it is tried."""


HEALTH_EVERY_S = 1.0


class Serving(ABC):
    """The work, and beside it two processes, until SIGTERM or SIGINT: pages, API and health on one port, and the watch.

    The first asks how things stand before each answer. If either ends, the work goes on.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.ledger = Ledger()
        self.started_at = time.monotonic()
        self._server: Server | None = None
        self._health = Health()
        self._gauges: Callable[[], dict[str, float]] | None = None
        self._stop = asyncio.Event()
        _check_certificate(settings)
        self._socket = _listen(settings)
        self.url = _url(self._socket, "http" if settings.web.cert_file is None else "https")
        """Where the pages are."""
        self._web = WebProcess(Orders(settings, self._socket.fileno()), self._answer)
        self._watch = WatchProcess(settings)

    async def run(self) -> None:
        """Start, serve until SIGTERM or SIGINT, stop in order. Raises BrokerRefused if the broker says no for good."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        web = asyncio.create_task(self._web.keep(), name="web")
        beside = [
            asyncio.create_task(self._watch_health(), name="health"),
            asyncio.create_task(self._watch.keep(), name="watch"),
        ]
        work = asyncio.create_task(self._work(), name="work")
        stop = asyncio.create_task(self._stop.wait(), name="stop")
        try:
            await asyncio.wait({web, work, stop}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                await self._drain()
                log.info("stopped", **self.summary())
        finally:
            for task in (work, web, stop, *beside):
                task.cancel()
            results = await asyncio.gather(work, web, stop, *beside, return_exceptions=True)
            self._socket.close()
        for result in results:
            if isinstance(result, BaseException) and not isinstance(result, asyncio.CancelledError):
                raise innermost(result)

    def summary(self) -> dict[str, object]:
        """The balance of this service and where it ran, with the keys every command prints."""
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
        self._gauges = gauges
        metrics = Metrics(
            self.ledger, lambda: gauges() | self._watch.gauges | health_gauges(self.troubles()), versions(server)
        )
        metrics.registry.register(CertificateMetrics(_certificates(self.settings), self.settings.access.issued_file))
        metrics.registry.register(WebMetrics(self._web))
        metrics.registry.register(WatchMetrics(self._watch))
        return metrics

    @abstractmethod
    async def _work(self) -> None:
        """Do the work of this process until cancelled."""

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
    def _found(self) -> list[Found]:
        """What keeps this service from taking and storing messages, now."""

    @abstractmethod
    async def _refresh(self) -> None:
        """Bring the ledger and the gauges up to this moment."""

    def troubles(self) -> list[Trouble]:
        """What is wrong now, and since when."""
        now_s = time.time()
        gauges = {} if self._gauges is None else self._gauges()
        more = found_in(gauges, now_s, time.monotonic() - self.started_at) if gauges else ()
        watch = self._watch.found() if gauges else ()
        return self._health.note((*self._found(), *more, *watch), now_s)

    def _before_metrics(self) -> bytes:
        """The text of /metrics while the database has not answered yet: that we are not ready, and why."""
        return early_text(health_gauges(self.troubles()))

    async def _watch_health(self) -> None:
        """Look for troubles until cancelled, so that the beginning of each is known though nobody asked."""
        while True:
            await asyncio.sleep(HEALTH_EVERY_S)
            await self._refresh()
            self.troubles()

    async def _answer(self, question: Question) -> Answer:
        """How things stand now, for the process of the pages."""
        await self._refresh()
        metrics = self._metrics_text().decode() if question.kind == METRICS else ""
        return Answer(question.number, self._live(), self.troubles(), metrics)

    def _live(self) -> Balance:
        settled = self.ledger.settled  # one reference, so that the four numbers belong together
        received = max(self.ledger.received, settled.settled)
        return Balance(received, settled.stored, settled.duplicate, settled.quarantined, received - settled.settled)


def _listen(settings: Settings) -> socket.socket:
    """The web socket, bound at once: a taken port is a wrong setting, not a surprise later.

    The pages of a service that was killed hold the port until they have noticed, which takes a moment.
    """
    web = settings.web
    until_s = time.monotonic() + PORT_WAIT_S
    while True:
        try:
            return socket.create_server((web.host, web.port), reuse_port=False)
        except OSError as error:
            if error.errno == errno.EADDRINUSE and time.monotonic() < until_s:
                time.sleep(PORT_PAUSE_S)
                continue
            raise SettingsRefused(
                Bilingual(
                    f"設定 web.port (NOROSHI_WEB__PORT): {web.host}:{web.port} で待ち受けられません: {error.strerror}。"
                    "別のポートか 0 にしてください",
                    f"setting web.port (NOROSHI_WEB__PORT): cannot listen on {web.host}:{web.port}: {error.strerror};"
                    " choose another port, or 0",
                )
            ) from None


def _check_certificate(settings: Settings) -> None:
    """Raise SettingsRefused at once, as for a taken port, if the files of the certificate cannot be used."""
    web = settings.web
    if web.cert_file is None:
        return
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(web.cert_file, web.key_file, _no_password)
    except (OSError, ValueError) as error:  # an ssl.SSLError is an OSError; ValueError: the key has a password
        files = f"{web.cert_file} / web.key_file {web.key_file}"
        raise SettingsRefused(
            Bilingual(
                f"設定 web.cert_file {files} は使えません: {error}",
                f"setting web.cert_file {files} cannot be used: {error}",
            )
        ) from error


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
