"""receive → decode → validate → store → acknowledge, in that order, and nothing else.

Messages are interpreted (decoded and validated) on the event loop while writers, each a thread with a
connection of its own, commit earlier batches. A writer that is free takes whatever is there:
a single message does not wait for others, and a flood makes its own large batches. Where several workers
share a flood, some writer is always free, and many small batches would cost the database more than the
messages in them. There a writer lingers for the next messages.
Acknowledgements leave in the order of arrival, whichever writer is done first.
"""

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import takewhile
from typing import Protocol

import structlog

from ingest.account import Ledger, Outcome
from ingest.errors import StoreUnavailable
from ingest.message import Intake, Received
from ingest.pipeline.allowance import UNLIMITED, Allowances
from ingest.pipeline.batch import Batch, Batching, Waiting
from ingest.pipeline.caution import Caution
from ingest.pipeline.interpret import Interpreter
from ingest.rows import MessageRows
from ingest.runtime.threads import in_thread
from schemas.rejection import RejectionReason

log = structlog.get_logger()

INTERPRETED_AT_ONCE = 500
"""Messages interpreted before the event loop may do something else: a few milliseconds."""
INTERPRETED_FOR_S = 0.02
"""A round of expensive messages ends after this time: then the event loop may do something else."""
READS_AFTERWARDS = 16
"""How often the event loop may read the socket, 256 KiB at a time, after a round of expensive messages.

If one large message were read for each that is interpreted, the rest of a flood would wait in the broker, where
senders have no turns."""
BETWEEN_LOOKS = 8
"""Messages interpreted between two looks at the clock."""

SILENT_S = 3.0
"""A batch takes a tenth of a second. One that is under way for this long is trouble, even without an error."""

LARGE = 20
"""A batch of this many messages says that more are on their way: the next batch lingers."""
LINGER_MESSAGES = 1_000
"""A batch of this many messages lingers no longer: the fixed cost of a transaction is spread thin enough."""
LINGER_S = 0.025
"""How long a batch lingers at most."""
LINGER_PAUSE_S = 0.004
"""If nothing has come for this long, the batch lingers no longer."""


class BatchWriter(Protocol):
    """Stores a batch, blocking; raises StoreUnavailable when it should be tried again."""

    def write(self, batch: Sequence[MessageRows]) -> Outcome:
        """Store the batch and return what it came to."""

    def close(self) -> None:
        """Close the connection."""


