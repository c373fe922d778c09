"""What the tests of the receive room share: settings, a running intake, a patient wait."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal

from ingest.message import Received
from ingest.receive.mqtt5 import Mqtt5Intake
from ingest.receive.mqtt311 import Mqtt311Intake
from ingest.settings.broker import BrokerSettings
from ingest.settings.model import IntakeSettings
from ingest.simulator.publisher import Publisher

AnyIntake = Mqtt5Intake | Mqtt311Intake
Protocol = Literal["5", "3.1.1"]
PUBLISHERS = itertools.count()
FILTER = "noroshi/v1/+/+/up"
TOPIC = "noroshi/v1/kochi/gauge-1/up"


def now_us() -> int:
    return time.time_ns() // 1000


def make_intake(
    protocol: Protocol,
    url: str,
    *,
    filters: Sequence[str] = (FILTER,),
    window: dict[str, int] | None = None,
    jitter: Callable[[], float] = lambda: 0.1,
    **broker: Any,
) -> AnyIntake:
    """An intake that reconnects quickly; further keywords are settings of the broker."""
    broker.setdefault("client_id", "noroshi-ingest")
    settings = BrokerSettings.model_validate({"url": url, "backoff_max_s": 1.0, "protocol": protocol, **broker})
    kind = Mqtt5Intake if protocol == "5" else Mqtt311Intake
    return kind(settings, IntakeSettings.model_validate(window or {}), filters, now_us=now_us, jitter=jitter)


@asynccontextmanager
async def running(intake: AnyIntake) -> AsyncIterator[AnyIntake]:
    """Run it, wait until it is connected, close it in the end."""
    task = asyncio.create_task(intake.run())
    try:
        await until(lambda: intake.connected or task.done())
        if task.done():
            await task
        yield intake
        await asyncio.wait_for(intake.close(), 60)
        await asyncio.wait_for(task, 60)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(condition: Callable[[], bool], within_s: float = 60.0) -> None:
    """Wait for a condition, not for time."""
    deadline_s = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline_s, "waited in vain"
        await asyncio.sleep(0.01)


async def take(intake: AnyIntake, count: int, within_s: float = 60.0) -> list[Received]:
    """Exactly `count` messages, unacknowledged."""
    taken: list[Received] = []
    async with asyncio.timeout(within_s):
        while len(taken) < count:
            taken += await intake.take(count - len(taken))
    return taken


async def nothing_comes(intake: AnyIntake, for_s: float = 0.5) -> bool:
    """Whether the broker stays silent; a short wait, since there is no condition to wait for."""
    try:
        async with asyncio.timeout(for_s):
            await intake.take(1)
    except TimeoutError:
        return True
    return False


def payloads(messages: Sequence[Received]) -> list[bytes]:
    return [message.payload for message in messages]


async def publish5(url: str, bodies: Sequence[bytes], topic: str = TOPIC) -> None:
    """Publish over MQTT 5, all acknowledged by the broker."""
    async with Publisher(url, f"test-field-{next(PUBLISHERS)}") as publisher:
        await publisher.publish_many((topic, body) for body in bodies)
