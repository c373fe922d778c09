"""One worker: an ingestion without pages, which reports to the process that started it.

Standard input brings its settings, then the word that it may listen, then questions, one a line; it reports by
standard output. It reports what it has committed before it acknowledges, so whatever kills it, its supervisor knows of
everything that the broker will not deliver again. When standard input ends the supervisor is gone: then the worker ends
at once, as if both had died.
"""

import asyncio
import os
import pickle
import signal
import sys
from asyncio import StreamReader, StreamReaderProtocol
from dataclasses import replace
from typing import NamedTuple

import structlog

from ingest.account import Ledger, Outcome
from ingest.errors import BrokerRefused, SettingsRefused, innermost
from ingest.receive.subscription import WorkerSlot
from ingest.service.beginning import Beginning
from ingest.service.ingestion import Ingestion
from ingest.service.workers.status import Batch, WorkerStatus, report_of, to_line
from ingest.settings.model import Settings
from ingest.telemetry.logs import configure
from schemas.foreign import guard_output

log = structlog.get_logger()

ORPHANED = 3
"""Exit code of a worker whose supervisor is gone."""


MAY_LISTEN = b"may listen\n"


class Orders(NamedTuple):
    """What a worker has to know. Settings travel whole: a changed file must not divide the workers."""

    settings: Settings
    slot: WorkerSlot


class ReportedLedger(Ledger):
    """A ledger that reports every settled batch, before the pipeline acknowledges it."""

    def __init__(self, worker: "Worker") -> None:
        super().__init__()
        self._worker = worker

    def settle(self, outcome: Outcome) -> None:
        """Count a committed batch, and report it."""
        super().settle(outcome)
        self._worker.report()


class Worker:
    """Watches its own ingestion (see ingestion.Watcher) and passes on what it sees."""

    def __init__(self, orders: Orders) -> None:
        self._ledger = ReportedLedger(self)
        self._ingestion = Ingestion(orders.settings, orders.slot, self._ledger, self)
        self._committed: list[Batch] = []
        self._failures = 0
        self._begun = False

    async def run(self) -> None:
        """Work until SIGTERM, then stop in order. Raises BrokerRefused if the broker says no for good."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, stop.set)
        loop.add_signal_handler(signal.SIGINT, lambda: None)  # Ctrl-C is the supervisor's, who then tells us
        work = asyncio.create_task(self._ingestion.run(), name="ingestion")
        asked = asyncio.create_task(self._answer_questions(), name="questions")
        stopped = asyncio.create_task(stop.wait(), name="stop")
        await asyncio.wait({work, asked, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            await self._ingestion.drain()
        for task in (work, asked, stopped):
            task.cancel()
        results = await asyncio.gather(work, asked, stopped, return_exceptions=True)
        self.report()
        for result in results:
            if isinstance(result, BaseException) and not isinstance(result, asyncio.CancelledError):
                raise innermost(result)

    def report(self) -> None:
        """Tell the supervisor what is new."""
        committed, self._committed = self._committed, []
        tell(report_of(self._ledger, self._failures, committed))

    def begun(self, beginning: Beginning) -> None:
        """Note that the database answered: from now on there are gauges."""
        self._begun = True
        log.info("worker_started", registry_version=beginning.directory.version)

    def committed(self, messages: int, write_s: float, lag_s: float, committed_at_s: float) -> None:
        """Note a batch for the next report, which comes when it is settled."""
        self._committed.append((messages, write_s, lag_s, committed_at_s))

    def failed(self) -> None:
        """Note an attempt that failed."""
        self._failures += 1

    async def _answer_questions(self) -> None:
        reader = StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda: StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            if line == MAY_LISTEN:
                self._ingestion.may_listen.set()
                continue
            tell(
                replace(
                    report_of(self._ledger, self._failures, ()),
                    answer=int(line),
                    gauges=self._ingestion.gauges() if self._begun else {},
                    trouble=[(found.concern, found.detail) for found in self._ingestion.found()],
                    devices=self._ingestion.devices,
                )
            )
        log.error("supervisor_is_gone")
        os._exit(ORPHANED)  # no supervisor counts any more; the broker delivers again what is not acknowledged


def tell(report: WorkerStatus) -> None:
    """Write a report. Blocks while the supervisor does not read: it cannot serve its pages then, and will be ended."""
    try:
        sys.stdout.buffer.write(to_line(report))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os._exit(ORPHANED)


def main() -> None:
    """Take the orders, work, and report why if the broker says no."""
    # Unbuffered: what comes after the first line must stay in the pipe, for the event loop to read.
    with open(sys.stdin.fileno(), "rb", buffering=0, closefd=False) as pipe:
        orders: Orders = pickle.loads(bytes.fromhex(pipe.readline().decode()))  # noqa: S301  from our own supervisor
    guard_output()
    configure(orders.settings.log)
    structlog.contextvars.bind_contextvars(worker=orders.slot.number)
    worker = Worker(orders)
    try:
        asyncio.run(worker.run())
    except (BrokerRefused, SettingsRefused) as error:
        tell(WorkerStatus(refused=[*error.said], wrong_setting=isinstance(error, SettingsRefused)))
        sys.exit(1)
