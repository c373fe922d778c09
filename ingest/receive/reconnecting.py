"""What both intakes share: one connection after the other, the inbox between, and an orderly end."""

import asyncio
import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Protocol

import structlog
from structlog.typing import FilteringBoundLogger

from ingest.errors import BrokerRefused, BrokerUnavailable
from ingest.message import Received
from ingest.mqtt.address import address_of
from ingest.mqtt.wording import SessionTakenOver
from ingest.receive.arrival_clock import Arrivals
from ingest.receive.buffer import Inbox
from ingest.receive.turns import whole_topic
from ingest.runtime.backoff import Backoff
from ingest.settings.broker import BrokerSettings
from ingest.settings.model import IntakeSettings


class SessionWatch(Protocol):
    """Is told what becomes of a session between one connection and the next."""

    async def before(self, generation: int) -> None:
        """Awaited before the `generation`-th connection. Raises BrokerRefused if this broker cannot be used.

        Raises BrokerUnavailable to have it tried again after a pause.
        """

    def no_session(self) -> None:
        """Called when the broker answered, and had no session of ours."""


class Unwatched:
    """The SessionWatch of an intake that nobody watches."""

    async def before(self, generation: int) -> None:
        """SessionWatch: nothing to do."""

    def no_session(self) -> None:
        """SessionWatch: nothing to do."""


