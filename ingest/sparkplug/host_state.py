"""Tells Sparkplug nodes that wait for it whether we listen: the STATE of a primary host (Sparkplug 3.0, 5.3).

A connection of its own, because its will tells the nodes when we are gone, and because it is only there while the
intake is: a node that reads `online: false` may keep what it measures until somebody listens again.
"""

import asyncio
import json
import random
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

import mqtt5
import structlog

from ingest.errors import BrokerRefused, BrokerUnavailable
from ingest.mqtt.address import Address, address_of
from ingest.mqtt.connection import (
    FIRST_FAILURE,
    GOODBYE_TIMEOUT_S,
    Connection,
    all_granted,
    connect,
    first_of,
    subscribe,
)
from ingest.mqtt.tls import tls_context
from ingest.runtime.backoff import Backoff
from ingest.settings.broker import BrokerSettings
from ingest.settings.routes import SPARKPLUG_STATE
from schemas.bilingual import Bilingual

log = structlog.get_logger("ingest.receive")

POLL_S = 0.2
ANSWER_AGAIN_AFTER_S = 1.0
"""We answer no more often than this: two programs must not contradict each other without end."""


class State(NamedTuple):
    """A STATE message. `online` None: no such message, as the ONLINE of Sparkplug 2 or an empty one."""

    online: bool | None
    at_ms: int = 0


def written(said: State) -> bytes:
    """The payload of a STATE message."""
    return json.dumps({"online": said.online, "timestamp": said.at_ms}, separators=(",", ":")).encode()


def read(payload: bytes) -> State:
    """A STATE message as somebody else may have written it; never raises."""
    try:
        document = json.loads(payload)
    except (ValueError, RecursionError):
        return State(None)
    if not isinstance(document, dict) or type(document.get("online")) is not bool:
        return State(None)
    at_ms = document.get("timestamp")
    return State(document["online"], at_ms if type(at_ms) is int and 0 <= at_ms < 2**53 else 0)


class _StateSession(Connection):
    """The connection on which STATE is published. It subscribes to its own topic, to notice who contradicts it."""

    def __init__(self, packet: mqtt5.ConnectPacket, address: Address, topic: str, at_ms: int) -> None:
        super().__init__(packet, address)
        self.at_ms = at_ms
        self.heard: asyncio.Queue[tuple[State, bool]] = asyncio.Queue()
        self._topic = topic
        self._packet_id = 1

    def on_packets(self, packets: list[mqtt5.Packet]) -> None:
        """Acknowledge and keep STATE messages; if the broker refuses ours, end the connection with the reason."""
        for packet in packets:
            if isinstance(packet, mqtt5.PublishPacket):
                self.heard.put_nowait((read(packet.payload), packet.retain))
                if packet.packet_id:
                    self.transport.write(mqtt5.PubAckPacket(packet.packet_id).write())
            elif not isinstance(packet, mqtt5.PubAckPacket):
                self.control(packet)
            elif packet.reason_code.value >= FIRST_FAILURE:
                self.drop(_not_allowed(self.address, self._topic))

    async def subscribe(self, timeout_s: float) -> mqtt5.SubAckPacket | None:
        """Subscribe to its own topic: the retained message there is delivered, our own publications are not."""
        own = mqtt5.TopicFilter(self._topic, max_qos=mqtt5.QoS.AT_LEAST_ONCE, no_local=True, retain_as_published=False)
        return await subscribe(self, [own], 1, timeout_s=timeout_s)

    def say(self, said: State) -> None:
        """Publish this state, with QoS 1 and retained."""
        self._packet_id = self._packet_id % 65_535 + 1
        packet = mqtt5.PublishPacket(
            self._topic, written(said), qos=mqtt5.QoS.AT_LEAST_ONCE, retain=True, packet_id=self._packet_id
        )
        self.transport.write(packet.write())


