"""What waits to be stored, and what is stored in one transaction: counted in messages, rows and bytes held."""

import time
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from ingest.account import Outcome
from ingest.rows import Judged, weigh


class Batching(NamedTuple):
    """How much a batch holds at most; whether it lingers for more, as where workers share the messages.

    `rows`, `held_bytes` (see rows.weigh) and `payload_bytes` may be exceeded by one round of judging, which is bounded
    in time. What waits to be judged can be overtaken (see receive/turns.py), what is judged cannot: so no more payload
    is judged ahead than is written in a moment. Messages of usual size reach the other limits first.
    """

    most: int
    linger: bool
    rows: int = 50_000
    held_bytes: int = 24 * 2**20
    payload_bytes: int = 4 * 2**20


class Judgings(NamedTuple):
    """What one round of judging came to, and what it weighs."""

    judged: list[Judged]
    rows: int
    held_bytes: int
    payload_bytes: int


class Waiting:
    """Messages that are judged and in no batch yet, in the order in which they were judged."""

    def __init__(self, batching: Batching) -> None:
        self._batching = batching
        self._rounds: deque[Judgings] = deque()
        self._messages = self._rows = self._bytes = self._payload_bytes = 0

    def __len__(self) -> int:
        return self._messages

    @property
    def full(self) -> bool:
        """Whether a batch could be filled: then nothing more is judged."""
        limits = self._batching
        return (
            self._messages >= limits.most
            or self._rows >= limits.rows
            or self._bytes >= limits.held_bytes
            or self._payload_bytes >= limits.payload_bytes
        )

    @property
    def first(self) -> Judged | None:
        """The oldest."""
        return self._rounds[0].judged[0] if self._rounds else None

    def add(self, judged: list[Judged], heavy: Sequence[Judged]) -> None:
        """Take in what a round of judging came to; `heavy`: see `rows.weigh`."""
        if judged:
            rows, held = weigh(judged, heavy)
            payload = sum([len(one.message.payload) for one in judged])
            self._rounds.append(Judgings(judged, rows, held, payload))
            self._payload_bytes += payload
            self._messages += len(judged)
            self._rows += rows
            self._bytes += held

    def take(self) -> list[Judged]:
        """What goes into one batch: whole rounds, at least one if there is any."""
        limits, taken = self._batching, list[Judged]()
        rows = held = payload = 0
        while self._rounds:
            one = self._rounds[0]
            beyond = (
                len(taken) + len(one.judged) > limits.most
                or rows + one.rows > limits.rows
                or held + one.held_bytes > limits.held_bytes
                or payload + one.payload_bytes > limits.payload_bytes
            )
            if taken and beyond:
                break
            self._rounds.popleft()
            taken += one.judged
            rows += one.rows
            held += one.held_bytes
            payload += one.payload_bytes
        self._messages -= len(taken)
        self._rows -= rows
        self._bytes -= held
        self._payload_bytes -= payload
        return taken


class Batch:
    """A batch on its way: what it holds, since when, and what it came to."""

    __slots__ = ("judged", "outcome", "since_s")

    def __init__(self, judged: list[Judged]) -> None:
        self.judged = judged
        self.since_s = time.monotonic()
        self.outcome: Outcome | None = None

    @property
    def claimed(self) -> set[tuple[int | None, int]]:
        """Messages whose own time our clock does not believe: if they came before, that must be known (stepped.py)."""
        return {one.identity for one in self.judged if one.claimed_us is not None}
