"""An MQTT 5 client that does what it is told and hides nothing: for tests that attack."""

import socket
import ssl
import time
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import mqtt5

from ingest.mqtt.frames import Frames

ANSWER_WITHIN_S = 10.0
SILENCE_S = 0.5
"""How long nothing must come to be called nothing: behind a round trip that came later."""


class Hung(Exception):
    """The broker ended the connection; `reason` is what it said, if it said anything."""

    def __init__(self, reason: int | None = None) -> None:
        super().__init__(f"disconnected: {reason}")
        self.reason = reason


class Client:
    """One connection. `code` is the broker's answer to CONNECT: 0 is yes, None is no answer at all."""

    def __init__(
        self,
        port: int,
        username: str | None,
        password: str | None,
        *,
        client_id: str | None = None,
        context: ssl.SSLContext | None = None,
        **connect: Any,
    ) -> None:
        self.frames = Frames()
        self.waiting: list[mqtt5.Packet] = []
        self.socket: socket.socket = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_WITHIN_S)
        self.code: int | None = None
        self.heard: list[mqtt5.PublishPacket] = []
        name = client_id if client_id is not None else username or ""
        packet = mqtt5.ConnectPacket(
            name, username=username, password=None if password is None else password.encode(),
            clean_start=True, keep_alive=60, **connect,
        )  # fmt: skip
        try:
            if context is not None:
                self.socket = context.wrap_socket(self.socket, server_hostname="localhost")
            self.socket.sendall(packet.write())
            self.code = int(self.next(mqtt5.ConnAckPacket).reason_code)
        except (OSError, Hung):
            self.code = None
        if self.code != 0:
            self.socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self.socket.sendall(mqtt5.DisconnectPacket().write())
        self.socket.close()

    def vanish(self) -> None:
        """Without a goodbye: the broker publishes the will."""
        self.socket.close()

    def publish(self, topic: str, payload: bytes = b"{}", *, retain: bool = False) -> int:
        """The broker's answer: 0 or 16 is yes. Raises Hung if it ends the connection instead."""
        packet = mqtt5.PublishPacket(topic, payload, qos=mqtt5.QoS.AT_LEAST_ONCE, packet_id=1, retain=retain)
        self.send(packet.write())
        return int(self.next(mqtt5.PubAckPacket).reason_code)

    def subscribe(self, topic_filter: str) -> int:
        """The broker's answer: 0 is yes."""
        wanted = mqtt5.TopicFilter(topic_filter, max_qos=mqtt5.QoS.AT_MOST_ONCE)
        self.send(mqtt5.SubscribePacket(2, [wanted]).write())
        return int(self.next(mqtt5.SubAckPacket).reason_codes[0])

    def alive(self) -> bool:
        """Whether the broker still answers."""
        try:
            self.send(mqtt5.PingReqPacket().write())
            self.next(mqtt5.PingRespPacket)
        except (OSError, Hung):
            return False
        return True

    def topics(self, within_s: float = SILENCE_S) -> list[str]:
        """The topics of what was delivered until now and for so long."""
        deadline = time.monotonic() + within_s
        with suppress(OSError, Hung):
            while time.monotonic() < deadline:
                self.socket.settimeout(max(deadline - time.monotonic(), 0.01))
                self._read()
        self.socket.settimeout(ANSWER_WITHIN_S)
        return [packet.topic for packet in self.heard]

    def send(self, data: bytes) -> None:
        """Bytes as they are."""
        try:
            self.socket.sendall(data)
        except OSError as error:
            raise Hung from error

    def next(self, kind: type[Any]) -> Any:
        """The next packet of this kind."""
        while True:
            for packet in self.waiting:
                if isinstance(packet, kind):
                    self.waiting.remove(packet)
                    return packet
                if isinstance(packet, mqtt5.DisconnectPacket):
                    raise Hung(int(packet.reason_code))
            self._read()

    def _read(self) -> None:
        try:
            data = self.socket.recv(65_536)
        except (ConnectionError, ssl.SSLError) as error:
            raise Hung from error
        if not data:
            raise Hung
        for packet in self.frames.feed(data):
            if isinstance(packet, mqtt5.PublishPacket):
                self.heard.append(packet)
            else:
                self.waiting.append(packet)
