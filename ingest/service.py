"""The composition root: build, start, watch, stop. The only module that knows all rooms."""

import asyncio
import gc
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog
import uvicorn

from ingest import __version__
from ingest.compose import build_judge
from ingest.directory import Directory
from ingest.errors import BrokerRefused, SettingsRefused, StoreUnavailable
from ingest.judge import Judge
from ingest.ledger import Ledger
from ingest.operate.metrics import Metrics
from ingest.pipeline import Batch, Pipeline
from ingest.receipts import FirstReceipts
from ingest.receive.fresh import FreshFirst
from ingest.receive.message import Intake
from ingest.receive.open import open_fresh_first
from ingest.settings import Settings
from ingest.store import migrate, timescale
from ingest.store.database import connect, describe, open_pool, translated
from ingest.store.registry import directory_version, load_directory
from ingest.store.writer import Writer, take_over
from ingest.web.app import create_app
from ingest.web.dependencies import WebDependencies
from ingest.web.live import LiveIdentity

log = structlog.get_logger()

WEB_CONNECTIONS = 4


def now_us() -> int:
    """The wall clock, in microseconds since 1970. The only place that reads it for the path."""
    return time.time_ns() // 1000


@dataclass(frozen=True, slots=True)
class Beginning:
    """What has to be read from the database before the first message can be judged."""

    server: timescale.Server
    directory: Directory
    receipts: FirstReceipts


class Service:
    """One ingesting process: intake, pipeline, registry follower and web server around one ledger."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.ledger = Ledger()
        self.started_at = time.monotonic()
        self._stop = asyncio.Event()
        self._intake: Intake | None = None
        self._pipeline: Pipeline | None = None
        self._judge: Judge | None = None
        self._metrics: Metrics | None = None
        self._server: timescale.Server | None = None
        self._store_failures_seen = ""
        self._socket = _listen(settings)
        self.url = _url(self._socket)
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
        finally:
            for task in (work, web, stop):
                task.cancel()
            results = await asyncio.gather(work, web, stop, return_exceptions=True)
            self._socket.close()
        for result in results:
            if isinstance(result, BaseException) and not isinstance(result, asyncio.CancelledError):
                raise _innermost(result)

    def summary(self) -> dict[str, object]:
        """The identity of this process and where it ran, with the keys every command prints."""
        settled = self.ledger.settled
        return {
            "received": self.ledger.received,
            "stored": settled.stored,
            "duplicate": settled.duplicate,
            "quarantined": settled.quarantined,
            "in_flight": self.ledger.in_flight,
            "readings_stored": settled.readings_stored,
            "devices": 0 if self._judge is None else _devices(self._judge.directory),
            "seconds": round(time.monotonic() - self.started_at, 3),
            "database": describe(self.settings.database.url),
            "timescaledb": None if self._server is None else self._server.timescaledb_text,
            "broker": describe(self.settings.broker.url),
            "url": self.url,
        }

    async def _work(self) -> None:
        """Everything between the broker and the database."""
        settings = self.settings
        beginning = await self._begin()
        self._server = beginning.server
        self._judge = build_judge(settings, beginning.directory, beginning.receipts)
        self._metrics = Metrics(self.ledger, self._gauges, _versions(beginning.server))
        self._intake = open_fresh_first(settings, now_us=now_us)
        self._pipeline = Pipeline(
            self._intake,
            self._judge,
            [
                Writer(settings.database, f"{settings.broker.client_id}/{number}", settings.broker.client_id)
                for number in range(1, settings.intake.writers + 1)
            ],
            self.ledger,
            batch_messages=settings.intake.batch_messages,
            backoff_max_s=settings.database.backoff_max_s,
            observe=self._observe,
            failed=self._failed,
        )
        log.info(
            "started", version=__version__, url=self.url, broker=describe(settings.broker.url), **_about(beginning)
        )
        _calm_collector()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._pipeline.run(), name="pipeline")
            tasks.create_task(self._intake.run(), name="intake")
            tasks.create_task(self._follow_registry(self._judge), name="registry")

    async def _begin(self) -> Beginning:
        """Wait for a database that is there and fits; say each time what is missing and what to do."""
        pause_s = 0.2
        while True:
            try:
                return await asyncio.to_thread(_read_beginning, self.settings)
            except StoreUnavailable as error:
                self._store_failures_seen = str(error)
                log.error("waiting_for_database", error=str(error), again_in_s=round(pause_s, 1))
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, self.settings.database.backoff_max_s)

    async def _drain(self) -> None:
        """Stop receiving, commit and acknowledge what is in flight, disconnect."""
        log.info("stopping", in_flight=self.ledger.in_flight)
        if self._intake is None or self._pipeline is None:
            return
        self._intake.pause()
        try:
            await asyncio.wait_for(self._pipeline.drained(), self.settings.shutdown_grace_s)
        except TimeoutError:
            log.error("stopped_with_messages_in_flight", in_flight=self.ledger.in_flight)
        await self._intake.close()
        log.info("stopped", **self.summary())

    async def _follow_registry(self, judge: Judge) -> None:
        """Take over a changed registry within seconds. An unreachable database changes nothing."""
        while True:
            await asyncio.sleep(self.settings.registry.poll_s)
            try:
                directory = await asyncio.to_thread(_newer_directory, self.settings, judge.directory.version)
            except StoreUnavailable as error:
                log.warning("registry_not_read", error=str(error))
                continue
            if directory is not None:
                judge.use(directory)
                log.info("registry_changed", version=directory.version, devices=_devices(directory))

    async def _serve_web(self) -> None:
        pool = open_pool(self.settings.database, max_size=WEB_CONNECTIONS)
        try:
            deps = WebDependencies(
                connect=pool.connection, live=self._live, metrics=self._metrics_text, ready=self._not_ready
            )
            config = uvicorn.Config(
                create_app(deps), log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=2
            )
            await _Web(config).serve(sockets=[self._socket])
        finally:
            await asyncio.to_thread(pool.close, 1.0)

    def _live(self) -> LiveIdentity:
        settled = self.ledger.settled  # one reference, so that the four numbers belong together
        received = max(self.ledger.received, settled.settled)
        return LiveIdentity(
            received, settled.stored, settled.duplicate, settled.quarantined, received - settled.settled
        )

    def _metrics_text(self) -> bytes:
        return b"" if self._metrics is None else self._metrics.text()

    def _not_ready(self) -> list[str]:
        if self._intake is None or self._pipeline is None:
            return [self._store_failures_seen or "starting"]
        reasons = [] if self._intake.connected else [self._intake.trouble or "broker: not connected yet"]
        return reasons + ([self._pipeline.store_trouble] if self._pipeline.store_trouble else [])

    def _observe(self, batch: Batch, write_s: float) -> None:
        if isinstance(self._intake, FreshFirst):
            self._intake.committed(batch.judged)
        if self._metrics is not None:
            now_s = now_us() / 1e6
            lag_s = now_s - batch.judged[0].message.received_us / 1e6
            self._metrics.observe_batch(len(batch.judged), write_s, lag_s, now_s)

    def _failed(self) -> None:
        if self._metrics is not None:
            self._metrics.store_failures += 1

    def _gauges(self) -> dict[str, float]:
        intake, pipeline, judge = self._intake, self._pipeline, self._judge
        assert intake is not None and pipeline is not None and judge is not None  # noqa: PT018  metrics exist after them
        oldest_us = pipeline.oldest_unacknowledged_us
        return {
            "intake_held_messages": intake.held,
            "oldest_unacknowledged_seconds": 0.0 if oldest_us is None else max((now_us() - oldest_us) / 1e6, 0.0),
            "broker_connected": float(intake.connected),
            "broker_connects": intake.connects_total,
            "durable_lag_seconds": intake.lag_s() if isinstance(intake, FreshFirst) else 0.0,
            "fresh_lane": float(isinstance(intake, FreshFirst) and intake.lane_open),
            "store_available": float(not pipeline.store_trouble),
            "registry_version": judge.directory.version,
            "registry_devices": _devices(judge.directory),
        }


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


def _calm_collector() -> None:
    """Thousands of messages wait in batches, none of them part of a cycle: looking for one cost half of the path.

    What exists now (modules, registry) is never looked at again; what comes later, rarely.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


