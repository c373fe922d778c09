"""The heart of the path without a broker and a database: acknowledgements in order, retries, draining, lingering.

The pipeline and the interpreter are the real ones; the two ends are quiet.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest

from ingest.account import Ledger, Outcome
from ingest.errors import StoreUnavailable
from ingest.message import Received
from ingest.pipeline import pipeline
from ingest.pipeline.batch import Batching
from ingest.pipeline.pipeline import Pipeline
from ingest.receive.buffer import Inbox
from ingest.rows import MessageRows
from schemas.bilingual import quoted
from tests.pipeline.test_interpret import NOW_US, a_judge, a_message, received

LONG_S = 5.0
SOON_S = 20.0
AHEAD_MS = NOW_US // 1000 + 86_400_000


class Source(Inbox):
    """An intake without a broker. `acknowledged`: packet ids in the order of their acknowledgement."""

    connected, connects_total, trouble = True, 1, ""

    def __init__(self) -> None:
        super().__init__(10_000, 2**30)
        self.acknowledged: list[int] = []
        self._packet_id = 0

    async def run(self) -> None:
        """Nothing to run."""

    def acknowledge(self, messages: Sequence[Received]) -> None:
        self.acknowledged += [message.packet_id for message in messages]
        self.release(messages)

    def publish(self, topic: str, payload: bytes) -> bool:  # noqa: ARG002
        return True

    def pause(self) -> None:
        """Nothing comes by itself."""

    async def close(self) -> None:
        """Nothing to close."""

    def send(self, count: int, *, fresh: bool = False, **more: object) -> None:
        messages = []
        for _ in range(count):
            self._packet_id += 1
            messages.append(received(a_message(seq=self._packet_id, **more), packet_id=self._packet_id))
            messages[-1].generation = -1 if fresh else 1
        self.put(messages, 0)


class Sizes:
    """A writer that remembers how large its batches were."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def write(self, batch: Sequence[MessageRows]) -> Outcome:
        self.batches.append(len(batch))
        return stored(batch)

    def close(self) -> None:
        """Nothing to close."""


class Gate(Sizes):
    """A writer that commits a batch when it is let, and fails as often as it is told to. `tried`: packet ids."""

    def __init__(self, *, failures: int = 0) -> None:
        super().__init__()
        self.open = threading.Event()
        self.tried: list[list[int]] = []
        self._failures = failures

    def write(self, batch: Sequence[MessageRows]) -> Outcome:
        self.tried.append([one.message.packet_id for one in batch])
        assert self.open.wait(LONG_S)
        if len(self.tried) <= self._failures:
            raise StoreUnavailable(quoted("the server has gone away"))
        return super().write(batch)


def stored(batch: Sequence[MessageRows]) -> Outcome:
    outcome = Outcome()
    for one in batch:
        account = outcome.account(7)
        account.quarantined += bool(one.uplink is None)
        account.stored += bool(one.uplink is not None)
    return outcome


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(SOON_S):
        while not condition():  # noqa: ASYNC110  a writer in its thread has no event of ours
            await asyncio.sleep(0.001)


@asynccontextmanager
async def path(
    *writers: Sizes, linger: bool = False, most: int = 4_000
) -> AsyncIterator[tuple[Source, Pipeline, Ledger]]:
    source, ledger = Source(), Ledger()
    one = Pipeline(source, a_judge(), writers, ledger, batching=Batching(most, linger), backoff_max_s=0.01)
    task = asyncio.create_task(one.run())
    yield source, one, ledger
    for writer in writers:
        if isinstance(writer, Gate):
            writer.open.set()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_nothing_is_acknowledged_before_it_is_committed() -> None:
    gate = Gate()
    async with path(gate) as (source, one, ledger):
        source.send(3)
        await until(lambda: gate.tried)
        await asyncio.sleep(0.01)
        assert (source.acknowledged, source.held, ledger.in_flight) == ([], 3, 3)
        assert one.oldest_unacknowledged_us == NOW_US
        gate.open.set()
        await one.drained()
        assert (source.acknowledged, source.held, ledger.in_flight) == ([1, 2, 3], 0, 0)
        assert one.oldest_unacknowledged_us is None


async def test_a_later_batch_that_is_committed_first_is_acknowledged_after_the_earlier_one() -> None:
    first, second = Gate(), Gate()
    async with path(first, second) as (source, one, _):
        source.send(2)
        await until(lambda: first.tried or second.tried)
        slow, quick = (first, second) if first.tried else (second, first)
        source.send(2)
        await until(lambda: quick.tried)
        quick.open.set()
        await until(lambda: quick.batches)
        await asyncio.sleep(0.01)
        assert source.acknowledged == []
        slow.open.set()
        await one.drained()
    assert source.acknowledged == [1, 2, 3, 4]


async def test_drained_waits_for_the_last_commit() -> None:
    gate = Gate()
    async with path(gate) as (source, one, _):
        source.send(1)
        waiting = asyncio.create_task(one.drained())
        await until(lambda: gate.tried)
        await asyncio.sleep(0.01)
        assert not waiting.done()
        gate.open.set()
        async with asyncio.timeout(SOON_S):
            await waiting


