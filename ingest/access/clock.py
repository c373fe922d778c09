"""What times of the database are believed when the clock of this machine is set back."""

from datetime import datetime, timedelta

AHEAD = timedelta(minutes=2)
"""A time may lie so far in the future: clocks are corrected by seconds. Beyond it the clock was set back."""


def from_the_future(at: datetime, now: datetime) -> bool:
    """Whether a moment that should be past lies in the future, so that nothing can be reckoned from it."""
    return at > now + AHEAD