class HostState:
    """Keeps STATE online while `listening()` is true and the broker answers. A failure here stops nothing else."""

    def __init__(
        self, broker: BrokerSettings, host_id: str, *, listening: Callable[[], bool], now_ms: Callable[[], int]
    ) -> None:
        self._broker = broker
        self._address = address_of(broker)
        self._topic = SPARKPLUG_STATE + host_id
        self._listening = listening
        self._now_ms = now_ms
        self._backoff = Backoff(broker.backoff_max_s, random.random)
        self._heard_ms = 0
        self._trouble = ""
        self._closing = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    async def run(self) -> None:
        """Run until `close` or cancelled."""
        self._idle.clear()
        try:
            while not self._closing.is_set():
                if not self._listening():
                    await self._rest(POLL_S)
                    continue
                try:
                    await self._one_connection()
                except BrokerUnavailable as error:
                    self._say(str(error))
                    await self._rest(self._backoff.pause_s())
                except BrokerRefused as error:
                    self._say(str(error))
                    await self._rest(self._backoff.long_pause_s())
        finally:
            self._idle.set()

    async def close(self) -> None:
        """Tell the nodes that nobody listens any more, and disconnect."""
        self._closing.set()
        with suppress(TimeoutError):  # an attempt to connect may take longer, but then nothing was promised
            async with asyncio.timeout(2 * GOODBYE_TIMEOUT_S):
                await self._idle.wait()

    async def _one_connection(self) -> None:
        """One connection, until nobody listens any more or a later STATE of another must be overruled by a new session.

        Raises BrokerUnavailable or BrokerRefused.
        """
        session = await self._connected()
        try:
            answer = await session.subscribe(self._broker.connect_timeout_s)
            if session.lost.done():
                raise session.lost.result()
            if not all_granted(answer):
                raise _not_allowed(self._address, self._topic)
            session.say(State(online=True, at_ms=session.at_ms))
            log.info("sparkplug_host_online", topic=self._topic)
            self._trouble = ""
            await self._stay(session)
        finally:
            session.transport.abort()  # what `leave` has ended already is not ended twice

    async def _connected(self) -> _StateSession:
        """A new session with a will of this moment; nodes ignore what is older than what they read last."""
        at_ms = max(self._now_ms(), self._heard_ms)
        broker, address = self._broker, self._address
        will = mqtt5.Will(
            self._topic, payload=written(State(online=False, at_ms=at_ms)), qos=mqtt5.QoS.AT_LEAST_ONCE, retain=True
        )
        packet = mqtt5.ConnectPacket(
            f"{broker.client_id_in_use}-host",
            username=address.username,
            password=address.password_bytes,
            clean_start=True,
            will=will,
            keep_alive=broker.keep_alive_s,
        )
        try:
            return await connect(
                lambda: _StateSession(packet, address, self._topic, at_ms),
                address,
                tls_context(broker, address),
                broker.connect_timeout_s,
            )
        except BrokerRefused as error:
            why, advice = error.said, _advice(self._topic)
            raise BrokerRefused(
                Bilingual(
                    f"{why.ja}。遺言(will)を断っているかもしれません。{advice.ja}",
                    f"{why.en}; it may refuse our will: {advice.en}",
                )
            ) from error

    async def _stay(self, session: _StateSession) -> None:
        answered_s = -ANSWER_AGAIN_AFTER_S
        loop = asyncio.get_running_loop()
        while self._listening() and not self._closing.is_set():
            waiting = asyncio.ensure_future(session.heard.get())
            closing = asyncio.ensure_future(self._closing.wait())
            try:
                await first_of(waiting, closing, session.lost, timeout_s=POLL_S)
            finally:
                heard = waiting.result() if waiting.done() else None
                waiting.cancel()
                closing.cancel()
            if session.lost.done():
                raise session.lost.result()
            if heard is None:
                continue
            state, retained = heard
            await asyncio.sleep(max(0.0, answered_s + ANSWER_AGAIN_AFTER_S - loop.time()))
            if self._overruled(session, state, retained):
                await session.leave()
                return
            if not state.online and not retained:  # what stood there before is replaced already
                session.say(State(online=True, at_ms=session.at_ms))
                answered_s = loop.time()
        session.say(State(online=False, at_ms=max(self._now_ms(), session.at_ms)))
        await session.leave()
        log.info("sparkplug_host_offline", topic=self._topic)

    def _overruled(self, session: _StateSession, state: State, retained: bool) -> bool:  # noqa: FBT001  as MQTT has it
        """Whether nodes will believe this rather than us, since it is later: then only a later session helps.

        Another program that publishes now that it is online uses our host id: answering it would never end.
        """
        self._heard_ms = max(self._heard_ms, state.at_ms)
        if state.online and not retained:
            self._say(f"a second program says on {self._topic} that it is online: give each its own sparkplug.host_id")
            return False
        return state.at_ms > session.at_ms

    async def _rest(self, pause_s: float) -> None:
        await first_of(closing := asyncio.ensure_future(self._closing.wait()), timeout_s=pause_s)
        closing.cancel()

    def _say(self, trouble: str) -> None:
        """Log a trouble, unless it is the one logged last."""
        if trouble != self._trouble:
            log.warning("sparkplug_host_state", trouble=trouble)
        self._trouble = trouble


def _not_allowed(address: Address, topic: str) -> BrokerRefused:
    advice = _advice(topic)
    return BrokerRefused(
        Bilingual(
            f"{address} は {topic} の読み書きを許しません。{advice.ja}",
            f"{address} does not let us speak and listen on {topic}: {advice.en}",
        )
    )


def _advice(topic: str) -> Bilingual:
    return Bilingual(
        f"noroshi broker apply を実行するか、利用者に {topic} の権利を与えるか、sparkplug.host_id を消してください",
        f"run `noroshi broker apply`, give our user the right to {topic}, or remove sparkplug.host_id",
    )
