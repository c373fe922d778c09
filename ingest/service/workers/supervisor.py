"""The composition root of a service of several workers: starts them and the pages, sums the account."""

import asyncio
from collections import Counter
from functools import partial

import structlog

from ingest import __version__
from ingest.account import Account
from ingest.errors import StoreUnavailable, StoreUnfit
from ingest.receive.subscription import WorkerSlot, check_shareable
from ingest.runtime.threads import in_thread
from ingest.service.serving import Serving
from ingest.service.workers.metrics import WorkerMetrics, gauges_of
from ingest.service.workers.process import WorkerProcess
from ingest.service.workers.status import WorkerStatus
from ingest.service.workers.worker import Orders
from ingest.settings.model import Settings
from ingest.store import timescale
from ingest.store.database import connect, describe, translated
from ingest.telemetry.health import Concern, Found, waiting
from ingest.telemetry.metrics import Metrics

log = structlog.get_logger()

ANSWER_WITHIN_S = 0.5
LOOK_EVERY_S = 0.1


class Supervisor(Serving):
    """The process above the workers. `ledger` is the sum over all workers and all their lives."""

    def __init__(self, settings: Settings, workers: int) -> None:
        check_shareable(settings, workers)
        super().__init__(settings)
        self._workers = [
            WorkerProcess(Orders(settings, WorkerSlot(number, workers)), self._heard)
            for number in range(1, workers + 1)
        ]
        self._metrics: Metrics | None = None
        self._waiting_for = ""

    async def _work(self) -> None:
        self._server = await self._ask_server()
        self._metrics = self._measure(lambda: gauges_of(self._workers), self._server)
        self._metrics.registry.register(WorkerMetrics(self._workers))
        log.info(
            "started",
            version=__version__,
            url=self.url,
            broker=describe(self.settings.broker.url),
            workers=len(self._workers),
        )
        first, *others = self._workers
        async with asyncio.TaskGroup() as tasks:
            for worker in self._workers:
                tasks.create_task(worker.keep(), name=f"worker {worker.number}")
            # The first may have an ordinary subscription from a time without workers. Once another worker listens,
            # what is published would come twice, until the first has changed over.
            first.let_listen()
            while not first.connected:
                await asyncio.sleep(LOOK_EVERY_S)
                await self._ask_all()
            for worker in others:
                worker.let_listen()

    async def _ask_server(self) -> timescale.Server:
        """Wait for the database: the workers would only wait too. Raises StoreUnfit where waiting is in vain."""
        while True:
            try:
                return await in_thread(partial(_ask_server, self.settings))
            except StoreUnfit:
                raise
            except StoreUnavailable as error:
                self._waiting_for = error.said.en
                log.error("waiting_for_database", error=self._waiting_for)
                await asyncio.sleep(1.0)

    async def _drain(self) -> None:
        log.info("stopping", in_flight=self.ledger.in_flight)
        await self._ask_all()
        await asyncio.gather(*(worker.stop() for worker in self._workers))
        self._sum()

    def _heard(self, report: WorkerStatus) -> None:
        if self._metrics is not None:
            for messages, write_s, lag_s, committed_at_s in report.committed:
                self._metrics.observe_batch(messages, write_s, lag_s, committed_at_s)

    def _sum(self) -> None:
        """Add the accounts up. A sum of exact accounts is exact, whenever each of them was reported."""
        lives = [worker.lives for worker in self._workers]
        settled = Account()
        reasons: Counter[str] = Counter()
        for each in lives:
            settled.add(each.settled)
            reasons += each.reasons
        ledger = self.ledger
        ledger.received = sum(each.received for each in lives)  # first: a reader must never see less than is settled
        ledger.settled, ledger.reasons = settled, reasons
        counts = [sum(column) for column in zip(*(each.counts for each in lives), strict=True)]
        ledger.batches, ledger.merged_batches, ledger.splits, failures = counts
        if self._metrics is not None:
            self._metrics.store_failures = failures

    async def _ask_all(self) -> None:
        """Get an answer of this moment from every worker that can give one, and sum them up."""
        asked = [asyncio.create_task(worker.ask()) for worker in self._workers]
        await asyncio.wait(asked, timeout=ANSWER_WITHIN_S)
        for task, worker in zip(asked, self._workers, strict=True):
            if not task.done():
                task.cancel()
                worker.answer = None
        self._sum()

    def _devices(self) -> int:
        return max(worker.devices for worker in self._workers)

    def _metrics_text(self) -> bytes:
        return self._before_metrics() if self._metrics is None else self._metrics.text()

    def _found(self) -> list[Found]:
        if self._metrics is None:
            return [waiting(self._waiting_for)]
        return [one for worker in self._workers for one in _found_by(worker)]

    async def _refresh(self) -> None:
        """Ask the workers, so that what is shown is of this moment."""
        await self._ask_all()


def _found_by(worker: WorkerProcess) -> list[Found]:
    who = f"worker {worker.number}"
    if worker.answer is None:
        return [Found(Concern.WORKER, "does not run or does not answer", who)]
    return [Found(Concern(concern), detail, who) for concern, detail in worker.answer.trouble]


def _ask_server(settings: Settings) -> timescale.Server:
    with connect(settings.database) as connection, translated():
        return timescale.ask(connection)
