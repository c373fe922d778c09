"""The time of receipt: never the same twice, because it is the identity of a message without a time of its own."""

from collections.abc import Callable


class Arrivals:
    """Hands out microseconds since 1970: what the clock says, but always later than anything handed out before.

    What one read brings arrives at one moment. Two measurements of one device must not fall on it together,
    and a clock that is set back must not bring times again that have been given.
    """

    def __init__(self, now_us: Callable[[], int]) -> None:
        self._now_us = now_us
        self._last_us = 0

    def next(self, count: int = 1) -> int:
        """The first of `count` consecutive microseconds."""
        first_us = max(self._now_us(), self._last_us + 1)
        self._last_us = first_us + count - 1
        return first_us
