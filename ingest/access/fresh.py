"""Answers of the database that are believed for a moment, so that a page of twenty requests asks once."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class _Kept(Generic[Answer]):
    answer: Answer
    at: datetime
    at_s: float


class Fresh(Generic[Answer]):
    """Keeps at most `most` answers, each for `fresh_s`; the one used longest ago goes first. Thread-safe.

    Both clocks must agree that an answer is fresh: the monotonic one, and that of the caller. A clock that is set back
    prolongs nothing.
    """

    def __init__(self, fresh_s: float, most: int) -> None:
        self._fresh_s = fresh_s
        self._most = most
        self._lock = Lock()
        self._kept: OrderedDict[Hashable, _Kept[Answer]] = OrderedDict()
        self._forgotten = 0

    def get(self, key: Hashable, now: datetime) -> Answer | None:
        """The answer that was kept, if it is fresh."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is None:
                return None
            aged_s = time.monotonic() - kept.at_s
            if aged_s >= self._fresh_s or not 0 <= (now - kept.at).total_seconds() < self._fresh_s:
                del self._kept[key]
                return None
            self._kept.move_to_end(key)
            return kept.answer

    def get_or_ask(self, key: Hashable, now: datetime, ask: Callable[[], Answer | None]) -> Answer | None:
        """The answer that was kept, or what `ask` says now. None is not kept: a new session counts at once."""
        found = self.get(key, now)
        if found is not None:
            return found
        at_s = time.monotonic()
        with self._lock:
            forgotten = self._forgotten
        found = ask()
        if found is not None:
            with self._lock:
                if forgotten == self._forgotten:  # else it may be what was just taken away
                    self._kept[key] = _Kept(found, now, at_s)
                    self._kept.move_to_end(key)
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
        return found

    def forget(self, gone: Callable[[Answer], bool]) -> None:
        """Forget the answers of which `gone` is true, and those that are being asked for just now."""
        with self._lock:
            self._forgotten += 1
            for key in [key for key, kept in self._kept.items() if gone(kept.answer)]:
                del self._kept[key]