class ReconnectingIntake(ABC):
    """An Intake (see message.py) whose connection to the broker is renewed until `close`.

    A subclass is one protocol: it says what a connection is, how to acknowledge, how to stop reading.
    """

    def __init__(
        self,
        broker: BrokerSettings,
        intake: IntakeSettings,
        filters: Sequence[str],
        *,
        now_us: Callable[[], int],
        log: FilteringBoundLogger | None = None,
        jitter: Callable[[], float] = random.random,
        sender_of: Callable[[str], str] = whole_topic,
    ) -> None:
        self._broker = broker
        self._filters = tuple(filters)
        self._arrivals = Arrivals(now_us)
        self._address = address_of(broker)
        self._log: FilteringBoundLogger = log or structlog.get_logger("ingest.receive")
        self._backoff = Backoff(broker.backoff_max_s, jitter)
        self._inbox = Inbox(intake.window_messages, intake.window_bytes, sender_of=sender_of)
        self._closing = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._paused = False
        self._trouble = f"not connected to {self._address} yet"
        self._generation = 0
        self._stands_since_s: float | None = None
        self.connects_total = 0
        self.watch: SessionWatch = Unwatched()

    @property
    def connected(self) -> bool:
        """Whether the broker answers and our subscriptions stand."""
        return not self._trouble

    @property
    def held(self) -> int:
        """Messages handed out or waiting, not yet acknowledged."""
        return self._inbox.held

    @property
    def received_total(self) -> int:
        """Messages that came off the wire since the start."""
        return self._inbox.received_total

    @property
    def trouble(self) -> str:
        """Why nothing comes, in words for an operator: there is no connection, or the broker is silent on it."""
        if self._trouble:
            return self._trouble
        quiet_s = self._quiet_s()
        return "" if quiet_s is None else f"{self._address} has said nothing for {quiet_s:.0f} s"

    def _quiet_s(self) -> float | None:
        """How long the broker has been silent though it was asked for a sign of life; None if that is not so."""
        return None

    @property
    def waiting(self) -> int:
        """Messages that were not taken yet."""
        return self._inbox.waiting

    @property
    def arrived(self) -> asyncio.Event:
        """Set when a message arrives."""
        return self._inbox.arrived

    def take_now(self, limit: int) -> list[Received]:
        """As `take`, without waiting: an empty list if no message is there."""
        return self._inbox.take_now(limit)

    async def take(self, limit: int) -> list[Received]:
        """Wait until there is a message; return up to `limit`, in turns where one sender fills the window."""
        return await self._inbox.take(limit)

    async def take_in_order(self, limit: int) -> list[Received]:
        """As `take`, in arrival order; only before anything was taken in turns."""
        return await self._inbox.take_in_order(limit)

    def acknowledge(self, messages: Sequence[Received]) -> None:
        """Acknowledge in arrival order and release, as soon as everything that arrived before is done.

        To be called in the order in which they were taken. Messages of an earlier connection are only released.
        """
        messages = self._inbox.in_order(messages)
        # Packet ids are reused: after a reconnect an old handle could name another message.
        generation = self._generation
        self._send_acks([m.packet_id for m in messages if m.packet_id and m.generation == generation])
        self._inbox.release(messages)
        if self._inbox.below_low_watermark and not self._paused:
            self._resume_reading()

    def publish(self, topic: str, payload: bytes) -> bool:
        """Send a message with QoS 0, if there is a connection; whether it left."""
        if self.connected and not self._paused:
            self._send(topic, payload)
            return True
        return False

    def pause(self) -> None:
        """Take no more messages off the wire, and open no new connection if this one breaks."""
        self._paused = True
        self._pause_reading()

    async def run(self) -> None:
        """Connect, subscribe, receive, reconnect with back-off; until `close`. Raises BrokerRefused."""
        self._idle.clear()
        try:
            while not self._closing.is_set():
                pause_s = await self._one_connection()
                await self._rest(pause_s)
        finally:
            self._trouble = self._trouble or "closed"
            self._idle.set()

    async def close(self) -> None:
        """Disconnect politely; the broker keeps our session and what we did not acknowledge."""
        self._closing.set()
        await self._idle.wait()

    async def _one_connection(self) -> float:
        """From the attempt to connect until the connection is lost; returns the pause before the next."""
        self._generation += 1
        self._stands_since_s = None
        connection = asyncio.create_task(self._when_there_is_room(), name="broker connection")
        closing = asyncio.create_task(self._closing.wait(), name="wait for close")
        try:
            await asyncio.wait({connection, closing}, return_when=asyncio.FIRST_COMPLETED)
            if closing.done():
                await self._leave()
                return 0.0
            await connection
        except BrokerUnavailable as error:
            self._say(str(error))
            if self._stands_since_s is not None:
                self._backoff.lived(asyncio.get_running_loop().time() - self._stands_since_s)
            return self._backoff.long_pause_s() if isinstance(error, SessionTakenOver) else self._backoff.pause_s()
        except BrokerRefused as error:
            self._trouble = str(error)
            raise
        finally:
            connection.cancel()
            closing.cancel()
            await asyncio.gather(connection, closing, return_exceptions=True)
        return 0.0

    async def _when_there_is_room(self) -> None:
        """Wait for room, then connect: the first reads of many connections would add up while nothing is stored."""
        if self._inbox.above_high_watermark:
            self._say(f"{self.held} messages wait for the database before {self._address} is called again")
            await self._inbox.room()
        await self.watch.before(self._generation)
        await self._connection()

    async def _rest(self, pause_s: float) -> None:
        """Wait before the next attempt; after `pause` there is none, only the wait for `close`."""
        try:
            async with asyncio.timeout(pause_s):
                await self._closing.wait()
        except TimeoutError:
            if self._paused:
                await self._closing.wait()

    def _standing(self) -> None:
        """To be called when the broker answered and the subscriptions stand."""
        self.connects_total += 1
        self._stands_since_s = asyncio.get_running_loop().time()
        self._trouble = ""
        self._log.info("broker_connected", broker=str(self._address), filters=self._filters, held=self.held)

    def _without(self, topic_filter: str, refused: Exception) -> None:
        """Go on without a topic that no reading comes by, which the broker refuses."""
        self._log.warning("subscription_refused", filter=topic_filter, trouble=str(refused))

    def _say(self, trouble: str) -> None:
        """Keep the trouble for `trouble`, and log it unless it is the one logged last."""
        if trouble != self._trouble:
            self._log.warning("broker_unavailable", trouble=trouble, held=self.held)
        self._trouble = trouble

    @abstractmethod
    async def _connection(self) -> None:
        """One connection of the current generation; ends by raising BrokerUnavailable or BrokerRefused."""

    @abstractmethod
    async def _leave(self) -> None:
        """End the connection politely, if there is one."""

    @abstractmethod
    def _send_acks(self, packet_ids: Sequence[int]) -> None:
        """Acknowledge these packets of the current connection, in this order."""

    @abstractmethod
    def _send(self, topic: str, payload: bytes) -> None:
        """Publish with QoS 0 on the current connection."""

    @abstractmethod
    def _pause_reading(self) -> None:
        """Take nothing more off the socket."""

    @abstractmethod
    def _resume_reading(self) -> None:
        """Go on reading, if reading was paused."""
