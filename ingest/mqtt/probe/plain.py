"""A small client of MQTT 3.1.1 and 5 alike, for trials in which only ids, duplicates and sessions matter.

It reads when it is asked to, and acknowledges only what it is told to.
"""

import asyncio
import contextlib
import struct
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ingest.errors import NoroshiError
from ingest.mqtt.address import Address, address_of
from ingest.mqtt.connection import FIRST_FAILURE
from ingest.mqtt.frames import packet_length
from ingest.mqtt.tls import tls_context
from ingest.mqtt.wording import cannot_connect
from ingest.settings.broker import BrokerSettings
from schemas.bilingual import Bilingual

CONNACK, PUBLISH, PUBACK, SUBACK = 0x20, 0x30, 0x40, 0x90
CONNECT, SUBSCRIBE, DISCONNECT = 0x10, 0x82, 0xE0
LONGEST_PACKET = 2**20
KEEP_ALIVE_S = 60


class TrialFailed(NoroshiError):
    """The broker was not there, refused, or sent something that cannot be read: the trial has no result."""


class TrialCut(TrialFailed):
    """The link broke or fell silent on the way: the same trial may have a result a moment later."""


class Unreachable(TrialCut):
    """No connection could be made: the service could not make one now either."""


class Delivery(NamedTuple):
    """A message as it came."""

    payload: bytes
    packet_id: int
    duplicate: bool


class PlainClient:
    """One client id; `connect` may be called again after `drop` or `leave`. Raises TrialFailed, nothing else."""

    def __init__(self, broker: BrokerSettings, client_id: str, *, expiry_s: int, patience_s: float) -> None:
        self._broker = broker
        self.address = address_of(broker)
        self._five = broker.protocol == "5"
        self._client_id = client_id
        self._expiry_s = expiry_s
        self._patience_s = patience_s
        self._packet_id = 0
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.deliveries: list[Delivery] = []

    async def connect(self, *, clean: bool) -> bool:
        """Whether the broker had a session for us. `clean`: it is to forget what it has."""
        self.drop()
        self.deliveries = []
        try:
            async with asyncio.timeout(self._patience_s):
                context = tls_context(self._broker, self.address)
                self._streams = await asyncio.open_connection(self.address.host, self.address.port, ssl=context)
        except OSError as error:  # TimeoutError is one
            raise Unreachable(cannot_connect(self.address, error, self._patience_s).said) from error
        self._write(connect_packet(self.address, self._client_id, self._expiry_s, five=self._five, clean=clean))
        body = await self._answer(CONNACK)
        if len(body) < 2 or body[1]:
            raise TrialFailed(
                Bilingual(
                    f"{self.address} は {self._client_id} を入れません({body.hex(' ')})",
                    f"{self.address} does not let {self._client_id} in ({body.hex(' ')})",
                )
            )
        return bool(body[0] & 1)

    async def subscribe(self, topic_filter: str) -> None:
        """Subscribe with QoS 1. Raises TrialFailed if less is granted."""
        body = struct.pack(">H", self._next_id()) + self._properties() + _text(topic_filter) + b"\x01"
        self._write(packet(SUBSCRIBE, body))
        granted = (await self._answer(SUBACK))[-1]
        if granted != 1:
            raise TrialFailed(
                Bilingual(
                    f"{self.address} は {topic_filter} の QoS 1 を認めません({granted:#x})",
                    f"{self.address} does not grant QoS 1 on {topic_filter} ({granted:#x})",
                )
            )

    async def publish(self, topic: str, payloads: Sequence[bytes]) -> None:
        """Publish with QoS 1, one by one: a broker may take no more at once. Raises TrialFailed on a refusal."""
        for payload in payloads:
            number = self._next_id()
            body = _text(topic) + struct.pack(">H", number) + self._properties() + payload
            self._write(packet(PUBLISH | 0x02, body))
            answer = await self._answer(PUBACK)
            if len(answer) > 2 and answer[2] >= FIRST_FAILURE:
                raise TrialFailed(
                    Bilingual(
                        f"{self.address} は {topic} への送信を許しません",
                        f"{self.address} does not let us publish on {topic}",
                    )
                )

    async def gather(self, wanted: int, *, quiet_s: float) -> list[Delivery]:
        """All messages so far, when there are `wanted`, or none has come for `quiet_s`."""
        with contextlib.suppress(TimeoutError):
            while len(self.deliveries) < wanted:
                async with asyncio.timeout(quiet_s):
                    await self._packet()
        return self.deliveries

    def acknowledge(self, deliveries: Iterable[Delivery]) -> None:
        """Acknowledge these deliveries: the broker does not deliver them again."""
        for one in deliveries:
            self._write(packet(PUBACK, struct.pack(">H", one.packet_id)))

    async def leave(self) -> None:
        """Disconnect, once the broker has read what we sent. It keeps the session with what is not acknowledged."""
        if self._streams is None:
            return
        self._write(packet(DISCONNECT, b""))
        with contextlib.suppress(TrialFailed, TimeoutError):
            async with asyncio.timeout(self._patience_s):
                while True:
                    await self._packet()
        self.drop()

    def drop(self) -> None:
        """Close the socket without a DISCONNECT, as if the process were killed."""
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None

    def _properties(self) -> bytes:
        return b"\0" if self._five else b""

    def _next_id(self) -> int:
        self._packet_id = self._packet_id % 65_535 + 1
        return self._packet_id

    def _write(self, data: bytes) -> None:
        if self._streams is not None:
            self._streams[1].write(data)

    async def _answer(self, kind: int) -> bytes:
        """The body of the next packet of this kind; messages that come before it are kept."""
        try:
            async with asyncio.timeout(self._patience_s):
                while True:
                    first, body = await self._packet()
                    if first & 0xF0 == kind:
                        return body
        except TimeoutError as error:
            raise TrialCut(
                Bilingual(
                    f"{self.address} は {self._patience_s:g} 秒以内に答えません",
                    f"{self.address} does not answer within {self._patience_s:g} s",
                )
            ) from error

    async def _packet(self) -> tuple[int, bytes]:
        if self._streams is None:
            raise TrialFailed(Bilingual(f"{self.address}: 接続していません", f"{self.address}: not connected"))
        reader, _ = self._streams
        try:
            head = await reader.readexactly(2)
            while not (length := packet_length(head)):
                head += await reader.readexactly(1)
            if length > LONGEST_PACKET:
                raise TrialFailed(
                    Bilingual(
                        f"{self.address} が {length} バイトのパケットを送ってきました",
                        f"{self.address} sent a packet of {length} bytes",
                    )
                )
            body = await reader.readexactly(length - len(head))
        except (OSError, asyncio.IncompleteReadError) as error:
            raise TrialCut(
                Bilingual(
                    f"{self.address} が接続を閉じました",
                    f"{self.address} closed the connection",
                )
            ) from error
        if head[0] & 0xF0 == PUBLISH:
            self.deliveries.append(delivery(head[0], body, five=self._five))
        return head[0], body


