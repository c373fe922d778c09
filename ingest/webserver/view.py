"""The intake, seen from the process of the pages. It is asked before each answer about it, but at a limited rate."""

import asyncio
import os
import sys
import time
from collections.abc import Callable

import structlog

from ingest.account import Balance
from ingest.telemetry.health import Concern, Trouble
from ingest.webserver.talk import ALIVE, LONGEST_LINE, METRICS, STATE, Answer, Question, question_line, read_answer

log = structlog.get_logger()

ANSWER_WITHIN_S = 3.0
"""Longest wait for an answer: shorter than the time-outs of probes and Prometheus."""
PAUSE_S = 0.05
"""Pause between two questions: the intake is asked twenty times a second at most, however many clients ask."""
ALIVE_EVERY_S = 1.0
ORPHANED = 3
"""Exit code of the process when the service is gone."""


class IntakeView:
    """Asks the intake for its state. `latest`: the last answer, None while the intake does not answer."""

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self.latest: Answer | None = None
        self._send = send
        self._number = 0
        self._turn = asyncio.Lock()
        self._joined: dict[str, asyncio.Task[Answer | None]] = {}
        """Questions that are not sent yet, by kind. Callers with the same question share one."""
        self._expected: asyncio.Future[Answer] | None = None
        self._asked_s = 0.0
        self._heard_s = time.time()
        """When the intake last answered; before that, when this process began."""

    async def ask(self, kind: str) -> None:
        """Ask the intake, and return when `latest` is an answer to a question after this call, or None."""
        if self._stalled:  # a question is overdue already: others would only wait behind it
            self.latest = None
            return
        task = self._joined.get(kind)
        if task is None:
            task = self._joined[kind] = asyncio.create_task(self._question(kind), name=f"ask for {kind}")
        self.latest = await asyncio.shield(task)

    def live(self) -> Balance | None:
        """The balance of the intake, None while it does not answer."""
        return None if self.latest is None else self.latest.live

    def health(self) -> list[Trouble]:
        """The troubles of the service; one of them is an intake that does not answer."""
        if self.latest is None:
            return [Trouble(Concern.SERVICE, "the intake does not answer", self._heard_s)]
        return self.latest.troubles

    def metrics(self) -> bytes | None:
        """The text of /metrics, None while the intake does not answer."""
        return None if self.latest is None else self.latest.metrics.encode()

    def alive(self) -> bool:
        """Whether the intake answers, so that its loop turns."""
        return self.latest is not None

    async def listen(self, reader: asyncio.StreamReader) -> None:
        """Read answers. Their end means that the service is gone: the process ends rather than show an old state."""
        while line := await reader.readline():
            answer = read_answer(line)
            self._heard_s = time.time()
            expected = self._expected
            if expected is not None and answer.number == self._number and not expected.done():
                expected.set_result(answer)
        log.error("service_is_gone")
        os._exit(ORPHANED)

    async def tell_alive(self) -> None:
        """Show the service every ALIVE_EVERY_S that this loop turns, until cancelled."""
        while True:
            self._send(question_line(Question(0, ALIVE)))
            await asyncio.sleep(ALIVE_EVERY_S)

    @property
    def _stalled(self) -> bool:
        waits_s = asyncio.get_running_loop().time() - self._asked_s
        return self._expected is not None and not self._expected.done() and waits_s >= ANSWER_WITHIN_S

    async def _question(self, kind: str) -> Answer | None:
        loop = asyncio.get_running_loop()
        async with self._turn:
            await asyncio.sleep(self._asked_s + PAUSE_S - loop.time())
            del self._joined[kind]
            if self._stalled:
                return None
            self._number += 1
            self._expected = loop.create_future()
            self._asked_s = loop.time()
            self._send(question_line(Question(self._number, kind)))
            await asyncio.wait({self._expected}, timeout=ANSWER_WITHIN_S)
            return self._expected.result() if self._expected.done() else None


def tell(line: bytes) -> None:
    """Write a line to the service. It reads at once unless it hangs; then blocking here does no harm."""
    try:
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os._exit(ORPHANED)


async def open_view() -> tuple[IntakeView, asyncio.StreamReader]:
    """A view over standard input and output, and the reader of its answers."""
    reader = asyncio.StreamReader(limit=LONGEST_LINE)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return IntakeView(tell), reader


def kind_for(path: str) -> str | None:
    """The kind of question to ask before this path is answered; None for none."""
    if path.startswith(("/static/", "/api/", "/openapi.json")) and path != "/api/v1/identity":
        return None
    return METRICS if path == "/metrics" else STATE
