"""A scripted broker: sends everything at once with no regard for the receive maximum, and again after a loss."""

import asyncio
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import mqtt5

from ingest.receive.frames import Frames
from tests.acceptance.fleet import Message
from tests.fixtures.broker import BrokerProcess


class RudeBroker(BrokerProcess):
    """One session on a port of its own, in a thread. Packet ids count from 1, and never twice for two messages."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="rude broker")
        self._queue: dict[int, Message] = {}
        self._sent: set[int] = set()
        self._connections: set[asyncio.Task[None]] = set()
        self._writer: asyncio.StreamWriter | None = None
        self._server: asyncio.Server | None = None
        self._last_id = 0
        self._acknowledged_on_this: list[int] = []
        self.in_order = True
        """Whether, within each connection, acknowledgements came in the order of sending."""

    @property
    def unacknowledged(self) -> int:
        """Messages it still keeps."""
        return len(self._queue)

    def start(self) -> None:
        """Listen."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)

    def stop(self) -> None:
        """Cut everybody off and forget."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def send(self, messages: Sequence[Message]) -> None:
        """Keep these, and send them at once if somebody is there."""
        asyncio.run_coroutine_threadsafe(self._take(messages), self._loop).result(10)

    def command(self) -> Sequence[str]:
        """There is none: it lives in this process."""
        return ()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)

    async def _close(self) -> None:
        assert self._server is not None  # started before it is stopped
        self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _take(self, messages: Sequence[Message]) -> None:
        for message in messages:
            self._last_id += 1
            self._queue[self._last_id] = message
        if self._writer is not None:
            self._send_all(self._writer)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = self._loop.create_task(self._serve(reader, writer))
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frames = Frames()
        with suppress(OSError):
            try:
                while data := await reader.read(65_536):
                    for packet in frames.feed(data):
                        self._answer(packet, writer)
            finally:
                if self._writer is writer:
                    self._writer = None
                writer.transport.abort()

    def _answer(self, packet: mqtt5.Packet, writer: asyncio.StreamWriter) -> None:
        match packet:
            case mqtt5.ConnectPacket():
                writer.write(mqtt5.ConnAckPacket(session_present=bool(self._sent)).write())
                self._acknowledged_on_this = []
            case mqtt5.SubscribePacket():
                granted = [mqtt5.SubAckReasonCode.GRANTED_QOS_AT_LEAST_ONCE] * len(packet.topic_filters)
                writer.write(mqtt5.SubAckPacket(packet.packet_id, granted).write())
                self._writer = writer
                self._send_all(writer, again=True)
            case mqtt5.PingReqPacket():
                writer.write(mqtt5.PingRespPacket().write())
            case mqtt5.PubAckPacket():
                acknowledged = self._acknowledged_on_this
                self.in_order &= not acknowledged or acknowledged[-1] < packet.packet_id
                acknowledged.append(packet.packet_id)
                self._queue.pop(packet.packet_id, None)

    def _send_all(self, writer: asyncio.StreamWriter, *, again: bool = False) -> None:
        wanted = [packet_id for packet_id in self._queue if again or packet_id not in self._sent]
        writer.write(b"".join(map(self._packet, wanted)))
        self._sent.update(wanted)

    def _packet(self, packet_id: int) -> bytes:
        topic, payload = self._queue[packet_id]
        publish = mqtt5.PublishPacket(
            topic, payload, qos=mqtt5.QoS.AT_LEAST_ONCE, packet_id=packet_id, duplicate=packet_id in self._sent
        )
        return publish.write()
