"""receive → decode → validate → store → acknowledge, in that order, and nothing else.

Messages are judged (decoded and validated) on the event loop while writers, each a thread with a
connection of its own, commit the batches before. A writer that is free takes whatever is there:
a single message does not wait for company, and a flood makes its own large batches. Not so where several
workers share the flood: somebody is always free, and many small batches would cost the database more than
their messages. There a moment is waited for the next ones.
Acknowledgements leave in the order of arrival, whichever writer is done first.
"""

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from itertools import takewhile
from typing import NamedTuple, Protocol

import structlog

from ingest.errors import StoreUnavailable
from ingest.judge import Judge
from ingest.ledger import Ledger
from ingest.receive.message import Intake
from ingest.rows import Judged
from ingest.store.outcome import Outcome

log = structlog.get_logger()

JUDGED_AT_ONCE = 500
"""Messages judged before the event loop may do something else: a few milliseconds."""

SILENT_S = 3.0
"""A batch takes a tenth of a second; one under way for so long is trouble, though nobody has said no."""

FEW = 20
"""So many messages in a batch say that more are on their way: the next batch waits for company."""
COMPANY = 1_000
"""What a batch need not wait any longer for: a transaction's own price is spread thin enough."""
COMPANY_S = 0.025
"""How long it waits at most."""
COMPANY_PAUSE_S = 0.004
"""If nothing has come for so long, nothing is waited for."""


class Batching(NamedTuple):
    """How many messages a batch holds at most; whether it waits for company, as where workers share the messages."""

    most: int
    company: bool


class BatchWriter(Protocol):
    """Stores a batch, blocking; raises StoreUnavailable when it should be tried again."""

    def write(self, batch: Sequence[Judged]) -> Outcome:
        """Store it and say what it came to."""

    def close(self) -> None:
        """Let go of the connection."""


class Batch:
    """A batch on its way: what it holds, since when, and what it came to."""

    __slots__ = ("judged", "outcome", "since_s")

    def __init__(self, judged: list[Judged]) -> None:
        self.judged = judged
        self.since_s = time.monotonic()
        self.outcome: Outcome | None = None

    @property
    def claimed(self) -> set[tuple[int | None, int]]:
        """Messages whose own time our clock does not believe: if they came before, that must be known (stepped.py)."""
        return {one.identity for one in self.judged if one.claimed_us is not None}


