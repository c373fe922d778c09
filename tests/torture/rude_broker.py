"""A scripted broker: sends everything at once with no regard for the receive maximum, and again after a loss."""

import asyncio
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import mqtt5

from ingest.mqtt.frames import Frames
from tests.acceptance.fleet import Message
from tests.fixtures.broker import BrokerProcess


class _Session:
    """What is kept for one client id. Packet ids count from 1, and never twice for two messages."""

    def __init__(self) -> None:
        self.queue: dict[int, Message] = {}
        self.sent: set[int] = set()
        self.subscribed = self.lasting = False
        self.writer: asyncio.StreamWriter | None = None
        self.acknowledged_on_this: list[int] = []
        self._last_id = 0

    def keep(self, messages: Iterable[Message]) -> None:
        """Send these at once if somebody is there."""
        for message in messages:
            self._last_id += 1
            self.queue[self._last_id] = message
        self.send_all()

    def send_all(self, *, again: bool = False) -> None:
        """All that was not sent yet; `again`: what was sent and not acknowledged, too."""
        if self.writer is None or not self.subscribed:
            return
        wanted = [packet_id for packet_id in self.queue if again or packet_id not in self.sent]
        self.writer.write(b"".join(map(self._packet, wanted)))
        self.sent.update(wanted)

    def _packet(self, packet_id: int) -> bytes:
        topic, payload = self.queue[packet_id]
        publish = mqtt5.PublishPacket(
            topic, payload, qos=mqtt5.QoS.AT_LEAST_ONCE, packet_id=packet_id, duplicate=packet_id in self.sent
        )
        return publish.write()


class RudeBroker(BrokerProcess):
    """A session for each client id, on a port of its own, in a thread; what a client publishes only itself hears."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="rude broker")
        self._sessions: dict[str, _Session] = {}
        self._served: _Session | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.in_order = True
        """Whether, within each connection, acknowledgements came in the order of sending."""

    @property
    def unacknowledged(self) -> int:
        """Messages it still keeps for the service."""
        return 0 if self._served is None else len(self._served.queue)

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
        assert self._served is not None  # the service stands before anything is sent
        self._served.keep(messages)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = self._loop.create_task(self._serve(reader, writer))
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frames, session = Frames(), _Session()
        with suppress(OSError):
            try:
                while data := await reader.read(65_536):
                    for packet in frames.feed(data):
                        if isinstance(packet, mqtt5.ConnectPacket):
                            session = self._connect(packet, writer)
                        else:
                            self._answer(packet, session, writer)
            finally:
                if session.writer is writer:
                    session.writer = None
                writer.transport.abort()

    def _connect(self, packet: mqtt5.ConnectPacket, writer: asyncio.StreamWriter) -> _Session:
        name = packet.client_id
        if packet.clean_start:
            self._sessions.pop(name, None)
        session = self._sessions.get(name)
        if session is None:
            session = self._sessions[name] = _Session()
        writer.write(mqtt5.ConnAckPacket(session_present=session.subscribed).write())
        session.writer, session.acknowledged_on_this, session.lasting = writer, [], not packet.clean_start
        session.send_all(again=True)
        return session

    def _answer(self, packet: mqtt5.Packet, session: _Session, writer: asyncio.StreamWriter) -> None:
        match packet:
            case mqtt5.SubscribePacket():
                granted = [mqtt5.SubAckReasonCode.GRANTED_QOS_AT_LEAST_ONCE] * len(packet.topic_filters)
                writer.write(mqtt5.SubAckPacket(packet.packet_id, granted).write())
                session.subscribed = True
                if session.lasting and len(packet.topic_filters) > 1:  # neither its canary nor its fresh lane
                    self._served = session
                session.send_all()
            case mqtt5.PublishPacket():
                if packet.packet_id is not None:
                    writer.write(mqtt5.PubAckPacket(packet.packet_id).write())
                session.keep([(packet.topic, packet.payload)])
            case mqtt5.PingReqPacket():
                writer.write(mqtt5.PingRespPacket().write())
            case mqtt5.PubAckPacket():
                acknowledged = session.acknowledged_on_this
                self.in_order &= not acknowledged or acknowledged[-1] < packet.packet_id
                acknowledged.append(packet.packet_id)
                session.queue.pop(packet.packet_id, None)
