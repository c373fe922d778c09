"""A flood from one device while all the others behave: how long do theirs take from publish to commit?"""

import asyncio
from datetime import UTC, datetime

import orjson
import psycopg

from ingest.simulator.publisher import Publisher
from tests.acceptance.fleet import Message, topic
from tests.torture.stage import Plan, Stage

DEVICES = 2_000
PLAN = Plan(devices=DEVICES, untimed_every=0, junk_every=0, postgres={"track_commit_timestamp": "on"})
CALM_PER_SECOND = 500
FLOOD_PER_SECOND = 5_000
PIECE = 50
LEAST_MS = 10
"""Below this a stray checkpoint decides, and nobody notices."""

# Milliseconds from publishing (the time in the payload) to COMMIT, of every device but the flooding one.
LATENCY = """
select percentile_cont(0.5) within group (order by ms), percentile_cont(0.99) within group (order by ms) from (
    select extract(epoch from pg_xact_commit_timestamp(u.xmin) - u.time) * 1000 as ms
    from uplink_packed u join device d using (device_id)
    where d.code <> 'dev-0' and u.counter >= %(first)s and u.counter < %(end)s
) as each
"""


def flood(stage: Stage) -> None:
    """A flood from one device: the others beside it, and the others alone before, within twice the time."""
    seconds = max(stage.size / CALM_PER_SECOND / 2, 1)
    asyncio.run(_stream(stage, seconds, CALM_PER_SECOND, calm=True))
    middle = stage.sent.made.stop

    async def both() -> None:
        calm = _stream(stage, seconds, CALM_PER_SECOND, calm=True)
        await asyncio.gather(calm, _stream(stage, seconds, FLOOD_PER_SECOND, calm=False))

    asyncio.run(both())
    stage.done = 1
    stage.settle()
    alone, beside = _latency_ms(stage, 0, middle), _latency_ms(stage, middle, stage.sent.made.stop)
    stage.notes.append(f"others, p50/p99: {_shown(alone)} ms alone, {_shown(beside)} ms beside the flood")
    for one, other in zip(alone, beside, strict=True):
        stage.expect(other <= 2 * max(one, LEAST_MS), f"the others' latency stays within twice: {stage.notes[-1]}")


async def _stream(stage: Stage, seconds: float, per_second: int, *, calm: bool) -> None:
    loop = asyncio.get_running_loop()
    next_s = loop.time()
    end_s = next_s + seconds
    async with Publisher(stage.broker.url, "others" if calm else "flood") as publisher:
        while next_s < end_s:
            numbers = stage.sent.reserve(PIECE)
            await publisher.publish_many([_message(number, calm=calm) for number in numbers])
            stage.sent.note(numbers, acknowledged=True)
            next_s += PIECE / per_second
            await asyncio.sleep(max(next_s - loop.time(), 0))


def _message(number: int, *, calm: bool) -> Message:
    now = datetime.now(UTC).isoformat()
    device = 1 + number % (DEVICES - 1) if calm else 0
    return topic(device), orjson.dumps({"seq": number, "ts": now, "readings": {"air_temperature": 18.5}})


def _latency_ms(stage: Stage, first: int, end: int) -> tuple[float, float]:
    with psycopg.connect(stage.database.url) as connection:
        p50, p99 = connection.execute(LATENCY, {"first": first, "end": end}).fetchone() or (0, 0)
    return p50, p99


def _shown(latency: tuple[float, float]) -> str:
    return "/".join(f"{ms:.0f}" for ms in latency)
