"""One worker as its supervisor sees it: a process that is started, asked, listened to, stopped and started again."""

import asyncio
import contextlib
import pickle
import random
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable

import structlog

from ingest.errors import BrokerRefused, NoroshiError, SettingsRefused
from ingest.runtime.backoff import Backoff
from ingest.service.workers.lives import Lives
from ingest.service.workers.status import WorkerStatus, from_line
from ingest.service.workers.worker import MAY_LISTEN, Orders
from schemas.bilingual import Bilingual

log = structlog.get_logger()

LONGEST_PAUSE_S = 10.0
LONGEST_LINE = 2**20
NOT_STARTED = -1
BEYOND_GRACE_S = 5.0
"""What a worker gets to end, beyond the time it takes itself to commit and acknowledge."""


class WorkerProcess:
    """A worker over all its lives. `heard` is called with every report, after the account has taken it in."""

    def __init__(self, orders: Orders, heard: Callable[[WorkerStatus], None]) -> None:
        self.number = orders.slot.number
        self.lives = Lives()
        self.answer: WorkerStatus | None = None
        """The last answer of the life that runs; None while there is none."""
        self.devices = 0
        self._orders = orders
        self._heard = heard
        self._process: Process | None = None
        self._asked = 0
        self._answered = asyncio.Event()
        self._ended = asyncio.Event()
        self._ended.set()
        self._stopping = False
        self._may_listen = False
        self._refusal: NoroshiError | None = None

    @property
    def pid(self) -> int | None:
        """The process id of the life that runs, or None."""
        return None if self._process is None or self._process.returncode is not None else self._process.pid

    @property
    def connected(self) -> bool:
        """Whether its subscriptions stood when it answered last."""
        return self.answer is not None and self.answer.gauges.get("broker_connected") == 1

    async def keep(self) -> None:
        """Keep it running until `stop`, whatever it dies of. Raises the BrokerRefused or SettingsRefused it reports."""
        loop = asyncio.get_running_loop()
        backoff = Backoff(LONGEST_PAUSE_S, random.random)
        while not self._stopping:
            started_s = loop.time()
            try:
                code = await self._one_life()
            except OSError as error:  # no process, descriptor or memory to be had: later
                log.error("worker_not_started", worker=self.number, error=str(error))
                code = NOT_STARTED
            if self._refusal is not None:
                raise self._refusal
            if self._stopping:
                return
            backoff.lived(loop.time() - started_s)
            pause_s = backoff.pause_s()
            log.error("worker_ended", worker=self.number, exit_code=code, again_in_s=round(pause_s, 2))
            await asyncio.sleep(pause_s)

    def let_listen(self) -> None:
        """Let this worker take messages, in this life and every later one."""
        self._may_listen = True
        if self._process is not None:
            _send(self._process, MAY_LISTEN)

    async def ask(self) -> None:
        """Wait for an answer of this moment. It may never come if the process hangs: give it a deadline."""
        process = self._process
        if process is None:
            return
        self._asked += 1
        number = self._asked
        _send(process, b"%d\n" % number)
        while self.pid is not None and (self.answer is None or self.answer.answer < number):
            self._answered.clear()
            await self._answered.wait()

    async def stop(self) -> None:
        """Send SIGTERM and wait: it commits and acknowledges what is in flight, and its last report is taken in."""
        self._stopping = True
        if self._process is not None:
            await self._end(self._process)
        await self._ended.wait()

    async def _one_life(self) -> int:
        """From start to end; returns the exit code, when everything it had reported is taken."""
        self._ended.clear()
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "ingest.service.workers",
                stdin=PIPE,
                stdout=PIPE,
                limit=LONGEST_LINE,
                start_new_session=True,
            )
            self._process = process
            self.lives.begin()
            return await self._listen(process)
        finally:
            self.answer = None
            self._answered.set()
            self._ended.set()

    async def _listen(self, process: Process) -> int:
        assert process.stdout is not None  # it is a pipe
        try:
            _send(process, pickle.dumps(self._orders).hex().encode() + b"\n")
            if self._may_listen:
                _send(process, MAY_LISTEN)
            if self._stopping:  # while it was being started
                process.terminate()
            while line := await process.stdout.readline():
                if line.endswith(b"\n"):  # a line cut off by the death of its writer is no report
                    self._take(from_line(line))
            return await process.wait()
        finally:
            await self._end(process)

    async def _end(self, process: Process) -> None:
        if process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), self._orders.settings.shutdown_grace_s + BEYOND_GRACE_S)
        except TimeoutError:
            log.error("worker_does_not_end", worker=self.number)
            process.kill()
            await process.wait()

    def _take(self, report: WorkerStatus) -> None:
        if report.refused:
            why = Bilingual(*report.refused)
            self._refusal = SettingsRefused(why) if report.wrong_setting else BrokerRefused(why)
            return
        self.lives.take(report)
        if report.answer:
            self.answer = report
            self.devices = report.devices
            self._answered.set()
        self._heard(report)


def _send(process: Process, line: bytes) -> None:
    """Write a line to a worker. If it is dead, `_listen` notices."""
    assert process.stdin is not None  # it is a pipe
    with contextlib.suppress(ConnectionError):
        process.stdin.write(line)
