"""The fast intake: an own small MQTT 5 session, since receiving is what this program exists for."""

import asyncio
import struct
from collections.abc import Awaitable, Callable, Sequence

import mqtt5

from ingest.errors import BrokerRefused, BrokerUnavailable
from ingest.message import Received
from ingest.mqtt.address import Address
from ingest.mqtt.connection import Connection, connect, first_of
from ingest.mqtt.probe.deal import deals
from ingest.mqtt.probe.plain import TrialFailed
from ingest.mqtt.tls import tls_context
from ingest.mqtt.wording import filter_refused, in_words, only_qos_0, silent_on_subscribe
from ingest.receive.arrival_clock import Arrivals
from ingest.receive.buffer import Inbox
from ingest.receive.reconnecting import ReconnectingIntake
from ingest.receive.terms import SHARED, about, check_terms, lowered, no_shared_subscriptions
from ingest.settings.routes import tells_of_downlinks
from schemas.bilingual import Bilingual

PUBACK_SUCCESS = 0x4002_0000  # the whole packet, with the packet id in its last two bytes
DEALING_WITHIN_S = 5.0
SUBSCRIBE_ID = 1  # the only packet of ours that has an id


class Receiver(Connection):
    """One connection of the intake: PUBLISH packets go to the inbox as fast as Python allows."""

    def __init__(
        self,
        connect_packet: mqtt5.ConnectPacket,
        address: Address,
        inbox: Inbox,
        generation: int,
        arrivals: Arrivals,
    ) -> None:
        super().__init__(connect_packet, address)
        self._inbox = inbox
        self._generation = generation
        self._arrivals = arrivals

    def on_packets(self, packets: list[mqtt5.Packet]) -> None:
        """Hand the messages of one read over together: the clock is read once, and the pipeline is woken once."""
        at_us, generation = self._arrivals.next(len(packets)), self._generation
        publish, exactly_once = mqtt5.PublishPacket, mqtt5.QoS.EXACTLY_ONCE
        messages: list[Received] = []
        payload_bytes = 0
        for packet in packets:
            if not isinstance(packet, publish):
                self.control(packet)
            elif packet.qos is exactly_once:
                self.drop(self._unexpected_qos2(packet))
            else:
                payload = packet.payload
                payload_bytes += len(payload)
                messages.append(
                    Received(
                        packet.topic,
                        payload,
                        at_us,
                        packet.packet_id or 0,
                        generation,
                        packet.retain,
                        packet.duplicate,
                    )
                )
                at_us += 1
        if messages:
            self._inbox.put(messages, payload_bytes)
            if self._inbox.above_high_watermark:
                self.pause_reading()

    def acknowledge(self, packet_ids: Sequence[int]) -> None:
        """Send these acknowledgements in one write."""
        if packet_ids and not self.transport.is_closing():
            acks = [PUBACK_SUCCESS | packet_id for packet_id in packet_ids]
            self.transport.write(struct.pack(f">{len(acks)}I", *acks))

    def _unexpected_qos2(self, packet: mqtt5.PublishPacket) -> BrokerUnavailable:
        return BrokerUnavailable(
            Bilingual(
                f"{self.address} が {packet.topic} を、求めていない QoS 2 で送ってきました。"
                "この broker.client_id のセッションは別のプログラムのものです。別のものにしてください",
                f"{self.address} delivers {packet.topic} with QoS 2, which we never asked for: the session of our"
                " broker.client_id belongs to another program; choose another one",
            )
        )


async def _nothing() -> None:
    pass