class Pipeline:
    """The path of a reading, for one intake and as many writers as are given."""

    def __init__(
        self,
        intake: Intake,
        interpreter: Interpreter,
        writers: Sequence[BatchWriter],
        ledger: Ledger,
        *,
        batching: Batching,
        backoff_max_s: float,
        observe: Callable[[Batch, float], None] = lambda _batch, _seconds: None,
        failed: Callable[[], None] = lambda: None,
    ) -> None:
        self._intake = intake
        self._interpreter = interpreter
        self._writers = writers
        self._ledger = ledger
        self._batching = batching
        self._backoff_max_s = backoff_max_s
        self._observe = observe
        self._failed = failed
        self._caution: Caution | None = None
        self._allowances = Allowances(UNLIMITED)
        self._at_once = min(INTERPRETED_AT_ONCE, batching.most)
        self._waiting = Waiting(batching)
        self._fresh = Waiting(batching)
        self._underway: deque[Batch] = deque()
        self._changed = asyncio.Condition()
        self._failure = ""
        self._last_batch_was_large = False

    def allow(self, allowances: Allowances) -> None:
        """Apply these allowances to every device from now on."""
        self._allowances = allowances

    def begin_carefully(self, caution: Caution) -> None:
        """Pass the messages that may have ended an earlier process first. To be called before `run`."""
        self._caution = caution

    @property
    def store_trouble(self) -> str:
        """Why nothing is stored: the error of the last attempt, or that it has no answer; empty while all is well."""
        waits_s = time.monotonic() - self._underway[0].since_s if self._underway else 0.0
        silent = f"the database has not answered for {waits_s:.0f} s" if waits_s > SILENT_S else ""
        return self._failure or silent

    @property
    def oldest_unacknowledged_us(self) -> int | None:
        """Time of receipt of the oldest message that is interpreted and not committed, or None."""
        if self._underway:
            return self._underway[0].interpreted[0].message.received_us
        first = self._waiting.first
        return None if first is None else first.message.received_us

    async def run(self) -> None:
        """Run until cancelled. An exception out of here is a defect, not a condition of the field."""
        threads = ThreadPoolExecutor(len(self._writers), thread_name_prefix="writer")
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._interpret_messages(), name="interpret")
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

    async def _settled(self) -> None:
        """Wait until everything that was interpreted is committed and acknowledged."""
        async with self._changed:
            await self._changed.wait_for(lambda: not (self._waiting or self._fresh or self._underway))

    async def _interpret_messages(self) -> None:
        if self._caution is not None:
            await self._caution.pass_suspects(self._intake, self._interpreter, self._admit, self._settled)
        while True:
            messages = await self._intake.take(self._at_once)
            while messages:
                began_s = time.monotonic()
                interpreted = self._interpret_for_a_while(messages)
                await self._admit(interpreted)
                messages = messages[len(interpreted) :]
                took_long = time.monotonic() - began_s > INTERPRETED_FOR_S
                if took_long or messages:
                    await _let_the_socket_be_read(READS_AFTERWARDS if took_long else 1)

    def _interpret_for_a_while(self, messages: list[Received]) -> list[MessageRows]:
        """The rows of the first of these messages, and of as many more as there is time for."""
        until_s = time.monotonic() + INTERPRETED_FOR_S
        interpret = self._interpret_or_refuse if self._allowances.too_fast else self._interpreter.interpret
        interpreted = list[MessageRows]()
        while len(interpreted) < len(messages):
            interpreted += [
                interpret(message) for message in messages[len(interpreted) : len(interpreted) + BETWEEN_LOOKS]
            ]
            if time.monotonic() > until_s:
                break
        return interpreted

    def _interpret_or_refuse(self, message: Received) -> MessageRows:
        allowances = self._allowances
        if message.topic not in allowances.too_fast:
            return self._interpreter.interpret(message)
        allowances.refused(message.topic)
        return self._interpreter.refuse(message, RejectionReason.TOO_FAST, allowances.why_too_fast)

    async def _admit(self, interpreted: list[MessageRows]) -> None:
        """Queue interpreted messages for a batch, and wait until there is room for more."""
        fresh = interpreted[0].message.fresh  # then all are: `take` does not mix those of the lane with others
        if fresh:
            interpreted = self._drop_unrepeatable(interpreted)
        self._allowances.charge(interpreted)
        quarantined = [rows for rows in interpreted if rows.quarantined]
        if quarantined:
            self._allowances.limit(quarantined)
        heavy = [rows for rows in interpreted if rows.quarantined or rows.certificate is not None]
        async with self._changed:
            (self._fresh if fresh else self._waiting).add(interpreted, heavy)
            self._ledger.received += len(interpreted)
            self._changed.notify_all()
            await self._changed.wait_for(lambda: not (self._waiting.full or self._fresh.full))

    def _drop_unrepeatable(self, interpreted: list[MessageRows]) -> list[MessageRows]:
        """Drop messages of the fresh lane whose copy in the durable session would be stored as another message.

        They are not counted as received here: the durable session brings them all, and its copy is counted.
        """
        self._intake.acknowledge([rows.message for rows in interpreted if rows.changes_with_receipt])
        return [rows for rows in interpreted if not rows.changes_with_receipt]

    async def _write_batches(self, writer: BatchWriter, threads: ThreadPoolExecutor) -> None:
        while True:
            async with self._changed:
                await self._changed.wait_for(lambda: bool(self._waiting or self._fresh))
            if self._last_batch_was_large and self._batching.linger:
                await self._linger()
            async with self._changed:
                if not (self._waiting or self._fresh):  # another writer took them meanwhile
                    continue
                batch = self._start_batch()
                self._changed.notify_all()  # what was taken made room: interpreting may go on
                # A message whose time we do not believe may be stored under that time already, from before a step of
                # our clock. The writer looks for it there, and does not see what another writer has not committed.
                if disbelieved := batch.with_disbelieved_time:
                    await self._changed.wait_for(lambda: not self._in_earlier_batch(batch, disbelieved))  # noqa: B023  awaited here
            await self._write(writer, batch, threads)
            async with self._changed:
                # MQTT asks for acknowledgements in the order of arrival. If an earlier batch is still under way,
                # nothing is released now: its writer releases this batch too.
                self._acknowledge()
                self._changed.notify_all()

    def _start_batch(self) -> Batch:
        """Make a batch of what is waiting; it counts as under way from here on."""
        batch = Batch(self._waiting.take() + self._fresh.take())
        self._underway.append(batch)
        self._last_batch_was_large = len(batch.interpreted) >= LARGE
        return batch

    async def _linger(self) -> None:
        """Wait for more messages as long as they come, LINGER_S at most. While the receive window is full none come."""
        until_s = time.monotonic() + LINGER_S
        enough = min(LINGER_MESSAGES, self._batching.most)
        seen = 0
        while seen < (waiting := len(self._waiting) + len(self._fresh)) < enough and time.monotonic() < until_s:
            seen = waiting
            await asyncio.sleep(LINGER_PAUSE_S)

    def _in_earlier_batch(self, batch: Batch, identities: AbstractSet[tuple[int | None, int]]) -> bool:
        """Whether a message of one of these identities is also in an earlier batch that is not committed yet."""
        earlier = takewhile(lambda other: other is not batch, self._underway)
        uncommitted = (other for other in earlier if other.outcome is None)
        return any(rows.identity in identities for other in uncommitted for rows in other.interpreted)

    async def _write(self, writer: BatchWriter, batch: Batch, threads: ThreadPoolExecutor) -> None:
        """Write one batch, as often as it takes: a database error is "later", never "never"."""
        attempt = 0
        while batch.outcome is None:
            started = time.perf_counter()
            try:
                batch.outcome = await in_thread(partial(writer.write, batch.interpreted), threads)
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
            self._intake.acknowledge([rows.message for rows in batch.interpreted])


async def _let_the_socket_be_read(times: int) -> None:
    """Give the event loop this many rounds: it reads the socket once on each."""
    for _ in range(times):
        await asyncio.sleep(0)
