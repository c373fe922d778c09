"""What the broker grants a client like the service, and how far away it is."""

from typing import NamedTuple

import mqtt5

from ingest.mqtt.connection import FIRST_FAILURE
from ingest.mqtt.probe.session import Prober
from ingest.mqtt.wording import in_words


class Granted(NamedTuple):
    """The answer to our CONNECT and SUBSCRIBE. `refused`: filter and what the broker said to it."""

    session_expiry_s: int
    max_packet_bytes: int | None
    qos: int
    shared: bool
    retain: bool
    round_trip_s: float
    refused: list[tuple[str, str]]


async def ask(prober: Prober, filters: tuple[str, ...]) -> Granted:
    """Connect with what the service asks for, subscribe to what it subscribes to, and leave at once.

    The subscription is one of our own with QoS 0: the messages of the service stay in its session.
    """
    asked_s = prober.broker.session_expiry_s
    async with prober.visit("limits", expiry_s=asked_s) as visit:
        session = visit.session
        connack, round_trip_s = session.granted, await session.ping_s()
        codes = await session.subscribe(filters, qos=mqtt5.QoS.AT_MOST_ONCE)
    answers = zip(filters, codes, strict=True)
    refused = [(name, in_words(code, None)) for name, code in answers if code.value >= FIRST_FAILURE]
    expiry_s = asked_s if connack.session_expiry_interval is None else connack.session_expiry_interval
    return Granted(
        session_expiry_s=expiry_s,
        max_packet_bytes=connack.max_packet_size,
        qos=connack.max_qos.value,
        shared=connack.shared_subscription_available,
        retain=connack.retain_available,
        round_trip_s=round_trip_s,
        refused=refused,
    )
