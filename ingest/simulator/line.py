"""The connection of the field to the broker: MQTT 5 if the broker supports it, else MQTT 3.1.1."""

import asyncio
import ssl
from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from itertools import islice
from types import TracebackType
from typing import Literal, Protocol, Self
from urllib.parse import unquote, urlsplit

import aiomqtt

from ingest.errors import BrokerUnavailable
from ingest.mqtt.publisher import SEND_AT_ONCE
from ingest.settings.broker import BROKER_SCHEMES
from ingest.simulator.publisher import Publisher
from schemas.bilingual import Bilingual

CLIENT_ID = "noroshi-field"
_AT_ONCE = 40


class Line(Protocol):
    """Publishes with QoS 1, and counts the messages that the broker has acknowledged."""

    @property
    def acknowledged_total(self) -> int:
        """Messages acknowledged by the broker."""

    async def publish_many(self, messages: Iterable[tuple[str, bytes]], window: int = 2000) -> int:
        """Publish and wait for all acknowledgements; returns how many. Raises BrokerUnavailable."""


def open_line(url: str, protocol: Literal["5", "3.1.1"]) -> AbstractAsyncContextManager[Line]:
    """A line to the broker at `url`."""
    return Publisher(url, CLIENT_ID) if protocol == "5" else OlderLine(url)


class OlderLine:
    """A line by MQTT 3.1.1, for brokers without MQTT 5. Slower."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._client = aiomqtt.Client(
            parts.hostname or "127.0.0.1",
            parts.port or BROKER_SCHEMES[parts.scheme],
            identifier=CLIENT_ID,
            username=None if parts.username is None else unquote(parts.username),
            password=None if parts.password is None else unquote(parts.password),
            protocol=aiomqtt.ProtocolVersion.V311,
            tls_context=ssl.create_default_context() if parts.scheme == "mqtts" else None,
            timeout=30,
            max_inflight_messages=_AT_ONCE,
            socket_options=(SEND_AT_ONCE,),
        )
        self.acknowledged_total = 0

    async def __aenter__(self) -> Self:
        try:
            await self._client.__aenter__()
        except aiomqtt.MqttError as error:
            raise BrokerUnavailable(
                Bilingual(f"ブローカーにつながりません: {error}", f"no connection to the broker: {error}")
            ) from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.__aexit__(kind, error, trace)

    async def publish_many(self, messages: Iterable[tuple[str, bytes]], window: int = _AT_ONCE) -> int:
        """Publish a few at a time. All are acknowledged when this returns."""
        before, iterator = self.acknowledged_total, iter(messages)
        while burst := list(islice(iterator, min(window, _AT_ONCE))):
            await asyncio.gather(*(self._publish(topic, payload) for topic, payload in burst))
        return self.acknowledged_total - before

    async def _publish(self, topic: str, payload: bytes) -> None:
        try:
            await self._client.publish(topic, payload, qos=1)
        except aiomqtt.MqttError as error:
            raise BrokerUnavailable(
                Bilingual(f"ブローカーが受領を返しません: {error}", f"the broker did not acknowledge: {error}")
            ) from error
        self.acknowledged_total += 1
