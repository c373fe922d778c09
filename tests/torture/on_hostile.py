"""One device does its worst while all the others behave."""

import asyncio
import random
from datetime import UTC, datetime

import orjson
import psutil
import psycopg

from ingest.simulator.publisher import Publisher
from tests.acceptance.fleet import PROJECT, Message, one, topic
from tests.torture.stage import Plan, Stage

PLAN = Plan(
    untimed_every=0, junk_every=0, postgres={"track_commit_timestamp": "on"},
    settings={"NOROSHI_INTAKE__DEVICE_ASIDE_BYTES": str(64 * 2**20)},
)  # fmt: skip
HOSTILE = f"noroshi/v1/{PROJECT}/hostile/up"
HONEST_PER_S = 10
FLOOD_BYTES_PER_S = 28_000_000
LARGE = 500_000
LATEST_MS = 10_000
"""While the allowance of the flood is used up; the median says how it is before and after."""
USUAL_MS = 2_000
MOST_MEMORY_MIB = 1_024

LATENCY = """
select percentile_cont(0.5) within group (order by ms), max(ms) from (
    select extract(epoch from pg_xact_commit_timestamp(xmin) - time) * 1000 as ms from uplink_packed
) as each
"""


def device(stage: Stage) -> None:
    """A hostile device: junk of 500 kB at 28 MB/s, and messages that become many rows; others in 2 s."""
    seconds = stage.size / HONEST_PER_S
    process, peak = psutil.Process(stage.service.process.pid), [0]

    async def all_of_it() -> None:
        honest = asyncio.create_task(_honest(stage, seconds))
        hostile = asyncio.create_task(_hostile(stage, seconds))
        while not honest.done():
            peak[0] = max(peak[0], process.memory_info().rss)
            await asyncio.sleep(0.1)
        await honest
        sent = await hostile
        stage.notes.append(f"{sent} hostile messages")

    asyncio.run(all_of_it())
    stage.done = 1
    stage.settle()
    with psycopg.connect(stage.database.url) as connection:
        p50, longest = connection.execute(LATENCY).fetchone() or (0, 0)
    kept = one(stage.database.url, "select coalesce(sum(octet_length(payload)), 0) from quarantine") / 2**20
    stage.notes.append(f"honest p50/max {p50:.0f}/{longest:.0f} ms, {kept:.0f} MiB kept, {peak[0] >> 20} MiB of memory")
    stage.expect(p50 < USUAL_MS, f"the honest device is stored within 2 s: {stage.notes[-1]}")
    stage.expect(longest < LATEST_MS, f"and at worst within 10 s: {stage.notes[-1]}")
    stage.expect(peak[0] >> 20 < MOST_MEMORY_MIB, f"memory stays below 1 GiB: {stage.notes[-1]}")
    stage.expect(kept < 2 * 64, f"what is kept of the flood is bounded: {stage.notes[-1]}")


async def _honest(stage: Stage, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    async with Publisher(stage.broker.url, "honest") as publisher:
        end_s = loop.time() + seconds
        while loop.time() < end_s:
            numbers = stage.sent.reserve(1)
            await publisher.publish_many([_message(number) for number in numbers])
            stage.sent.note(numbers, acknowledged=True)
            await asyncio.sleep(1 / HONEST_PER_S)


def _message(number: int) -> Message:
    body = {"seq": number, "ts": datetime.now(UTC).isoformat(), "readings": {"air_temperature": 18.5}}
    return topic(number % 20), orjson.dumps(body)


async def _hostile(stage: Stage, seconds: float) -> int:
    """Large junk at a steady rate, and now and then what becomes many rows."""
    loop, chance, sent = asyncio.get_running_loop(), random.Random(7), 0
    costly = orjson.dumps({"readings": {f"unknown_{number}": number for number in range(500)}})
    async with Publisher(stage.broker.url, "hostile") as publisher:
        begun_s = loop.time()
        while loop.time() < begun_s + seconds:
            await publisher.publish_many([(HOSTILE, chance.randbytes(LARGE))])
            sent += 1
            if sent % 50 == 0:
                await publisher.publish_many([(topic(0), costly)])
                stage.sent.equal += 1
                sent += 1
            await asyncio.sleep(max(begun_s + sent * LARGE / FLOOD_BYTES_PER_S - loop.time(), 0))
    return sent
