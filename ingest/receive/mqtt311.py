"""The intake for brokers that do not speak MQTT 5: aiomqtt over paho, acknowledging by hand."""

import asyncio
import math
import ssl
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import aiomqtt
from aiomqtt.exceptions import MqttConnectError
from paho.mqtt.client import Client as Paho
from paho.mqtt.client import ConnectFlags, MQTTMessage
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.reasoncodes import ReasonCode

from ingest.errors import BrokerRefused, BrokerUnavailable
from ingest.message import Received
from ingest.mqtt.connection import GOODBYE_TIMEOUT_S, first_of
from ingest.mqtt.publisher import SEND_AT_ONCE
from ingest.mqtt.tls import tls_context
from ingest.mqtt.wording import (
    cannot_connect,
    filter_refused,
    hung_up,
    only_qos_0,
    refusal_advice,
    refused_with,
    silent_on_connect,
    silent_on_subscribe,
)
from ingest.receive.reconnecting import ReconnectingIntake
from ingest.settings.routes import tells_of_downlinks
from schemas.bilingual import quoted

READ_AT_ONCE = 64  # messages before the loop may do something else
GRANTED_QOS_1 = 1
NEVER_SUBSCRIBED = "noroshi/goodbye"

Granted = tuple[int, ...] | list[ReasonCode]


