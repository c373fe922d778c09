"""Whom to ask for a rebirth, and when: a request makes a node send everything it has, so it is rarely made."""

import random
from collections.abc import Callable, Iterable

FIRST_WITHIN_S = 5.0
"""After a restart many nodes may be unknown at once: their requests are spread over this time."""
AT_ONCE = 10


class Rebirths:
    """`want` as often as you like; `due` names a node once in `interval_s`, and few at a time."""

    def __init__(self, interval_s: float, jitter: Callable[[], float] = random.random) -> None:
        self._interval_s = interval_s
        self._jitter = jitter
        self._wanted: dict[str, float] = {}
        self._asked_s: dict[str, float] = {}

    def want(self, nodes: Iterable[str], now_s: float) -> None:
        """Plan a request to these nodes: they sent something that cannot be read."""
        for node in nodes:
            if node not in self._wanted:
                again_s = self._asked_s.get(node, now_s - self._interval_s) + self._interval_s
                self._wanted[node] = max(again_s, now_s) + FIRST_WITHIN_S * self._jitter()

    def born(self, nodes: Iterable[str]) -> None:
        """Drop the requests to these nodes: they have announced themselves."""
        for node in nodes:
            self._wanted.pop(node, None)

    def due(self, now_s: float) -> list[str]:
        """The nodes to ask now."""
        found = sorted(node for node, at_s in self._wanted.items() if at_s <= now_s)[:AT_ONCE]
        for node in found:
            del self._wanted[node]
            self._asked_s[node] = now_s
        self._asked_s = {node: at_s for node, at_s in self._asked_s.items() if now_s - at_s < self._interval_s}
        return found
