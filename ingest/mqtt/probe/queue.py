"""Does the broker keep messages for a client that is away? Some are queued and fetched again."""

from typing import NamedTuple

from ingest.mqtt.probe.session import SESSION_S, ProbeNotPermitted, Prober, ProbeSession
from schemas.bilingual import quoted

QUIET_S = 1.5
SETTLED_S = 0.5


class Queued(NamedTuple):
    """`accepted`: acknowledged as taken; `returned`: of these came back.

    `window_asked`: our receive maximum; `window`: how many came before we acknowledged one.
    """

    sent: int
    accepted: int
    returned: int
    session_kept: bool
    window_asked: int
    window: int


async def try_out(prober: Prober, messages: int) -> Queued:
    """Queue this many small messages for a client that is away, and see it fetch them. Raises ProbeNotPermitted."""
    topic, window_asked = prober.topic("queue"), max(1, messages // 2)
    async with prober.visit("queue", expiry_s=SESSION_S, receive_max=window_asked) as visit:
        await visit.session.subscribe([topic])
        async with prober.visit("sender") as sender:
            await _canary(sender.session, visit.session, topic)
            await visit.session.leave()
            accepted = await _publish(sender.session, topic, messages)
        session = await visit.again()
        if not session.granted.session_present:
            return Queued(messages, accepted, 0, session_kept=False, window_asked=window_asked, window=0)
        await session.gather(accepted, quiet_s=SETTLED_S)
        window = len(session.messages)
        await _fetch(session, accepted)
        return Queued(
            messages,
            accepted,
            len(session.payloads()),
            session_kept=True,
            window_asked=window_asked,
            window=window,
        )


async def _canary(sender: ProbeSession, receiver: ProbeSession, topic: str) -> None:
    """Send one message while both are connected. A receiver that may not read it may not read the others.

    Raises ProbeNotPermitted.
    """
    await sender.publish(topic, [b"canary"])
    await receiver.gather(1, quiet_s=QUIET_S)
    if not receiver.messages:
        raise ProbeNotPermitted(quoted(topic))
    receiver.acknowledge(receiver.messages)


async def _publish(sender: ProbeSession, topic: str, messages: int) -> int:
    """How many the broker took responsibility for."""
    before = sender.taken()
    await sender.publish(topic, [str(number).encode() for number in range(messages)])
    return sender.taken() - before


async def _fetch(session: ProbeSession, wanted: int) -> None:
    """Acknowledge what came, until nothing comes any more."""
    done = 0
    while done < len(session.messages):
        fresh = session.messages[done:]
        done += len(fresh)
        session.acknowledge(fresh)
        await session.gather(min(done + 1, wanted), quiet_s=QUIET_S)
