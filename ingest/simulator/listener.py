"""A subscriber that notes when each message came; for the bench."""

import asyncio
import time
from collections.abc import Sequence
from types import TracebackType
from typing import NamedTuple, Self

import mqtt5

from ingest.errors import BrokerUnavailable
from ingest.mqtt.address import Address, address_of
from ingest.mqtt.connection import Connection, all_granted, connect, subscribe
from ingest.mqtt.tls import tls_context
from ingest.settings.broker import BrokerSettings
from schemas.bilingual import Bilingual


class Heard(NamedTuple):
    """A message as it came. `at_s`: seconds since 1970 by our clock. `retained`: the broker had kept it."""

    topic: str
    payload: bytes
    at_s: float
    retained: bool


class _Ear(Connection):
    def __init__(self, connect_packet: mqtt5.ConnectPacket, address: Address, heard: list[Heard]) -> None:
        super().__init__(connect_packet, address)
        self._heard = heard

    def on_packets(self, packets: list[mqtt5.Packet]) -> None:
        """Note the messages of one read, and acknowledge them."""
        now_s = time.time()
        for packet in packets:
            if isinstance(packet, mqtt5.PublishPacket):
                self._heard.append(Heard(packet.topic, bytes(packet.payload), now_s, packet.retain))
                if packet.packet_id:
                    self.transport.write(mqtt5.PubAckPacket(packet.packet_id).write())
            else:
                self.control(packet)


class Listener:
    """`async with Listener(url, client_id, filters) as listener:` everything that comes stands in `listener.heard`.

    Raises BrokerUnavailable if the broker cannot be reached or does not grant the subscription.
    """

    def __init__(self, url: str, client_id: str, filters: Sequence[str]) -> None:
        self.heard: list[Heard] = []
        self._broker = BrokerSettings(url=url)
        self._client_id = client_id
        self._filters = filters
        self._ear: _Ear

    async def __aenter__(self) -> Self:
        address = address_of(self._broker)
        packet = mqtt5.ConnectPacket(
            self._client_id, username=address.username, password=address.password_bytes, clean_start=True, keep_alive=60
        )
        context = tls_context(self._broker, address)
        self._ear = await connect(lambda: _Ear(packet, address, self.heard), address, context, 10.0)
        topics = [mqtt5.TopicFilter(topic, max_qos=mqtt5.QoS.AT_LEAST_ONCE) for topic in self._filters]
        answer = await subscribe(self._ear, topics, 1, timeout_s=10.0)
        if not all_granted(answer):
            wanted = ", ".join(self._filters)
            raise BrokerUnavailable(
                Bilingual(f"{address} は {wanted} の購読を認めません", f"{address} does not grant {wanted}")
            )
        return self

    async def until(self, count: int, within_s: float) -> bool:
        """Whether so many messages came within this time."""
        until_s = time.monotonic() + within_s
        while len(self.heard) < count and time.monotonic() < until_s:  # noqa: ASYNC110  as many as come, or the time
            await asyncio.sleep(0.05)
        return len(self.heard) >= count

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._ear.leave(for_good=True)
