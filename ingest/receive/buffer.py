"""Messages that came off the wire and are not acknowledged yet, counted: memory is bounded here."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Sequence
from itertools import islice

from ingest.message import Received
from ingest.receive.turns import Turns, whole_topic

ROUND_BYTES = 2**20
"""Payload taken at once, give or take a message: a round is not only bounded in messages."""
FEW_BYTES = 4 * 2**20
"""While no more than this is held, no sender waits long behind another, and sizes are not looked at."""
EVERY = 8
"""Every eighth message of those that would be taken is looked at: a sender that fills the inbox is among them."""


class Inbox:
    """Messages waiting to be taken, and the count of all that are held (waiting or handed out).

    The connection stops reading above the high watermark and goes on below the low one; the
    distance between the two keeps it from stopping and starting with every message.

    Messages are taken in the order of arrival, unless more wait than are taken at once and one sender fills what
    would be: then senders have turns (see turns.py). Messages are acknowledged in the order in which they were taken;
    `in_order` turns that into the order of arrival.
    """

    def __init__(
        self,
        window_messages: int,
        window_bytes: int,
        *,
        arrived: asyncio.Event | None = None,
        sender_of: Callable[[str], str] = whole_topic,
    ) -> None:
        self._window_messages = window_messages
        self._window_bytes = window_bytes
        self._waiting: deque[Received] = deque()
        self._turns = Turns(sender_of)
        self.arrived = arrived or asyncio.Event()
        """Set when a message arrives; inboxes that are waited for together share one event."""
        self._released = asyncio.Event()
        self._held_bytes = 0
        self.held = 0
        self.received_total = 0

    @property
    def waiting(self) -> int:
        """Messages that were not taken yet."""
        return len(self._waiting) + len(self._turns)

    @property
    def above_high_watermark(self) -> bool:
        """Whether a window is used up."""
        return self.held >= self._window_messages or self._held_bytes >= self._window_bytes

    @property
    def below_low_watermark(self) -> bool:
        """Whether less than three quarters of both windows are used."""
        return self.held * 4 < self._window_messages * 3 and self._held_bytes * 4 < self._window_bytes * 3

    def put(self, messages: Sequence[Received], payload_bytes: int) -> None:
        """Take in what one read brought; `payload_bytes` is the sum of its payloads."""
        self._waiting.extend(messages)
        self.held += len(messages)
        self.received_total += len(messages)
        self._held_bytes += payload_bytes
        self.arrived.set()

    async def take(self, limit: int) -> list[Received]:
        """Wait until there is a message; return up to `limit`, in turns where one sender fills the inbox."""
        await self._any()
        return self.take_now(limit)

    async def take_in_order(self, limit: int) -> list[Received]:
        """As `take`, in the order of arrival, whoever fills the inbox. Only before the first `take`."""
        await self._any()
        return self._take_first(limit)

    async def _any(self) -> None:
        while not (self._waiting or self._turns):
            self.arrived.clear()
            await self.arrived.wait()

    def take_now(self, limit: int) -> list[Received]:
        """As `take`, without waiting: an empty list if no message is there."""
        if self._turns or self._crowded(limit):
            self._turns.admit(self._waiting)
            return self._turns.take(limit, ROUND_BYTES)
        return self._take_first(limit)

    def _take_first(self, limit: int) -> list[Received]:
        waiting = self._waiting
        if len(waiting) <= limit:
            taken = list(waiting)
            waiting.clear()
            return taken
        return [waiting.popleft() for _ in range(limit)]

    def _crowded(self, limit: int) -> bool:
        """Whether what would be taken is too large, or most of it is one sender's and others may wait behind it."""
        waiting = self._waiting
        if self._held_bytes > FEW_BYTES:
            first = islice(waiting, limit)
            if sum([len(message.payload) for message in first]) > ROUND_BYTES:
                return True
        if len(waiting) <= limit:
            return False
        topics = [message.topic for message in islice(waiting, 0, limit, EVERY)]
        return 2 * max(Counter(topics).values()) > len(topics)

    def in_order(self, messages: Sequence[Received]) -> Sequence[Received]:
        """Which messages are to be acknowledged and released now that these are done, in the order of arrival."""
        return self._turns.in_order(messages) if self._turns.pending else messages

    def release(self, messages: Sequence[Received]) -> None:
        """Stop counting messages that were taken: they are done."""
        self.held -= len(messages)
        self._held_bytes -= sum([len(message.payload) for message in messages])
        self._released.set()

    async def room(self) -> None:
        """Wait until less than the low watermark is held."""
        while not self.below_low_watermark:
            self._released.clear()
            await self._released.wait()
