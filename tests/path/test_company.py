"""When a batch waits for company, and when it must not. The path itself is the real one, its two ends are quiet."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from ingest import pipeline
from ingest.ledger import Ledger
from ingest.pipeline import Batching, Pipeline
from ingest.receive.inbox import Inbox
from ingest.receive.message import Received
from ingest.rows import Judged
from ingest.store.outcome import Outcome
from tests.path.test_judge import a_judge, a_message, received

LONG_S = 5.0


class Source(Inbox):
    """An intake without a broker."""

    connected, connects_total, trouble = True, 1, ""

    def __init__(self) -> None:
        super().__init__(10_000, 2**30)

    async def run(self) -> None:
        """Nothing to run."""

    def acknowledge(self, messages: Sequence[Received]) -> None:
        self.release(messages)

    def publish(self, topic: str, payload: bytes) -> bool:  # noqa: ARG002
        return True

    def pause(self) -> None:
        """Nothing comes by itself."""

    async def close(self) -> None:
        """Nothing to close."""

    def send(self, count: int) -> None:
        self.put([received(a_message()) for _ in range(count)], 0)


class Sizes:
    """A writer that remembers how large its batches were."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def write(self, batch: Sequence[Judged]) -> Outcome:
        self.batches.append(len(batch))
        return Outcome()

    def close(self) -> None:
        """Nothing to close."""


@asynccontextmanager
async def path(*, company: bool) -> AsyncIterator[tuple[Source, Sizes, Pipeline]]:
    source, sizes = Source(), Sizes()
    one = Pipeline(source, a_judge(), [sizes], Ledger(), batching=Batching(4_000, company), backoff_max_s=1.0)
    task = asyncio.create_task(one.run())
    yield source, sizes, one
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def some_then_stragglers(source: Source, one: Pipeline, some: int = pipeline.FEW) -> None:
    source.send(some)
    await one.drained()
    for _ in range(3):
        source.send(1)
        await asyncio.sleep(0.01)
    await one.drained()


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """So patient that no load of the machine makes a difference."""
    monkeypatch.setattr(pipeline, "COMPANY_S", LONG_S)
    monkeypatch.setattr(pipeline, "COMPANY_PAUSE_S", 0.5)


@pytest.mark.usefixtures("patient")
async def test_where_several_workers_share_a_flood_a_batch_waits_for_company() -> None:
    async with path(company=True) as (source, sizes, one):
        await some_then_stragglers(source, one)
    assert sizes.batches == [pipeline.FEW, 3]


@pytest.mark.usefixtures("patient")
async def test_a_worker_alone_never_waits() -> None:
    async with path(company=False) as (source, sizes, one):
        await some_then_stragglers(source, one)
    assert sizes.batches == [pipeline.FEW, 1, 1, 1]


@pytest.mark.usefixtures("patient")
async def test_after_a_small_batch_nobody_waits() -> None:
    async with path(company=True) as (source, sizes, one):
        await some_then_stragglers(source, one, 1)
    assert sizes.batches == [1, 1, 1, 1]


@pytest.mark.usefixtures("patient")
async def test_enough_company_is_not_kept_waiting() -> None:
    async with path(company=True) as (source, sizes, one):
        source.send(pipeline.FEW)
        await one.drained()
        source.send(pipeline.COMPANY)
        async with asyncio.timeout(LONG_S / 2):
            await one.drained()
    assert sum(sizes.batches) == pipeline.FEW + pipeline.COMPANY
