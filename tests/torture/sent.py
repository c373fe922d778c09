"""What was published, message by message, and what the database must therefore hold."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import orjson

from tests.acceptance.fleet import Message, topic

READINGS = 2
JUNK = (
    b"temp=18.4 #%d", b"\xff\xfe%d", b'{"readings": {"air_temperature": NaN}} %d', b'["%d"', b"[" * 40 + b"%d",
    b'{"seq": %d, "ts": "yesterday", "readings": {"air_temperature": 18.4}}', b'{"readings": "none", "n": %d}',
)  # fmt: skip
"""Bytes that mean nothing here, of several kinds; each is made unlike any other by its number."""

HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Burst:
    """Messages that the broker acknowledged, or may have: their numbers, and when that was known."""

    numbers: range
    at_s: float
    acknowledged: bool


@dataclass
class Sent:
    """Numbers every message, makes it, and remembers what became of it on the way to the broker.

    Every seventh message has no time of its own where `untimed_every` says 7, and every `junk_every`-th is junk.
    The same number always makes the same bytes, so that a message can be sent again.
    """

    devices: int = 20
    untimed_every: int = 0
    junk_every: int = 0
    base_ms: int = field(default_factory=lambda: time.time_ns() // 1_000_000 - HOUR_MS)
    bursts: list[Burst] = field(default_factory=list)
    copies: int = 0
    equal: int = 0
    _next: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def message(self, number: int) -> Message:
        """The message of this number: always the same bytes."""
        to = topic(number % self.devices)
        if self.is_junk(number):
            return to, JUNK[number % len(JUNK)] % number
        body: dict[str, object] = {
            "seq": number,
            "readings": {"air_temperature": number % 40 + 0.25, "air_humidity": 50 + number % 40},
        }
        if not (self.untimed_every and number % self.untimed_every == 0):
            body["ts"] = self.base_ms + number
        return to, orjson.dumps(body)

    def is_junk(self, number: int) -> bool:
        """Whether this one belongs into quarantine."""
        return bool(self.junk_every) and number % self.junk_every == self.junk_every - 1

    def reserve(self, count: int) -> range:
        """The next `count` numbers."""
        with self._lock:
            first, self._next = self._next, self._next + count
        return range(first, first + count)

    def make(self, numbers: range) -> Iterator[Message]:
        """The messages of these numbers."""
        return map(self.message, numbers)

    def note(self, numbers: range, *, acknowledged: bool) -> None:
        """The broker has taken these, or it is not known."""
        self.bursts.append(Burst(numbers, time.time(), acknowledged))

    @property
    def made(self) -> range:
        """Every number given out so far."""
        return range(self._next)

    @property
    def total(self) -> int:
        """Messages that the broker acknowledged, copies too."""
        return sum(len(burst.numbers) for burst in self.bursts if burst.acknowledged) + self.copies + self.equal

    def acknowledged(self) -> set[int]:
        """Numbers that must be in the database."""
        return {number for burst in self.bursts if burst.acknowledged for number in burst.numbers}

    def after(self, moment_s: float) -> set[int]:
        """Numbers acknowledged at this time or later: what a broker that saves now and then may forget."""
        return {n for burst in self.bursts if burst.acknowledged and burst.at_s >= moment_s for n in burst.numbers}


def equal_message(device: int = 0) -> Message:
    """The same bytes every time, without a time and without a number: a contact that reports "closed"."""
    return topic(device), b'{"readings":{"air_temperature":18.5}}'


def pieces(numbers: range, size: int) -> Iterator[range]:
    """The numbers in runs of `size`."""
    for start in range(numbers.start, numbers.stop, size):
        yield range(start, min(start + size, numbers.stop))
