"""The process of the pages, seen from the service, which starts, answers, watches, ends and restarts it."""

import asyncio
import contextlib
import pickle
import random
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import psutil
import structlog

from ingest.runtime.backoff import Backoff
from ingest.webserver.talk import ALIVE, LONGEST_LINE, Answer, Orders, Question, answer_line, read_question

log = structlog.get_logger()

LONGEST_PAUSE_S = 10.0
LOOK_EVERY_S = 1.0
STARTS_WITHIN_LOOKS = 60
"""Looks that a new process may take until its first line: it has imports to make."""
SILENT_LOOKS = 15
"""Looks without a line after which it counts as hanging. Looks, not seconds: a service that hangs reads no lines."""
ENDS_WITHIN_S = 5.0


class Ended(NamedTuple):
    """How a process ended. `why`: the reason for killing it, empty if it ended by itself."""

    code: int
    why: str


class WebProcess:
    """Keeps the process of the pages running. `answer`: answers its questions about the intake."""

    def __init__(self, orders: Orders, answer: Callable[[Question], Awaitable[Answer]]) -> None:
        self.starts = 0
        self.memory_bytes = 0
        """Memory at the last look; 0 while the process does not run."""
        self._orders = orders
        self._answer = answer
        self._process: Process | None = None
        self._heard = False
        self._silent_looks = 0
        self._why = ""

    async def keep(self) -> None:
        """Run the process, and again whenever it ends, until cancelled; then end it in order."""
        loop = asyncio.get_running_loop()
        backoff = Backoff(LONGEST_PAUSE_S, random.random)
        while True:
            started_s = loop.time()
            try:
                ended = await self._one_life()
            except (OSError, MemoryError) as error:  # no descriptors, no memory, no processes left: later
                ended = Ended(-1, f"it cannot be started: {error}")
            backoff.lived(loop.time() - started_s)
            pause_s = backoff.pause_s()
            log.error("web_process_ended", exit_code=ended.code, why=ended.why, again_in_s=round(pause_s, 2))
            await asyncio.sleep(pause_s)

    async def _one_life(self) -> Ended:
        self._heard, self._silent_looks, self._why = False, 0, ""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "ingest.webserver",
            stdin=PIPE, stdout=PIPE, limit=LONGEST_LINE, start_new_session=True, pass_fds=[self._orders.descriptor],
        )  # fmt: skip
        self.starts += 1
        watch = asyncio.create_task(self._watch(process), name="watch of the web process")
        try:
            _send(process, pickle.dumps(self._orders).hex().encode() + b"\n")
            await self._answer_questions(process)
            return Ended(await process.wait(), self._why)
        finally:
            watch.cancel()
            self.memory_bytes = 0
            await _end(process)

    async def _answer_questions(self, process: Process) -> None:
        """Answer questions until the process closes its output. Those that fail are dropped: it asks again."""
        assert process.stdout is not None  # it is a pipe
        while line := await process.stdout.readline():
            if not line.endswith(b"\n"):  # cut off by the death of its writer
                return
            self._heard, self._silent_looks = True, 0
            question = read_question(line)
            if question.kind == ALIVE:
                continue
            try:
                answer = await self._answer(question)
            except (OSError, MemoryError) as error:
                log.warning("web_question_not_answered", question=question.kind, error=str(error))
                continue
            _send(process, answer_line(answer))

    async def _watch(self, process: Process) -> None:
        """Kill the process when it hangs, or is so large that the intake would suffer."""
        most_bytes = self._orders.settings.web.memory_mib * 2**20
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            self.memory_bytes = _memory(process.pid)
            self._silent_looks += 1
            if self.memory_bytes > most_bytes:
                self._why = f"it took {self.memory_bytes / 2**20:.0f} MiB, web.memory_mib is {most_bytes // 2**20}"
            elif self._silent_looks > (SILENT_LOOKS if self._heard else STARTS_WITHIN_LOOKS):
                self._why = f"it said nothing for {self._silent_looks * LOOK_EVERY_S:.0f} s"
            else:
                continue
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            return


def _send(process: Process, line: bytes) -> None:
    """Send a line to the process. If it is dead already, `_one_life` notices."""
    assert process.stdin is not None  # it is a pipe
    with contextlib.suppress(ConnectionError):
        process.stdin.write(line)


async def _end(process: Process) -> None:
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), ENDS_WITHIN_S)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _memory(pid: int) -> int:
    with contextlib.suppress(psutil.Error, OSError):
        return int(psutil.Process(pid).memory_info().rss)
    return 0
