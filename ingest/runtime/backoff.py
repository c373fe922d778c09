"""How long to wait before the next attempt to connect."""

from collections.abc import Callable

FIRST_CEILING_S = 0.5


class Backoff:
    """Exponential pauses with full jitter: many clients of one broker do not come back in step.

    `jitter` gives numbers in [0, 1).
    """

    def __init__(self, max_s: float, jitter: Callable[[], float]) -> None:
        self._max_s = max_s
        self._jitter = jitter
        self._attempts = 0

    def pause_s(self) -> float:
        """The pause before the next attempt; the ceiling doubles with each call."""
        ceiling_s = min(self._max_s, FIRST_CEILING_S * 2.0 ** min(self._attempts, 32))
        self._attempts += 1
        return ceiling_s * self._jitter()

    def long_pause_s(self) -> float:
        """At least half of the longest pause: for a session that another program takes over in turn with us."""
        return self._max_s * (0.5 + 0.5 * self._jitter())

    def lived(self, seconds: float) -> None:
        """A connection that lasted longer than the longest pause was a good one: begin anew."""
        if seconds >= self._max_s:
            self._attempts = 0