class Mqtt5Intake(ReconnectingIntake):
    """Intake over MQTT 5: persistent session, QoS 1, acknowledged by `acknowledge` only.

    `before_connect` is awaited before every attempt; `new_session` when the broker says that it kept none for us.
    """

    before_connect: Callable[[], Awaitable[None]] = staticmethod(_nothing)
    new_session: Callable[[], Awaitable[None]] = staticmethod(_nothing)

    _session: Receiver | None = None
    _clean_start = False
    _dealt = False
    _qos = mqtt5.QoS.AT_LEAST_ONCE

    async def _connection(self) -> None:
        await self.before_connect()
        context = tls_context(self._broker, self._address)
        session = await connect(self._make_receiver, self._address, context, self._broker.connect_timeout_s)
        self._session = session
        if self._paused:
            session.pause_reading()
        try:
            await self._check_terms(session.connack.result())
            if not session.connack.result().session_present:
                self.watch.no_session()
                await self.new_session()
            await self._subscribe(session)
            self._standing()
            await asyncio.wait({session.lost})
            raise session.lost.result()
        finally:
            session.transport.abort()

    async def _check_terms(self, said: mqtt5.ConnAckPacket) -> None:
        check_terms(said, self._broker, self._filters, self._qos, self._address)
        if less := lowered(said, self._broker):
            self._log.warning("broker_lowers_session_expiry", trouble=less)
        if not self._dealt and any(one.startswith(SHARED) for one in self._filters):
            await self._try_dealing()

    async def _try_dealing(self) -> None:
        """Try a shared subscription: a broker may grant it as an ordinary topic, and workers would receive nothing.

        Raises BrokerRefused where that is so.
        """
        try:
            self._dealt = await deals(self._broker, patience_s=min(self._broker.connect_timeout_s, DEALING_WITHIN_S))
        except TrialFailed as error:
            self._log.warning("shared_subscription_not_examined", trouble=str(error))
        else:
            if not self._dealt:
                raise BrokerRefused(about(self._address, no_shared_subscriptions()))

    def _make_receiver(self) -> Receiver:
        broker, address = self._broker, self._address
        # No maximum packet size: a broker drops what is larger without a word, and no one would notice.
        packet = mqtt5.ConnectPacket(
            broker.client_id_in_use,
            username=address.username,
            password=address.password_bytes,
            clean_start=self._clean_start,
            keep_alive=broker.keep_alive_s,
            session_expiry_interval=broker.session_expiry_s,
            receive_max=broker.receive_maximum,
        )
        return Receiver(packet, address, self._inbox, self._generation, self._arrivals)

    async def _subscribe(self, session: Receiver) -> None:
        """Subscribe on every connection: a session that the broker says it kept may lack a filter."""
        filters = [
            mqtt5.TopicFilter(
                topic_filter,
                max_qos=self._qos,
                retain_as_published=False,
                retain_handling=mqtt5.RetainHandling.SEND_NEVER,
            )
            for topic_filter in self._filters
        ]
        session.transport.write(mqtt5.SubscribePacket(SUBSCRIBE_ID, filters).write())
        suback = await self._await_suback(session)
        for topic_filter, code in zip(self._filters, suback.reason_codes, strict=True):
            if code.value != self._qos.value:  # a granted QoS is its own reason code
                refused = self._not_granted(topic_filter, code, suback.reason_str)
                if not tells_of_downlinks(topic_filter):
                    raise refused
                self._without(topic_filter, refused)

    def _not_granted(self, topic_filter: str, code: mqtt5.SubAckReasonCode, said: str | None) -> BrokerRefused:
        if code == mqtt5.SubAckReasonCode.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED:
            return BrokerRefused(about(self._address, no_shared_subscriptions()))
        if code == mqtt5.SubAckReasonCode.GRANTED_QOS_AT_MOST_ONCE:
            return only_qos_0(self._address, topic_filter)
        return filter_refused(self._address, topic_filter, in_words(code, said))

    async def _await_suback(self, session: Receiver) -> mqtt5.SubAckPacket:
        """The answer comes behind the backlog of the session, so the time counts from the last byte we heard."""
        timeout_s = self._broker.connect_timeout_s
        while not session.suback.done():
            await first_of(session.suback, session.lost, timeout_s=timeout_s)
            if session.lost.done():
                raise session.lost.result()
            if session.suback.done():
                break
            if session.silent_for_s() >= timeout_s:
                raise silent_on_subscribe(self._address, timeout_s)
            if not session.reading:
                self._say(f"connected to {self._address}, but {self.held} messages wait for the database first")
        return session.suback.result()

    def _quiet_s(self) -> float | None:
        return None if self._session is None else self._session.quiet_since_s()

    async def _leave(self) -> None:
        if self._session is not None:
            await self._session.leave()

    def _send_acks(self, packet_ids: Sequence[int]) -> None:
        if self._session is not None:
            self._session.acknowledge(packet_ids)

    def _send(self, topic: str, payload: bytes) -> None:
        if self._session is not None and not self._session.transport.is_closing():
            self._session.transport.write(mqtt5.PublishPacket(topic, payload).write())

    def _pause_reading(self) -> None:
        if self._session is not None:
            self._session.pause_reading()

    def _resume_reading(self) -> None:
        if self._session is not None:
            self._session.resume_reading()
