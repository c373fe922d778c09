"""What becomes of the messages of a worker that dies: a group of two is tried out, and one of them is killed."""

import asyncio
from collections.abc import Callable
from typing import NamedTuple

import mqtt5

from ingest.mqtt.probe.session import SESSION_S, ProbeNotPermitted, Prober, ProbeSession, Visit
from schemas.bilingual import quoted

EACH = 20
QUIET_S = 1.5
TICK_S = 0.05
NOT_KNOWN = mqtt5.SubAckReasonCode.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED


class Shared(NamedTuple):
    """`moved`: went to the living member instead; `again`: waited for the dead one. `lost`: came to neither."""

    sent: int
    moved: int
    again: int
    lost: int
    dealt_to_the_dead: int


async def try_out(prober: Prober) -> Shared | None:
    """None: the broker knows no shared subscriptions. Raises ProbeNotPermitted."""
    topic = prober.topic("share")
    group = f"$share/{prober.named('group')}/{topic}"
    async with (
        prober.visit("living", expiry_s=SESSION_S) as living,
        prober.visit("dead", expiry_s=SESSION_S) as dead,
        prober.visit("share-sender") as sender,
    ):
        if not living.session.granted.shared_subscription_available:
            return None  # RabbitMQ grants the subscription all the same, and delivers nothing
        for member in (living, dead):
            (code,) = await member.session.subscribe([group])
            if code == NOT_KNOWN:
                return None
        return await _kill_one(living, dead, sender.session, topic)


async def _kill_one(living: Visit, dead: Visit, sender: ProbeSession, topic: str) -> Shared:
    """Half of the messages while both are there, half while one is dead; then it comes back."""
    first, second = _payloads(0), _payloads(EACH)
    alive, dying = living.session, dead.session
    await sender.publish(topic, first)
    await _settle(alive, lambda: len(alive.messages) + len(dying.messages) >= EACH)
    if not alive.messages and not dying.messages:
        raise ProbeNotPermitted(quoted(topic))
    held = dying.payloads()
    await dying.drop_dead()
    await sender.publish(topic, second)
    await _settle(alive, lambda: len(alive.payloads()) >= 2 * EACH)
    heard = alive.payloads()
    back = await dead.again()
    await _settle(alive, lambda: alive.payloads() | back.payloads() >= {*first, *second})
    returned = back.payloads()
    return Shared(
        sent=2 * EACH,
        moved=len(heard & held),
        again=len(held & returned),
        lost=len({*first, *second} - alive.payloads() - returned),
        dealt_to_the_dead=len({*second} - heard),
    )


def _payloads(start: int) -> list[bytes]:
    return [str(number).encode() for number in range(start, start + EACH)]


async def _settle(alive: ProbeSession, enough: Callable[[], bool]) -> None:
    """Let what comes come, until it is enough or quiet. Only the living member acknowledges."""
    loop = asyncio.get_running_loop()
    done, quiet_at = 0, loop.time() + QUIET_S
    while loop.time() < quiet_at and not enough():
        await asyncio.sleep(TICK_S)
        fresh = alive.messages[done:]
        if fresh:
            alive.acknowledge(fresh)
            done, quiet_at = done + len(fresh), loop.time() + QUIET_S
