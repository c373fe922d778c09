"""Does the broker respect our receive maximum when messages keep coming and acknowledgements flow?"""

from typing import NamedTuple

from ingest.mqtt.probe.session import Prober

ASKED = 5
MESSAGES = 60
BIT = 5
QUIET_S = 0.5


class Window(NamedTuple):
    """`most`: how many were unacknowledged at the worst, where we allow `asked`."""

    asked: int
    most: int


async def try_out(prober: Prober) -> Window:
    """Let the window fill up, then acknowledge bit by bit. Raises ProbeNotPermitted."""
    topic = prober.topic("window")
    async with prober.visit("window", receive_max=ASKED) as visit, prober.visit("window-sender") as sender:
        session, done = visit.session, 0
        await session.subscribe([topic])
        await sender.session.publish(topic, [str(number).encode() for number in range(MESSAGES)])
        await session.gather(ASKED, quiet_s=QUIET_S)
        while done < len(session.messages):
            fresh = session.messages[done : done + BIT]
            done += len(fresh)
            session.acknowledge(fresh)
            await session.gather(min(done + 1, MESSAGES), quiet_s=QUIET_S)
        return Window(ASKED, session.most_under_way)
