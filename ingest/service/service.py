"""The composition root of the service in one process: ingestion, metrics and pages around one ledger."""

import structlog

from ingest import __version__
from ingest.receive.subscription import WorkerSlot
from ingest.service.beginning import Beginning
from ingest.service.ingestion import Ingestion, device_count
from ingest.service.serving import Serving
from ingest.settings.model import Settings
from ingest.store.database import describe
from ingest.telemetry.health import Found
from ingest.telemetry.metrics import Metrics

log = structlog.get_logger()


class Service(Serving):
    """One process that does everything. It watches its own ingestion (see ingestion.Watcher)."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._ingestion = Ingestion(settings, WorkerSlot(), self.ledger, self)
        self._metrics: Metrics | None = None

    def begun(self, beginning: Beginning) -> None:
        """Begin to measure: the database answered."""
        self._server = beginning.server
        self._metrics = self._measure(self._ingestion.gauges, beginning.server)
        log.info(
            "started",
            version=__version__,
            url=self.url,
            broker=describe(self.settings.broker.url),
            postgresql=beginning.server.postgresql,
            timescaledb=beginning.server.timescaledb_text,
            devices=device_count(beginning.directory),
            registry_version=beginning.directory.version,
        )

    def committed(self, messages: int, write_s: float, lag_s: float, committed_at_s: float) -> None:
        """Note a committed batch."""
        if self._metrics is not None:
            self._metrics.observe_batch(messages, write_s, lag_s, committed_at_s)

    def failed(self) -> None:
        """Note an attempt that failed."""
        if self._metrics is not None:
            self._metrics.store_failures += 1

    async def _work(self) -> None:
        await self._ingestion.run()

    async def _drain(self) -> None:
        await self._ingestion.drain()

    def _devices(self) -> int:
        return self._ingestion.devices

    def _metrics_text(self) -> bytes:
        return self._before_metrics() if self._metrics is None else self._metrics.text()

    async def _refresh(self) -> None:
        """Nothing to do: everything is in this process, and so of this moment."""

    def _found(self) -> list[Found]:
        return self._ingestion.found()
