"""Does the broker remember across its own restart? A retained mark from an earlier examination tells."""

from datetime import datetime, timedelta
from typing import NamedTuple

from ingest.mqtt.probe.session import TOPICS, Prober, ProbeSession

UPTIME = "$SYS/broker/uptime"
DROPPED = "$SYS/broker/publish/messages/dropped"
QUIET_S = 1.0
LONGEST_UPTIME_S = 100 * 366 * 86_400


class Memory(NamedTuple):
    """`mark`: when an earlier examination left its mark; `started`: of the broker; None: it does not say.

    `dropped`: messages it has dropped since then, by its own count.
    """

    mark: datetime | None
    started: datetime | None
    dropped: int | None


async def look(prober: Prober, now: datetime) -> Memory:
    """Read the mark and what the broker says of itself; leave a mark where there is none. Raises ProbeNotPermitted."""
    topic = f"{TOPICS}/mark"
    async with prober.visit("mark") as visit:
        session = visit.session
        await session.subscribe([topic, UPTIME, DROPPED], retained=True)
        await session.gather(3, quiet_s=QUIET_S)
        mark = _time(_payload_on(session, topic))
        uptime_s = _number(_payload_on(session, UPTIME))
        if mark is None and session.granted.retain_available:
            await session.publish(topic, [now.isoformat().encode()], retain=True)
        return Memory(mark, started_at(now, uptime_s), _number(_payload_on(session, DROPPED)))


def started_at(now: datetime, uptime_s: int | None) -> datetime | None:
    """When the broker started; None where it does not say, or says more seconds than there are.

    Mosquitto 2.1 counts without a sign: in the second of its start it may say 2**64 - 1.
    """
    if uptime_s is None or uptime_s > LONGEST_UPTIME_S:
        return None
    return now - timedelta(seconds=uptime_s)


def _payload_on(session: ProbeSession, topic: str) -> str:
    return next((bytes(one.payload).decode(errors="replace") for one in session.messages if one.topic == topic), "")


def _time(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _number(text: str) -> int | None:
    """`12345 seconds`, or a number alone."""
    first = text.split(" ", maxsplit=1)[0]
    return int(first) if first.isascii() and first.isdigit() else None
