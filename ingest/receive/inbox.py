"""What has come off the wire and is not acknowledged yet, counted: memory is bounded here."""

import asyncio
from collections import deque
from collections.abc import Sequence

from ingest.receive.message import Received


class Inbox:
    """Messages waiting to be taken, and the count of all that are held (waiting or handed out).

    The connection stops reading when the inbox is `full` and goes on when it is `roomy` again; the
    distance between the two keeps it from stopping and starting with every message.
    """

    def __init__(self, window_messages: int, window_bytes: int, *, arrived: asyncio.Event | None = None) -> None:
        self._window_messages = window_messages
        self._window_bytes = window_bytes
        self._waiting: deque[Received] = deque()
        self.arrived = arrived or asyncio.Event()
        """Set when a message arrives; somebody who waits for several inboxes gives them one event."""
        self._released = asyncio.Event()
        self._held_bytes = 0
        self.held = 0
        self.received_total = 0

    @property
    def waiting(self) -> int:
        """Messages that nobody took yet."""
        return len(self._waiting)

    @property
    def full(self) -> bool:
        """Whether a window is used up."""
        return self.held >= self._window_messages or self._held_bytes >= self._window_bytes

    @property
    def roomy(self) -> bool:
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
        """Wait until there is a message; return up to `limit` in arrival order."""
        while not self._waiting:
            self.arrived.clear()
            await self.arrived.wait()
        return self.take_now(limit)

    def take_now(self, limit: int) -> list[Received]:
        """Up to `limit` messages in arrival order; none if none is there."""
        waiting = self._waiting
        if len(waiting) <= limit:
            taken = list(waiting)
            waiting.clear()
            return taken
        return [waiting.popleft() for _ in range(limit)]

    def release(self, messages: Sequence[Received]) -> None:
        """Let go of messages that were taken."""
        self.held -= len(messages)
        self._held_bytes -= sum([len(message.payload) for message in messages])
        self._released.set()

    async def room(self) -> None:
        """Wait until the inbox is roomy."""
        while not self.roomy:
            self._released.clear()
            await self._released.wait()
