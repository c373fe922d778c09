"""The throw-away clients of one examination: their connections, their names, their topics."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any, Self
from uuid import uuid4

import mqtt5

from ingest.errors import BrokerUnavailable, NoroshiError
from ingest.mqtt.address import Address, address_of
from ingest.mqtt.connection import FIRST_FAILURE, PINGREQ, Connection, connect, subscribe
from ingest.mqtt.tls import tls_context
from ingest.mqtt.wording import silent_on_subscribe
from ingest.settings.broker import BrokerSettings
from schemas.bilingual import Bilingual, quoted

TOPICS = "noroshi/doctor"
"""Everything an examination publishes is below this topic; no route of ours subscribes to it."""

SESSION_S = 60
"""How long the broker keeps a session that we could not remove, because the examination was stopped."""

WINDOW = 500
ANSWER_S = 5.0


class ProbeNotPermitted(NoroshiError):
    """The broker does not let our user publish or subscribe on the topics of the examination."""


class ProbeSession(Connection):
    """One connection that keeps whatever comes and acknowledges only when told."""

    def __init__(self, connect_packet: mqtt5.ConnectPacket, address: Address) -> None:
        super().__init__(connect_packet, address)
        self.messages: list[mqtt5.PublishPacket] = []
        self.answers: Counter[int] = Counter()
        self.under_way = 0
        self.most_under_way = 0
        self.pong = asyncio.Event()
        self._moved = asyncio.Event()
        self._packet_ids = count()
        self._owed = 0
        self.lost.add_done_callback(lambda _: self._moved.set())

    @property
    def granted(self) -> mqtt5.ConnAckPacket:
        """What the broker said to our CONNECT."""
        return self.connack.result()

    def on_packets(self, packets: list[mqtt5.Packet]) -> None:
        """Keep messages and answers."""
        for packet in packets:
            match packet:
                case mqtt5.PublishPacket():
                    self.messages.append(packet)
                    self._count(packet)
                case mqtt5.PubAckPacket():
                    self.answers[packet.reason_code.value] += 1
                case mqtt5.PingRespPacket():
                    self.pong.set()
                case _:
                    self.control(packet)
        self._moved.set()

    async def ping_s(self) -> float:
        """The round trip to the broker, in seconds."""
        began_s = self._loop.time()
        self.transport.write(PINGREQ)
        async with asyncio.timeout(ANSWER_S):
            await self.pong.wait()
        return self._loop.time() - began_s

    async def subscribe(
        self, filters: Sequence[str], *, qos: mqtt5.QoS = mqtt5.QoS.AT_LEAST_ONCE, retained: bool = False
    ) -> list[mqtt5.SubAckReasonCode]:
        """One answer for each filter. `retained`: whether kept messages come too."""
        handling = mqtt5.RetainHandling.SEND_ALWAYS if retained else mqtt5.RetainHandling.SEND_NEVER
        topics = [mqtt5.TopicFilter(topic_filter, max_qos=qos, retain_handling=handling) for topic_filter in filters]
        answer = await subscribe(self, topics, self._next_id(), timeout_s=ANSWER_S)
        self._check()
        if answer is None:
            raise silent_on_subscribe(self.address, ANSWER_S)
        return answer.reason_codes

    async def publish(self, topic: str, payloads: Sequence[bytes], *, retain: bool = False) -> None:
        """Publish with QoS 1 and wait for every answer. Raises ProbeNotPermitted.

        The first one goes alone: Mosquitto 2.0 closes the connection of a client that may not publish, and its answer
        to a single message still gets through.
        """
        window, rest = 1, list(payloads)
        while rest:
            burst, rest = rest[:window], rest[window:]
            window = min(WINDOW, self.granted.receive_max)
            self._owed += len(burst)
            self.transport.write(b"".join(self._packets(topic, burst, retain=retain)))
            while self.answers.total() < self._owed:
                await self._movement(
                    ANSWER_S,
                    Bilingual(
                        f"は {topic} に送ったものの受領を返しません",
                        f"does not acknowledge what is published to {topic}",
                    ),
                )

    async def gather(self, wanted: int, *, quiet_s: float) -> None:
        """Wait until `wanted` messages have come in all, or none has for `quiet_s`."""
        while len(self.messages) < wanted and await self._moves(quiet_s):
            pass

    def acknowledge(self, messages: Sequence[mqtt5.PublishPacket]) -> None:
        """Acknowledge these messages: the broker does not deliver them again."""
        acks = [mqtt5.PubAckPacket(one.packet_id).write() for one in messages if one.packet_id]
        self.under_way -= len(acks)
        self.transport.write(b"".join(acks))

    def taken(self) -> int:
        """How many of our messages the broker has taken responsibility for."""
        return sum(number for code, number in self.answers.items() if code < FIRST_FAILURE)

    def payloads(self) -> set[bytes]:
        """What came, each once."""
        return {bytes(message.payload) for message in self.messages}

    async def drop_dead(self) -> None:
        """Close the socket as if the process were killed: no DISCONNECT, nothing acknowledged."""
        self.transport.abort()
        await asyncio.wait({self.lost}, timeout=ANSWER_S)

    def _packets(self, topic: str, payloads: Sequence[bytes], *, retain: bool) -> Iterator[bytes]:
        for payload in payloads:
            yield mqtt5.PublishPacket(
                topic, payload, qos=mqtt5.QoS.AT_LEAST_ONCE, packet_id=self._next_id(), retain=retain
            ).write()

    def _count(self, message: mqtt5.PublishPacket) -> None:
        """The receive maximum bounds what has come and is not acknowledged."""
        if message.packet_id:
            self.under_way += 1
            self.most_under_way = max(self.most_under_way, self.under_way)

    def _next_id(self) -> int:
        return next(self._packet_ids) % 65_535 + 1

    def _check(self) -> None:
        if mqtt5.PubAckReasonCode.NOT_AUTHORIZED.value in self.answers:
            raise ProbeNotPermitted(quoted(TOPICS))
        if self.lost.done():
            raise self.lost.result()

    async def _moves(self, within_s: float) -> bool:
        self._check()
        self._moved.clear()
        try:
            async with asyncio.timeout(within_s):
                await self._moved.wait()
        except TimeoutError:
            return False
        self._check()
        return True

    async def _movement(self, within_s: float, otherwise: Bilingual) -> None:
        if not await self._moves(within_s):
            raise BrokerUnavailable(Bilingual(f"{self.address} {otherwise.ja}", f"{self.address} {otherwise.en}"))


class Prober:
    """Connects as the user of the service, under client ids of its own, and removes its sessions afterwards."""

    def __init__(self, broker: BrokerSettings) -> None:
        self.broker = broker
        self.address = address_of(broker)
        self.token = uuid4().hex[:12]

    def named(self, name: str) -> str:
        """The client id of one part of the examination."""
        return f"noroshi-doctor-{self.token}-{name}"

    def topic(self, name: str) -> str:
        """The topic of one part of the examination."""
        return f"{TOPICS}/{self.token}/{name}"

    async def connect(
        self, name: str, *, expiry_s: int = 0, receive_max: int = 65_535, clean: bool = True
    ) -> ProbeSession:
        """A connection of one part. Raises BrokerUnavailable, BrokerRefused, SettingsRefused."""
        address = self.address
        packet = mqtt5.ConnectPacket(
            self.named(name),
            username=address.username,
            password=address.password_bytes,
            clean_start=clean,
            keep_alive=self.broker.keep_alive_s,
            session_expiry_interval=expiry_s,
            receive_max=receive_max,
        )
        context = tls_context(self.broker, address)
        return await connect(
            lambda: ProbeSession(packet, address), address, context, min(self.broker.connect_timeout_s, ANSWER_S)
        )

    def visit(self, name: str, **words: Any) -> "Visit":
        """`async with prober.visit("queue") as session:` a session that is removed at the end."""
        return Visit(self, name, words)


class Visit:
    """A connection that may be given up and taken up again under the same name; at the end its session is removed."""

    def __init__(self, prober: Prober, name: str, words: dict[str, Any]) -> None:
        self._prober = prober
        self._name = name
        self._words = words
        self.session: ProbeSession

    async def __aenter__(self) -> Self:
        self.session = await self._prober.connect(self._name, **self._words)
        return self

    async def again(self, **words: Any) -> ProbeSession:
        """The same client comes back to its session."""
        self.session = await self._prober.connect(self._name, **self._words | words, clean=False)
        return self.session

    async def __aexit__(self, *_: object) -> None:
        if self.session.lost.done():
            return  # the broker forgets it after SESSION_S
        await self.session.leave(for_good=True)
