"""The time of receipt: never the same twice, because it is the identity of a message without a time of its own."""

from collections.abc import Callable

SET_BACK_US = 60_000_000
"""A clock set back by more than this was wrong before, and is believed now."""


class Arrivals:
    """Hands out microseconds since 1970: what the clock says, but later than what was handed out before.

    All messages of one read arrive at one moment. Two measurements of one device must not get the same time,
    and a clock that is corrected by seconds must not hand out a time twice.
    """

    def __init__(self, now_us: Callable[[], int]) -> None:
        self._now_us = now_us
        self._last_us = 0

    def next(self, count: int = 1) -> int:
        """The first of `count` consecutive microseconds."""
        now_us = self._now_us()
        # A clock that was far ahead for a while is believed when it is right again.
        first_us = now_us if self._last_us - now_us > SET_BACK_US else max(now_us, self._last_us + 1)
        self._last_us = first_us + count - 1
        return first_us
