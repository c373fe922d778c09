"""One MQTT 5 connection, from CONNECT to its loss: frames, answers, keep-alive. Knows nothing of messages."""

import asyncio
import ssl
from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

import mqtt5

from ingest.errors import BrokerRefused, BrokerUnavailable
from ingest.mqtt.address import Address
from ingest.mqtt.frames import Frames
from ingest.mqtt.wording import TRY_311, cannot_connect, farewell, hung_up, only_speaks_311, refusal, silent_on_connect
from schemas.bilingual import Bilingual

FIRST_FAILURE = 0x80
"""The first of the reason codes of MQTT 5 that say no."""

PINGREQ = mqtt5.PingReqPacket().write()
CONNACK_OF_311 = b"\x20\x02"  # there are no properties in it, so it is shorter than any of MQTT 5
PATIENCE = 1.5  # of a keep-alive without any traffic; the factor the standard gives the broker
GOODBYE_TIMEOUT_S = 2.0
ASK_AFTER_S = 3.0
"""A broker that is silent for this long is sent a ping, however long the keep-alive is."""
QUIET_S = 7.0
"""This long after its last byte a broker is called silent. The connection is kept as the keep-alive allows."""


class Connection(asyncio.Protocol):
    """One connection. It ends exactly once, and `lost` then holds why.

    Subclasses take the packets of one read in `on_packets` and pass on what is not theirs to `control`.
    """

    def __init__(self, connect_packet: mqtt5.ConnectPacket, address: Address) -> None:
        loop = asyncio.get_running_loop()
        self._loop = loop
        self._connect_packet = connect_packet
        self._frames = Frames()
        self._heard_s = loop.time()
        self._keep_alive_s = float(connect_packet.keep_alive)
        self._timer: asyncio.TimerHandle | None = None
        self._leaving = False
        self._pinged_s = loop.time()
        self._asked = False
        """Whether a ping of ours waits for a sign of life."""
        self.address = address
        self.reading = True
        self.transport: asyncio.Transport
        self.connack: asyncio.Future[mqtt5.ConnAckPacket] = loop.create_future()
        self.suback: asyncio.Future[mqtt5.SubAckPacket] = loop.create_future()
        self.unsuback: asyncio.Future[mqtt5.UnsubAckPacket] = loop.create_future()
        self.lost: asyncio.Future[BrokerUnavailable | BrokerRefused] = loop.create_future()

    @abstractmethod
    def on_packets(self, packets: list[mqtt5.Packet]) -> None:
        """Everything that one read completed, in order."""

    def control(self, packet: mqtt5.Packet) -> None:
        """Handle a packet that is about the connection itself."""
        match packet:
            case mqtt5.ConnAckPacket() if not self.connack.done():
                self.connack.set_result(packet)
                self._start_keep_alive(packet.server_keep_alive)
            case mqtt5.SubAckPacket() if not self.suback.done():
                self.suback.set_result(packet)
            case mqtt5.UnsubAckPacket() if not self.unsuback.done():
                self.unsuback.set_result(packet)
            case mqtt5.PingRespPacket():
                pass  # that something came is what counts, and data_received noted it
            case mqtt5.DisconnectPacket():
                self.drop(farewell(packet, self.address))
            case _:
                name = type(packet).__name__
                self.drop(
                    BrokerUnavailable(
                        Bilingual(
                            f"{self.address} が、求めていない {name} を送ってきました",
                            f"{self.address} sent a {name} nobody asked for",
                        )
                    )
                )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send CONNECT: in MQTT the client speaks first."""
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(self._connect_packet.write())

    def data_received(self, data: bytes) -> None:
        """Cut what arrived into packets and hand them on."""
        self._heard_s = self._loop.time()
        self._asked = False
        if self._leaving:
            return
        try:
            packets = self._frames.feed(data)
        except ValueError as error:
            old = not self.connack.done() and data.startswith(CONNACK_OF_311)
            broken = BrokerUnavailable(
                Bilingual(
                    f"{self.address} が、MQTT 5 ではないデータを送ってきました: {error}",
                    f"{self.address} sent bytes that are not MQTT 5: {error}",
                )
            )
            self.drop(only_speaks_311(self.address) if old else broken)
        else:
            self.on_packets(packets)

    def connection_lost(self, exc: Exception | None) -> None:
        """Settle `lost` when the socket is gone, with what the system says if no reason was given before."""
        if self._timer is not None:
            self._timer.cancel()
        if not self.lost.done():
            self.lost.set_result(hung_up(self.address, exc, answered=self.connack.done()))

    def drop(self, reason: BrokerUnavailable | BrokerRefused) -> None:
        """Give the connection up, for this reason."""
        if not self.lost.done():
            self.lost.set_result(reason)
        self.transport.abort()

    async def leave(self, *, for_good: bool = False) -> None:
        """Disconnect politely: the broker reads what we sent before and closes, or we stop waiting for it.

        `for_good`: it forgets the session at once, with everything it still holds for it.
        """
        if self.transport.is_closing():
            return
        # Closing a socket with unread bytes would reset it and could take our last acknowledgements along.
        self._leaving = True
        self.resume_reading()
        self.transport.write(mqtt5.DisconnectPacket(session_expiry_interval=0 if for_good else None).write())
        await asyncio.wait({self.lost}, timeout=GOODBYE_TIMEOUT_S)
        self.transport.abort()

    def pause_reading(self) -> None:
        """Take nothing more off the socket; the broker feels it when its buffers are full."""
        if self.reading and not self.transport.is_closing():
            self.reading = False
            self.transport.pause_reading()

    def resume_reading(self) -> None:
        """Go on reading. The broker's silence is counted from now: while we did not read, it could not be heard."""
        if not self.reading and not self.transport.is_closing():
            self.reading = True
            self._heard_s = self._loop.time()
            self.transport.resume_reading()

    def silent_for_s(self) -> float:
        """Seconds since the last byte; 0 while reading is paused."""
        return self._loop.time() - self._heard_s if self.reading else 0.0

    def quiet_since_s(self) -> float | None:
        """Seconds of silence, if a ping was sent and more than QUIET_S have passed; else None."""
        silent_s = self.silent_for_s()
        return silent_s if self._asked and silent_s > QUIET_S else None

    def _start_keep_alive(self, server_keep_alive_s: int | None) -> None:
        """The broker may ask for a shorter interval; if it wants none at all, we still want to notice its death."""
        if server_keep_alive_s:
            self._keep_alive_s = min(self._keep_alive_s, server_keep_alive_s)
        self._timer = self._loop.call_later(self._pause_s(), self._keep_alive)

    def _pause_s(self) -> float:
        return min(self._keep_alive_s / 2, ASK_AFTER_S)

    def _keep_alive(self) -> None:
        remaining_s = PATIENCE * self._keep_alive_s - self.silent_for_s()
        if remaining_s <= 0:
            silent_s = self.silent_for_s()
            self.drop(
                BrokerUnavailable(
                    Bilingual(
                        f"{self.address} から {silent_s:.1f} 秒何も届きません。接続し直します",
                        f"{self.address} is silent since {silent_s:.1f} s; connecting anew",
                    )
                )
            )
            return
        if self._loop.time() - self._pinged_s >= self._keep_alive_s / 2 or self.silent_for_s() >= self._pause_s() / 2:
            self._asked, self._pinged_s = True, self._loop.time()
            self.transport.write(PINGREQ)
        self._timer = self._loop.call_later(min(self._pause_s(), remaining_s), self._keep_alive)