class Pipeline:
    """The path of a reading, for one intake and as many writers as are given."""

    def __init__(
        self,
        intake: Intake,
        judge: Judge,
        writers: Sequence[BatchWriter],
        ledger: Ledger,
        *,
        batching: Batching,
        backoff_max_s: float,
        observe: Callable[[Batch, float], None] = lambda _batch, _seconds: None,
        failed: Callable[[], None] = lambda: None,
    ) -> None:
        self._intake = intake
        self._judge = judge
        self._writers = writers
        self._ledger = ledger
        self._batching = batching
        self._backoff_max_s = backoff_max_s
        self._observe = observe
        self._failed = failed
        self._waiting: list[Judged] = []
        self._fresh: list[Judged] = []
        self._underway: deque[Batch] = deque()
        self._changed = asyncio.Condition()
        self._failure = ""
        self._busy = False
        """Whether the last batch that was begun was more than a few."""

    @property
    def store_trouble(self) -> str:
        """Why nothing is stored: what the last attempt met, or that it has no answer; empty while all is well."""
        waits_s = time.monotonic() - self._underway[0].since_s if self._underway else 0.0
        silent = f"the database has not answered for {waits_s:.0f} s" if waits_s > SILENT_S else ""
        return self._failure or silent

    @property
    def oldest_unacknowledged_us(self) -> int | None:
        """Time of receipt of the oldest message that is judged and not committed, or None."""
        if self._underway:
            return self._underway[0].judged[0].message.received_us
        return self._waiting[0].message.received_us if self._waiting else None

    async def run(self) -> None:
        """Until cancelled. An exception out of here is a defect, not a condition of the field."""
        threads = ThreadPoolExecutor(len(self._writers), thread_name_prefix="writer")
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._judge_messages(), name="judge")
                for number, writer in enumerate(self._writers, start=1):
                    tasks.create_task(self._write_batches(writer, threads), name=f"writer {number}")
        finally:
            for writer in self._writers:
                writer.close()
            threads.shutdown(wait=False, cancel_futures=True)  # a statement that hangs must not hang the stop

    async def drained(self) -> None:
        """Wait until everything received is committed and acknowledged."""
        async with self._changed:
            await self._changed.wait_for(lambda: not self._waiting and not self._underway and self._intake.held == 0)

    async def _judge_messages(self) -> None:
        while True:
            messages = await self._intake.take(JUDGED_AT_ONCE)
            judged = [self._judge.judge(message) for message in messages]
            if messages[0].fresh:  # then all are
                judged = self._let_go(judged)
            async with self._changed:
                waiting = self._fresh if messages[0].fresh else self._waiting
                waiting += judged
                self._ledger.received += len(judged)
                self._changed.notify_all()
                await self._changed.wait_for(lambda: len(self._waiting) + len(self._fresh) < self._batching.most)

    def _let_go(self, judged: list[Judged]) -> list[Judged]:
        """Those of the fresh lane that are the same when they come again; the others wait for their durable copy."""
        self._intake.acknowledge([one.message for one in judged if one.changes_with_receipt])
        return [one for one in judged if not one.changes_with_receipt]

    async def _write_batches(self, writer: BatchWriter, threads: ThreadPoolExecutor) -> None:
        while True:
            async with self._changed:
                await self._changed.wait_for(lambda: bool(self._waiting or self._fresh))
            if self._busy and self._batching.company:
                await self._company()
            async with self._changed:
                if not (self._waiting or self._fresh):  # another writer was quicker
                    continue
                batch = self._begin()
                self._changed.notify_all()
                if claimed := batch.claimed:
                    await self._changed.wait_for(lambda: not self._before(batch, claimed))  # noqa: B023  awaited here
            await self._write(writer, batch, threads)
            async with self._changed:
                self._acknowledge()
                self._changed.notify_all()

    def _begin(self) -> Batch:
        """What is waiting, as a batch that is under way."""
        batch = Batch(self._waiting[: self._batching.most] + self._fresh)
        del self._waiting[: self._batching.most]
        self._fresh.clear()
        self._underway.append(batch)
        self._busy = len(batch.judged) >= FEW
        return batch

    async def _company(self) -> None:
        """Wait while more messages come, but not for long. A window that is used up brings no more: go on at once."""
        until_s = time.monotonic() + COMPANY_S
        enough = min(COMPANY, self._batching.most)
        seen = 0
        while seen < (there := len(self._waiting) + len(self._fresh)) < enough and time.monotonic() < until_s:
            seen = there
            await asyncio.sleep(COMPANY_PAUSE_S)

    def _before(self, batch: Batch, claimed: AbstractSet[tuple[int | None, int]]) -> bool:
        """Whether one of these messages is also in an earlier batch that is not committed yet."""
        earlier = takewhile(lambda other: other is not batch, self._underway)
        return any(one.identity in claimed for other in earlier if other.outcome is None for one in other.judged)

    async def _write(self, writer: BatchWriter, batch: Batch, threads: ThreadPoolExecutor) -> None:
        """Write one batch, as often as it takes: a database error is "later", never "never"."""
        attempt = 0
        while batch.outcome is None:
            started = time.perf_counter()
            try:
                batch.outcome = await asyncio.get_running_loop().run_in_executor(threads, writer.write, batch.judged)
            except StoreUnavailable as error:
                self._failure = str(error)
                self._failed()
                attempt += 1
                pause_s = min(self._backoff_max_s, 0.1 * 2 ** min(attempt, 10)) * random.uniform(0.5, 1.0)  # noqa: S311
                log.error("store_unavailable", error=str(error), attempt=attempt, again_in_s=round(pause_s, 2))
                await asyncio.sleep(pause_s)
            else:
                self._failure = ""
                self._observe(batch, time.perf_counter() - started)

    def _acknowledge(self) -> None:
        """Release what is committed, in the order of arrival. Nothing is released past a batch that is not."""
        while self._underway and self._underway[0].outcome is not None:
            batch = self._underway.popleft()
            assert batch.outcome is not None  # the loop asks for it
            self._ledger.settle(batch.outcome)
            self._intake.acknowledge([one.message for one in batch.judged])
