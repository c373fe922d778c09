"""The intake as the process of the pages sees it: asked before each answer that is about it, but never in a flood."""

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
"""Below the time that probes and Prometheus wait."""
PAUSE_S = 0.05
"""Between two questions: however many ask us, the intake is asked twenty times a second at most."""
ALIVE_EVERY_S = 1.0
ORPHANED = 3
"""Exit code when the service is gone."""


class IntakeView:
    """`latest` is None while the intake does not answer: then nobody knows how it stands."""

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self.latest: Answer | None = None
        self._send = send
        self._number = 0
        self._turn = asyncio.Lock()
        self._joined: dict[str, asyncio.Task[Answer | None]] = {}
        """Questions that are not under way yet: who wants to know the same joins them."""
        self._expected: asyncio.Future[Answer] | None = None
        self._asked_s = 0.0
        self._heard_s = time.time()
        """When it answered last; before it did, when we began."""

    async def ask(self, kind: str) -> None:
        """Have `latest` be of a moment after this call."""
        if self._stalled:  # one question waits for its answer already: more of them would wait behind it
            self.latest = None
            return
        task = self._joined.get(kind)
        if task is None:
            task = self._joined[kind] = asyncio.create_task(self._question(kind), name=f"ask for {kind}")
        self.latest = await asyncio.shield(task)

    def live(self) -> Balance | None:
        """The account of the intake."""
        return None if self.latest is None else self.latest.live

    def health(self) -> list[Trouble]:
        """What is wrong with the service."""
        if self.latest is None:
            return [Trouble(Concern.SERVICE, "the intake does not answer", self._heard_s)]
        return self.latest.troubles

    def metrics(self) -> bytes | None:
        """The text of /metrics."""
        return None if self.latest is None else self.latest.metrics.encode()

    def alive(self) -> bool:
        """Whether the loop of the intake turns."""
        return self.latest is not None

    async def listen(self, reader: asyncio.StreamReader) -> None:
        """Take the answers. When there are no more, the service is gone, and nobody may be told anything of it."""
        while line := await reader.readline():
            answer = read_answer(line)
            self._heard_s = time.time()
            expected = self._expected
            if expected is not None and answer.number == self._number and not expected.done():
                expected.set_result(answer)
        log.error("service_is_gone")
        os._exit(ORPHANED)

    async def tell_alive(self) -> None:
        """Until cancelled."""
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
    """To the service. It reads at once, or it hangs: then waiting here is as good as anywhere."""
    try:
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os._exit(ORPHANED)


async def open_view() -> tuple[IntakeView, asyncio.StreamReader]:
    """On standard input and output."""
    reader = asyncio.StreamReader(limit=LONGEST_LINE)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return IntakeView(tell), reader


def kind_for(path: str) -> str | None:
    """What has to be asked before this path is answered."""
    if path.startswith(("/static/", "/api/", "/openapi.json")) and path != "/api/v1/identity":
        return None
    return METRICS if path == "/metrics" else STATE
