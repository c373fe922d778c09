"""What waits to be stored, and what is stored in one transaction: counted in messages, rows and bytes held."""

import time
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from ingest.account import Outcome
from ingest.rows import MessageRows, weigh


class Batching(NamedTuple):
    """How much a batch holds at most; whether it lingers for more, as where workers share the messages.

    One round of interpreting may exceed `rows`, `held_bytes` (see rows.weigh) and `payload_bytes`; its time is bounded.
    A message that waits to be interpreted can be overtaken (see receive/turns.py), an interpreted one cannot. So no
    more payload is interpreted ahead than is written in a moment. Messages of usual size reach the other limits first.
    """

    most: int
    linger: bool
    rows: int = 50_000
    held_bytes: int = 24 * 2**20
    payload_bytes: int = 4 * 2**20


class Round(NamedTuple):
    """What one round of interpreting came to, and what it weighs."""

    interpreted: list[MessageRows]
    rows: int
    held_bytes: int
    payload_bytes: int


class Waiting:
    """Messages that are interpreted and in no batch yet, in the order in which they were interpreted."""

    def __init__(self, batching: Batching) -> None:
        self._batching = batching
        self._rounds: deque[Round] = deque()
        self._messages = self._rows = self._bytes = self._payload_bytes = 0

    def __len__(self) -> int:
        return self._messages

    @property
    def full(self) -> bool:
        """Whether a batch could be filled: then nothing more is interpreted."""
        limits = self._batching
        return (
            self._messages >= limits.most
            or self._rows >= limits.rows
            or self._bytes >= limits.held_bytes
            or self._payload_bytes >= limits.payload_bytes
        )

    @property
    def first(self) -> MessageRows | None:
        """The oldest message, or None."""
        return self._rounds[0].interpreted[0] if self._rounds else None

    def add(self, interpreted: list[MessageRows], heavy: Sequence[MessageRows]) -> None:
        """Take in what a round of interpreting came to; `heavy`: see `rows.weigh`."""
        if interpreted:
            rows, held = weigh(interpreted, heavy)
            payload = sum([len(one.message.payload) for one in interpreted])
            self._rounds.append(Round(interpreted, rows, held, payload))
            self._payload_bytes += payload
            self._messages += len(interpreted)
            self._rows += rows
            self._bytes += held

    def take(self) -> list[MessageRows]:
        """What goes into one batch: whole rounds, at least one if there is any."""
        limits, taken = self._batching, list[MessageRows]()
        rows = held = payload = 0
        while self._rounds:
            oldest = self._rounds[0]
            beyond = (
                len(taken) + len(oldest.interpreted) > limits.most
                or rows + oldest.rows > limits.rows
                or held + oldest.held_bytes > limits.held_bytes
                or payload + oldest.payload_bytes > limits.payload_bytes
            )
            if taken and beyond:
                break
            self._rounds.popleft()
            taken += oldest.interpreted
            rows += oldest.rows
            held += oldest.held_bytes
            payload += oldest.payload_bytes
        self._messages -= len(taken)
        self._rows -= rows
        self._bytes -= held
        self._payload_bytes -= payload
        return taken


class Batch:
    """A batch on its way: what it holds, since when, and what it came to."""

    __slots__ = ("interpreted", "outcome", "since_s")

    def __init__(self, interpreted: list[MessageRows]) -> None:
        self.interpreted = interpreted
        self.since_s = time.monotonic()
        self.outcome: Outcome | None = None

    @property
    def with_disbelieved_time(self) -> set[tuple[int | None, int]]:
        """Identities of the messages whose own time our clock does not believe (see store/batch/clock_step.py)."""
        return {rows.identity for rows in self.interpreted if rows.claimed_us is not None}