class Mqtt311Intake(ReconnectingIntake):
    """Intake over MQTT 3.1.1: one new client per connection, since aiomqtt does not reconnect by itself.

    3.1.1 has no receive maximum: how much is in flight is the broker's setting, and when our own window is
    full we stop reading. Paho then misses the answers to its pings and gives the connection up after two
    keep-alives; the next attempt waits until there is room, and the broker delivers again.
    """

    _client: aiomqtt.Client | None = None
    _paho: Paho | None = None
    _broken: asyncio.Future[BrokerUnavailable]
    _reading = False
    _leaving = False

    async def _connection(self) -> None:
        client = self._new_client()
        paho = client._client  # noqa: SLF001  # the only way to acknowledge by hand; what we call on it is paho's public API
        self._paho = paho
        self._broken = asyncio.get_running_loop().create_future()
        paho.manual_ack_set(True)
        paho.connect_timeout = self._broker.connect_timeout_s
        paho.on_message = self._on_message
        paho.on_connect = self._hearing_of_sessions(paho.on_connect)
        try:
            async with client:
                self._client = client
                self._listen()
                if self._paused:
                    self._pause_reading()
                await self._subscribe(client)
                self._standing()
                await self._until_lost(client)
        except MqttConnectError as error:
            raise self._refusal(error) from error
        except aiomqtt.MqttError as error:
            raise self._unavailable(error) from error
        finally:
            self._pause_reading()
            paho.disconnect()  # after a failed CONNECT its socket and its timer would stay
            self._client = self._paho = None

    def _new_client(self) -> aiomqtt.Client:
        broker, address = self._broker, self._address
        context: ssl.SSLContext | None = tls_context(broker, address)
        return aiomqtt.Client(
            address.host,
            address.port,
            username=address.username,
            password=address.password,
            identifier=broker.client_id_in_use,
            protocol=aiomqtt.ProtocolVersion.V311,
            clean_session=False,
            keepalive=broker.keep_alive_s,
            timeout=broker.connect_timeout_s,
            tls_context=context,
            socket_options=(SEND_AT_ONCE,),
        )

    async def _subscribe(self, client: aiomqtt.Client) -> None:
        wanted = [(topic_filter, 1) for topic_filter in self._filters]
        codes = await self._answer(asyncio.create_task(client.subscribe(wanted, timeout=math.inf), name="subscribe"))
        for topic_filter, code in zip(self._filters, codes, strict=True):
            granted = code.value if isinstance(code, ReasonCode) else code
            if granted == GRANTED_QOS_1:
                continue
            refused = only_qos_0 if granted == 0 else partial(filter_refused, said=str(code).lower())
            if not tells_of_downlinks(topic_filter):
                raise refused(self._address, topic_filter)
            self._without(topic_filter, refused(self._address, topic_filter))

    async def _answer(self, subscribing: asyncio.Task[Granted]) -> Granted:
        """The answer comes behind the backlog of the session: as long as that flows, wait on."""
        timeout_s = self._broker.connect_timeout_s
        try:
            while True:
                before = self.received_total
                if (await asyncio.wait({subscribing}, timeout=timeout_s))[0]:
                    return subscribing.result()
                stuck = self._reading and self.received_total == before
                if stuck or self._descriptor() is None:
                    raise silent_on_subscribe(self._address, timeout_s)
        finally:
            subscribing.cancel()
            await asyncio.gather(subscribing, return_exceptions=True)

    async def _until_lost(self, client: aiomqtt.Client) -> None:
        """Raise when the connection is lost. aiomqtt's own queue stays empty and tells of nothing but the loss."""

        async def drained() -> None:
            async for _ in client.messages:
                pass

        drain = asyncio.create_task(drained(), name="wait for the loss of the connection")
        try:
            await first_of(drain, self._broken)
            if self._broken.done():
                raise self._broken.result()
            await drain
        finally:
            drain.cancel()
            await asyncio.gather(drain, return_exceptions=True)

    def _hearing_of_sessions(self, then: Any) -> Any:
        """Wrap paho's `on_connect`: it says whether the broker had a session for us, before anything is delivered."""

        def on_connect(client: Paho, userdata: Any, flags: ConnectFlags, *rest: Any) -> None:
            if not flags.session_present:
                self.watch.no_session()
            then(client, userdata, flags, *rest)

        return on_connect

    def _on_message(self, _client: Paho, _userdata: Any, message: MQTTMessage) -> None:
        if self._leaving:
            return
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = "\ufffd"  # no route reads it, so it goes to quarantine instead of breaking the connection
        payload = bytes(message.payload)
        received = Received(
            topic,
            payload,
            self._arrivals.next(),
            message.mid if message.qos else 0,
            self._generation,
            retain=message.retain,
            duplicate=message.dup,
        )
        self._inbox.put((received,), len(payload))
        if self._inbox.above_high_watermark:
            self._pause_reading()

    def _read(self) -> None:
        """Read several packets per wake-up; aiomqtt's own reader takes one, and cannot be paused."""
        paho = self._paho
        try:
            for _ in range(READ_AT_ONCE):
                before = self.received_total
                if paho is None or paho.loop_read() != MQTTErrorCode.MQTT_ERR_SUCCESS or not self._reading:
                    return
                if self.received_total == before and not _decrypted(paho):
                    return
        except (OSError, ValueError, IndexError) as error:
            if not self._broken.done():
                self._broken.set_result(hung_up(self._address, error, answered=True))

    def _refusal(self, error: MqttConnectError) -> BrokerRefused | BrokerUnavailable:
        code = error.rc.value if isinstance(error.rc, ReasonCode) else error.rc or 0
        advice = refusal_advice(code, self._address)
        said = str(error.rc).lower()
        return refused_with(self._address, said, advice)

    def _unavailable(self, error: aiomqtt.MqttError) -> BrokerUnavailable:
        cause = error.__context__
        timeout_s = self._broker.connect_timeout_s
        if isinstance(cause, TimeoutError) and self._descriptor() is not None:
            return silent_on_connect(self._address, timeout_s)
        if isinstance(cause, OSError):
            return cannot_connect(self._address, cause, timeout_s)
        return BrokerUnavailable(quoted(f"{self._address}: {error}"))

    async def _leave(self) -> None:
        """Make sure that the broker has read our acknowledgements; the end of the connection says goodbye.

        Paho closes the socket at once. With unread bytes in it that is a reset, and the broker may not read on.
        """
        if self._client is None:
            return
        self._leaving = True
        self._listen()
        with suppress(aiomqtt.MqttError):
            # Answered in order, so its answer comes after everything we sent before was read.
            await self._client.unsubscribe(NEVER_SUBSCRIBED, timeout=GOODBYE_TIMEOUT_S)

    def _send_acks(self, packet_ids: Sequence[int]) -> None:
        if self._paho is not None:
            for packet_id in packet_ids:
                self._paho.ack(packet_id, 1)

    def _send(self, topic: str, payload: bytes) -> None:
        if self._paho is not None:
            self._paho.publish(topic, payload)

    def _pause_reading(self) -> None:
        descriptor = self._descriptor()
        if self._reading and descriptor is not None:
            asyncio.get_running_loop().remove_reader(descriptor)
        self._reading = False

    def _resume_reading(self) -> None:
        if not self._paused:
            self._listen()

    def _listen(self) -> None:
        descriptor = self._descriptor()
        if descriptor is not None and not self._reading:
            self._reading = True
            asyncio.get_running_loop().add_reader(descriptor, self._read)
            asyncio.get_running_loop().call_soon(self._read)  # what TLS decrypted before wakes no selector

    def _descriptor(self) -> int | None:
        sock = None if self._paho is None else self._paho.socket()
        return None if sock is None or sock.fileno() < 0 else sock.fileno()


def _decrypted(paho: Paho) -> bool:
    """Whether TLS holds bytes that the selector will not tell us about."""
    sock = paho.socket()
    return isinstance(sock, ssl.SSLSocket) and sock.pending() > 0
