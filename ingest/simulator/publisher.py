"""A windowed QoS 1 publisher over MQTT 5, fast enough to load the whole path; for the simulator and the bench."""

import asyncio
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

import mqtt5

from ingest.errors import BrokerRefused, BrokerUnavailable
from ingest.mqtt.address import Address, address_of
from ingest.mqtt.connection import FIRST_FAILURE, Connection, connect
from ingest.mqtt.tls import tls_context
from ingest.settings.broker import BrokerSettings
from schemas.bilingual import Bilingual

BURST = 250  # packets in one write
BUFFER_BYTES = 2**20  # with more unsent we wait for the socket, even if the window is open
HIGHEST_PACKET_ID = 65_535


class Acknowledged(Connection):
    """One connection of the publisher. It counts the acknowledgements of what was sent."""

    def __init__(self, connect_packet: mqtt5.ConnectPacket, address: Address) -> None:
        super().__init__(connect_packet, address)
        self.pending: set[int] = set()
        self.acknowledged_total = 0
        self.progress = asyncio.Event()
        self.lost.add_done_callback(lambda _: self.progress.set())

    def on_packets(self, packets: list[mqtt5.Packet]) -> None:
        """Count the acknowledgements of one read."""
        for packet in packets:
            if not isinstance(packet, mqtt5.PubAckPacket):
                self.control(packet)
            elif packet.reason_code.value >= FIRST_FAILURE:
                reason = packet.reason_code.name.lower().replace("_", " ")
                self.drop(
                    BrokerRefused(
                        Bilingual(
                            f"{self.address} がメッセージを断りました: {reason}",
                            f"{self.address} refuses a message: {reason}",
                        )
                    )
                )
            else:
                self.pending.discard(packet.packet_id)
                self.acknowledged_total += 1
        self.progress.set()

    def resume_writing(self) -> None:
        """Part of the asyncio protocol: the socket can take more."""
        self.progress.set()

    async def until(self, most_pending: int) -> None:
        """Wait until no more than `most_pending` messages lack their acknowledgement and the socket keeps up."""
        while len(self.pending) > most_pending or self.transport.get_write_buffer_size() > BUFFER_BYTES:
            self.check()
            self.progress.clear()
            await self.progress.wait()
        self.check()

    def check(self) -> None:
        """Raise the error that ended the connection, if it has ended."""
        if self.lost.done():
            raise self.lost.result()


class Publisher:
    """`async with Publisher(url, client_id) as publisher:` one connection, QoS 1, a new session each time.

    Raises BrokerUnavailable when the connection breaks (the caller connects again and sends again what was not
    acknowledged), BrokerRefused when the broker refuses the connection.
    """

    def __init__(
        self,
        url: str,
        client_id: str,
        *,
        username: str | None = None,
        password: str | None = None,
        ca_file: Path | None = None,
        timeout_s: float = 10.0,
    ) -> None:
        self._broker = BrokerSettings.model_validate(
            {"url": url, "client_id": client_id, "username": username, "password": password, "ca_file": ca_file}
        )
        self._address = address_of(self._broker)
        self._timeout_s = timeout_s
        self._session: Acknowledged | None = None
        self._last_id = 0
        self.published_total = 0

    @property
    def acknowledged_total(self) -> int:
        """Messages acknowledged by the broker."""
        return 0 if self._session is None else self._session.acknowledged_total

    async def __aenter__(self) -> Self:
        context = tls_context(self._broker, self._address)
        self._session = await connect(self._make_session, self._address, context, self._timeout_s)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.leave()

    async def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Publish one message; returns when the broker has acknowledged it. May be called concurrently."""
        session = self._live()
        await session.until(self._room(HIGHEST_PACKET_ID) - 1)
        packet_id = self._next_id(session)
        self._send(session, [_packet(topic, payload, packet_id, retain=retain)])
        while packet_id in session.pending:
            session.progress.clear()
            await session.progress.wait()
            session.check()

    async def publish_many(self, messages: Iterable[tuple[str, bytes]], window: int = 2000) -> int:
        """Publish (topic, payload) pairs with up to `window` unacknowledged; returns how many, all acknowledged."""
        session, iterator = self._live(), iter(messages)
        room, before = self._room(window), self.published_total
        while burst := self._burst(session, iterator, room):
            self._send(session, burst)
            if len(session.pending) >= room:
                await session.until(room // 2)
            else:
                await session.until(room - 1)
        await session.until(0)
        return self.published_total - before

    def _burst(self, session: Acknowledged, messages: Iterator[tuple[str, bytes]], room: int) -> list[bytes]:
        free = max(room - len(session.pending), 1)
        return [
            _packet(topic, payload, self._next_id(session), retain=False)
            for topic, payload in islice(messages, min(free, BURST))
        ]

    def _send(self, session: Acknowledged, packets: list[bytes]) -> None:
        session.transport.write(b"".join(packets))
        self.published_total += len(packets)

    def _next_id(self, session: Acknowledged) -> int:
        """A packet id that is not in use; noted as pending."""
        while True:
            self._last_id = self._last_id % HIGHEST_PACKET_ID + 1
            if self._last_id not in session.pending:
                session.pending.add(self._last_id)
                return self._last_id

    def _room(self, window: int) -> int:
        """How many messages may be unacknowledged: `window`, or less by the broker's receive maximum."""
        return min(window, self._live().connack.result().receive_max)

    def _live(self) -> Acknowledged:
        if self._session is None:
            raise BrokerUnavailable(
                Bilingual(f"{self._address} に接続していません", f"{self._address} is not connected: use `async with`")
            )
        self._session.check()
        return self._session

    def _make_session(self) -> Acknowledged:
        address = self._address
        packet = mqtt5.ConnectPacket(
            self._broker.client_id_in_use,
            username=address.username,
            password=address.password_bytes,
            clean_start=True,
            keep_alive=self._broker.keep_alive_s,
        )
        return Acknowledged(packet, address)


def _packet(topic: str, payload: bytes, packet_id: int, *, retain: bool) -> bytes:
    packet = mqtt5.PublishPacket(topic, payload, qos=mqtt5.QoS.AT_LEAST_ONCE, packet_id=packet_id, retain=retain)
    return packet.write()