def connect_packet(address: Address, client_id: str, expiry_s: int, *, five: bool, clean: bool) -> bytes:
    """CONNECT of either version."""
    flags = 0x02 * clean | 0x80 * (address.username is not None) | 0x40 * (address.password is not None)
    body = _text("MQTT") + struct.pack(">BBH", 5 if five else 4, flags, KEEP_ALIVE_S)
    if five:
        body += b"\x05\x11" + struct.pack(">I", expiry_s)
    body += _text(client_id)
    for words in (address.username, address.password):
        body += b"" if words is None else _text(words)
    return packet(CONNECT, body)


def delivery(first: int, body: bytes, *, five: bool) -> Delivery:
    """A PUBLISH packet, read. Raises TrialFailed on bytes that are none."""
    try:
        at = 2 + struct.unpack_from(">H", body)[0]
        packet_id = 0
        if first & 0x06:
            packet_id = struct.unpack_from(">H", body, at)[0]
            at += 2
        if five:
            # The length of the properties is written like that of a packet: one byte before it makes it look like one.
            at += packet_length(b"\0" + body[at : at + 4]) - 1
    except struct.error as error:
        raise TrialFailed(
            Bilingual(
                f"メッセージではないデータです: {error}",
                f"bytes that are no message: {error}",
            )
        ) from error
    return Delivery(body[at:], packet_id, bool(first & 0x08))


def packet(first: int, body: bytes) -> bytes:
    """The fixed header, and what follows."""
    length, rest = bytearray(), len(body)
    while True:
        rest, digit = divmod(rest, 128) if rest >= 128 else (0, rest)
        length.append(digit | (0x80 if rest else 0))
        if not rest:
            return bytes((first, *length)) + body


def _text(text: str) -> bytes:
    encoded = text.encode()
    return struct.pack(">H", len(encoded)) + encoded