async def test_a_batch_the_database_cannot_take_now_is_tried_again_whole_by_the_same_writer() -> None:
    """The writer may have committed it and lost the answer: only the one that holds the batch in doubt can tell."""
    failing, other = Gate(failures=3), Gate()
    async with path(failing, other) as (source, one, ledger):
        other.open.set()
        while not failing.tried:  # which of the two takes a batch is not ours to say
            source.send(2)
            await until(lambda: failing.tried or not source.held)
        batch = failing.tried[0]
        failing.open.set()
        await until(lambda: one.store_trouble == "the server has gone away")
        await one.drained()
        assert failing.tried == [batch] * 4
        assert one.store_trouble == ""
        assert ledger.settled.settled == ledger.received == len(source.acknowledged)


async def test_a_time_that_is_not_believed_waits_for_an_earlier_batch_with_the_same_message() -> None:
    """Its writer asks the database whether the message is stored under that time: it must be committed by then."""
    first, second = Gate(), Gate()
    async with path(first, second) as (source, one, _):
        same = [received(a_message(ts=AHEAD_MS), packet_id=number) for number in (1, 2, 3)]
        source.put(same[:1], 0)
        await until(lambda: first.tried or second.tried)
        slow, quick = (first, second) if first.tried else (second, first)
        quick.open.set()
        source.put(same[1:], 0)
        await asyncio.sleep(0.02)
        assert quick.tried == []
        slow.open.set()
        await one.drained()
    assert sum(first.batches + second.batches) == 3
    assert source.acknowledged == [1, 2, 3]


async def test_a_time_that_is_not_believed_waits_for_no_other_message() -> None:
    first, second = Gate(), Gate()
    async with path(first, second) as (source, one, _):
        source.send(1, ts=AHEAD_MS)
        await until(lambda: first.tried or second.tried)
        source.send(1, ts=AHEAD_MS)
        await until(lambda: first.tried and second.tried)
        first.open.set()
        second.open.set()
        await one.drained()


async def test_of_the_fresh_lane_only_what_comes_again_as_the_same_is_stored() -> None:
    """What has no time of its own would be another message when its durable copy comes."""
    sizes = Sizes()
    async with path(sizes) as (source, one, ledger):
        source.send(2, fresh=True)
        await one.drained()
        source.put([as_fresh(received({"readings": {"air_temperature": 18.4}}, packet_id=9))], 0)
        await one.drained()
        assert (sizes.batches, source.acknowledged, ledger.received) == ([2], [1, 2, 9], 2)


def as_fresh(message: Received) -> Received:
    message.generation = -1
    return message


async def test_no_more_is_judged_than_a_batch_can_take_while_nothing_is_stored() -> None:
    gate = Gate()
    async with path(gate, most=10) as (source, one, ledger):
        source.send(1)
        await until(lambda: gate.tried)
        source.send(100)
        await asyncio.sleep(0.02)
        assert ledger.received <= 1 + 2 * 10
        gate.open.set()
        await one.drained()
        assert (max(gate.batches), ledger.received) == (10, 101)
    assert source.acknowledged == list(range(1, 102))


async def test_while_messages_are_dear_to_judge_the_socket_is_read_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what has been read can have its turn. A socket brings one large message each time the loop looks at it."""
    monkeypatch.setattr(pipeline, "INTERPRETED_FOR_S", 0.0)
    async with path(Sizes()) as (source, one, ledger):

        async def bring(count: int) -> None:
            for _ in range(count):
                source.send(1)
                await asyncio.sleep(0)

        bringing = asyncio.create_task(bring(64))
        ahead = 0
        while not bringing.done():
            ahead = max(ahead, source.waiting)
            await asyncio.sleep(0)
        await one.drained()
    assert ledger.received == 64
    assert ahead >= pipeline.READS_AFTERWARDS - 2


async def some_then_stragglers(source: Source, one: Pipeline, some: int = pipeline.LARGE) -> None:
    source.send(some)
    await one.drained()
    for _ in range(3):
        source.send(1)
        await asyncio.sleep(0.01)
    await one.drained()


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """So patient that no load of the machine makes a difference."""
    monkeypatch.setattr(pipeline, "LINGER_S", LONG_S)
    monkeypatch.setattr(pipeline, "LINGER_PAUSE_S", 0.5)


@pytest.mark.usefixtures("patient")
async def test_where_several_workers_share_a_flood_a_batch_lingers_for_more() -> None:
    sizes = Sizes()
    async with path(sizes, linger=True) as (source, one, _):
        await some_then_stragglers(source, one)
    assert sizes.batches == [pipeline.LARGE, 3]


@pytest.mark.usefixtures("patient")
async def test_a_worker_alone_never_lingers() -> None:
    sizes = Sizes()
    async with path(sizes) as (source, one, _):
        await some_then_stragglers(source, one)
    assert sizes.batches == [pipeline.LARGE, 1, 1, 1]


@pytest.mark.usefixtures("patient")
async def test_after_a_small_batch_nothing_lingers() -> None:
    sizes = Sizes()
    async with path(sizes, linger=True) as (source, one, _):
        await some_then_stragglers(source, one, 1)
    assert sizes.batches == [1, 1, 1, 1]


@pytest.mark.usefixtures("patient")
async def test_a_batch_that_is_large_enough_lingers_no_longer() -> None:
    sizes = Sizes()
    async with path(sizes, linger=True) as (source, one, _):
        source.send(pipeline.LARGE)
        await one.drained()
        source.send(pipeline.LINGER_MESSAGES)
        async with asyncio.timeout(LONG_S / 2):
            await one.drained()
    assert sum(sizes.batches) == pipeline.LARGE + pipeline.LINGER_MESSAGES