def _url(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}/"  # noqa: S104  compared, not bound


def _read_beginning(settings: Settings) -> Beginning:
    with connect(settings.database) as connection, translated():
        waiting = migrate.pending(connection)
        if waiting:
            raise StoreUnavailable(
                f"database.url: {describe(settings.database.url)} lacks {len(waiting)} migration(s):"
                " run `noroshi db upgrade`"
            )
        return Beginning(
            timescale.ask(connection),
            load_directory(connection),
            FirstReceipts(take_over(connection, settings.broker.client_id)),
        )


def _newer_directory(settings: Settings, version: int) -> Directory | None:
    with connect(settings.database) as connection, translated():
        return load_directory(connection) if directory_version(connection) != version else None


def _devices(directory: Directory) -> int:
    return len(directory.native)


def _versions(server: timescale.Server) -> dict[str, str]:
    return {
        "version": __version__,
        "postgresql": server.postgresql,
        "timescaledb": server.timescaledb_text or "",
    }


def _about(beginning: Beginning) -> dict[str, Any]:
    return {
        "postgresql": beginning.server.postgresql,
        "timescaledb": beginning.server.timescaledb_text,
        "devices": _devices(beginning.directory),
        "registry_version": beginning.directory.version,
    }


def _innermost(error: BaseException) -> BaseException:
    """The one error inside nested task groups that says what happened."""
    while isinstance(error, BaseExceptionGroup):
        refused, _ = error.split(BrokerRefused)
        error = (refused or error).exceptions[0]
    return error
