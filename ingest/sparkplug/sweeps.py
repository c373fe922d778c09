"""When the quarantine is looked through because of a birth: soon, a piece at a time, and less often if in vain."""

from dataclasses import dataclass
from typing import Generic, TypeVar

ROUNDS = 2
"""Looks after a birth: one, and one when what was under way with it is surely committed."""

PAUSE = 5.0
"""After a sweep in vain its node waits this many times as long as the sweep took; the factor doubles each time."""

MOST_DOUBLED = 8
LONGEST_PAUSE_S = 3600.0
MOST_REMEMBERED = 4096

P = TypeVar("P")


@dataclass(slots=True)
class _Sweep(Generic[P]):
    rounds: int = 0
    place: P | None = None
    took_s: float = 0.0
    tried: int = 0
    gained: int = 0
    in_vain: int = 0
    not_before_s: float = 0.0


class Sweeps(Generic[P]):
    """Nodes whose quarantined data is to be read again. `P`: how far a sweep has come. No node waits for another's."""

    def __init__(self) -> None:
        self._nodes: dict[str, _Sweep[P]] = {}

    def __len__(self) -> int:
        return len(self._nodes)

    def want(self, nodes: set[str]) -> None:
        """Plan ROUNDS looks for each of these nodes: they were born."""
        for node in nodes:
            self._nodes.setdefault(node, _Sweep()).rounds = ROUNDS

    def due(self, now_s: float) -> list[tuple[str, P | None]]:
        """The nodes whose turn it is, the longest waiting first, and where each goes on (None: from the beginning)."""
        return [
            (node, sweep.place) for node, sweep in self._nodes.items() if sweep.rounds and sweep.not_before_s <= now_s
        ]

    def went(self, node: str, place: P | None, *, tried: int, gained: int, took_s: float, now_s: float) -> None:
        """A piece of the sweep of this node is done; `place`: where it goes on, None: it came to its end."""
        sweep = self._nodes.pop(node)
        self._nodes[node] = sweep  # others first
        sweep.place = place
        sweep.tried += tried
        sweep.gained += gained
        sweep.took_s += took_s
        if place is None:
            self._end(node, sweep, now_s)

    def _end(self, node: str, sweep: _Sweep[P], now_s: float) -> None:
        vain = sweep.tried > 0 and not sweep.gained
        sweep.in_vain = sweep.in_vain + 1 if vain else 0
        doubled = min(sweep.in_vain - 1, MOST_DOUBLED)
        pause_s = min(PAUSE * sweep.took_s * 2**doubled, LONGEST_PAUSE_S) if vain else 0.0
        sweep.not_before_s = now_s + pause_s
        sweep.rounds -= 1
        sweep.tried = sweep.gained = 0
        sweep.took_s = 0.0
        if not sweep.rounds and (not sweep.in_vain or len(self._nodes) > MOST_REMEMBERED):
            del self._nodes[node]