async def first_of(*events: asyncio.Future[Any], timeout_s: float | None = None) -> None:
    """Wait until one of these has happened, or the time is over."""
    await asyncio.wait(events, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)


S = TypeVar("S", bound=Connection)


async def connect(make: Callable[[], S], address: Address, context: ssl.SSLContext | None, timeout_s: float) -> S:
    """Open a connection and wait for the broker's yes.

    Raises BrokerUnavailable (try again) or BrokerRefused (do not), both with words for an operator.
    """
    session: S | None = None
    accepted = False
    try:
        async with asyncio.timeout(timeout_s):
            loop = asyncio.get_running_loop()
            _, session = await loop.create_connection(make, address.host, address.port, ssl=context)
            await first_of(session.connack, session.lost)
        if not session.connack.done():
            raise session.lost.result()
        if session.connack.result().reason_code != mqtt5.ConnAckReasonCode.SUCCESS:
            raise refusal(session.connack.result(), address)
        accepted = True
    except TimeoutError as error:
        if session is not None:
            raise silent_on_connect(address, timeout_s, TRY_311) from error
        raise cannot_connect(address, error, timeout_s) from error
    except OSError as error:
        raise cannot_connect(address, error, timeout_s) from error
    finally:
        if session is not None and not accepted:
            session.transport.abort()
    return session


async def subscribe(
    session: Connection, filters: Sequence[mqtt5.TopicFilter], packet_id: int, *, timeout_s: float
) -> mqtt5.SubAckPacket | None:
    """Subscribe; the broker's answer, or None if none came in time or the connection was lost (see `session.lost`)."""
    session.transport.write(mqtt5.SubscribePacket(packet_id, list(filters)).write())
    await first_of(session.suback, session.lost, timeout_s=timeout_s)
    return session.suback.result() if session.suback.done() else None


def all_granted(answer: mqtt5.SubAckPacket | None) -> bool:
    """Whether a subscription has been answered, and every filter of it with yes."""
    return answer is not None and all(code.value < FIRST_FAILURE for code in answer.reason_codes)
