"""Faults of what is sent: junk, rows the database refuses, the same again and again, packet ids that come round."""

import asyncio

import psycopg
import pytest

from ingest.simulator.publisher import Publisher
from ingest.store.timescale import HYPERTABLES, Tier
from tests.acceptance.fleet import one
from tests.torture.sent import equal_message
from tests.torture.stage import Plan, Stage

BATCH = 200
POISON = Plan(junk_every=10 * BATCH, settings={"NOROSHI_INTAKE__BATCH_MESSAGES": str(BATCH)})
PLAIN = Plan(untimed_every=0, junk_every=0, settings={"NOROSHI_INTAKE__FRESH_LAG_S": "0"})
EVERY_TIME = Plan(untimed_every=3, junk_every=0, settings={"NOROSHI_BROKER__RECEIVE_MAXIMUM": "2000"})
PACKET_IDS = 65_535


def poison(stage: Stage) -> None:
    """A message that means nothing in every tenth batch: it costs its neighbours nothing."""
    stage.publish(stage.size)
    stage.done = stage.size // stage.sent.junk_every
    stage.settle()
    aside = one(stage.database.url, "select count(*) from quarantine")
    stage.expect(aside == stage.done, f"{stage.done} set aside, not {aside}")


def refused_row(stage: Stage) -> None:
    """A row that a check constraint of the database refuses, one among thousands: only that reading is set aside."""
    stage.service.terminate()
    refused = [stage.size // (stage.times + 1) * (n + 1) for n in range(stage.times)]
    with psycopg.connect(stage.database.url) as connection:
        for number in refused:
            moment_s = (stage.sent.base_ms + number) / 1000
            connection.execute(
                f"alter table reading_packed add constraint not_{number} check"
                f" (time <> to_timestamp({moment_s:.3f}) or amount >= 45 * per)".encode()
            )
    stage.publish(stage.size)
    stage.service.start()
    stage.done = len(refused)
    stage.settle()
    aside = one(stage.database.url, "select count(*) from quarantine where reason = 'database_refused' and part > 0")
    stage.expect(aside == len(refused), f"{len(refused)} readings set aside, not {aside}")
    stage.expect(stage.told.batch_splits > 0 or stage.service.metrics()["batch_splits"] > 0, "batch_splits counted it")


def again_and_again(stage: Stage) -> None:
    """A backfill three times over in other bursts, half of it stored already."""
    half = stage.size // 2
    stage.publish(half)
    stage.settle()
    _backfill(stage, half, times=3)


def into_compressed(stage: Stage) -> None:
    """The same where what was stored lies in compressed chunks by now, and a small limit says how much to unpack."""
    if stage.postgres.tier is not Tier.COMMUNITY:
        pytest.skip("only TimescaleDB of the community licence has a columnstore (--server community)")
    half = stage.size // 2
    stage.publish(half)
    stage.settle()
    with psycopg.connect(stage.database.url, autocommit=True) as connection:
        for table in HYPERTABLES:
            for (chunk,) in connection.execute("select show_chunks(%s)::text", (table,)).fetchall():
                connection.execute(f"call convert_to_columnstore('{chunk}')".encode())
        connection.execute(
            f"alter database {stage.database.name}"
            " set timescaledb.max_tuples_decompressed_per_dml_transaction = 100".encode()
        )
    _backfill(stage, half, times=2)


def _backfill(stage: Stage, stored: int, times: int) -> None:
    """Everything so many times, of which this many were stored before."""
    rest = stage.sent.reserve(stage.size - stored)
    everything = range(stage.size)

    async def send() -> None:
        async with Publisher(stage.broker.url, "backfill") as publisher:
            for _ in range(times):
                await publisher.publish_many(stage.sent.make(everything))
                stage.done += 1

    asyncio.run(send())
    stage.sent.note(rest, acknowledged=True)
    stage.sent.copies += times * stage.size - len(rest)
    stage.until(lambda: stage.service.settled() >= stored + times * stage.size, "all copies are settled", 60)
    stage.settle()
    expected = stored + (times - 1) * stage.size
    duplicates = one(stage.database.url, "select sum(duplicate)::int from tally")
    stage.expect(duplicates == expected, f"{expected} duplicates, not {duplicates}")


def ids_come_round(stage: Stage) -> None:
    """More messages than there are packet ids over one connection, then a broken link and a redelivery."""
    stage.publish(max(stage.size, PACKET_IDS + 5_000))
    stage.until(lambda: stage.service.settled() > PACKET_IDS, "the packet ids have come round", 60)
    stage.expect(stage.service.metrics()["broker_connects"] == 1, "over one connection")
    for _ in range(stage.times):
        stage.to_broker.freeze()
        stage.publish(500)
        stage.to_broker.cut()
        stage.to_broker.heal()
        stage.done += 1
    stage.settle()


def equal_bytes(stage: Stage) -> None:
    """A contact that says the same all day, without a time: each message is a measurement of its own.

    The packet ids come round, so a redelivered message may bear the id and the bytes of one that was stored long ago.
    """
    _same(stage, PACKET_IDS + 500)
    stage.settle()
    for _ in range(stage.times):
        stage.to_broker.freeze()
        _same(stage, 100)
        stage.to_broker.cut()
        stage.to_broker.heal()
        stage.done += 1
    stage.settle()
    stage.service.kill()
    _same(stage, 100)
    stage.service.start()
    stage.settle()


def _same(stage: Stage, count: int) -> None:
    async def send() -> None:
        async with Publisher(stage.broker.url, "contact") as publisher:
            await publisher.publish_many([equal_message()] * count)

    asyncio.run(send())
    stage.sent.equal += count
