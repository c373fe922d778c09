"""When a message is tried again, and when it is given up."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from ingest.watch.delivery.model import Delivery, Outcome


class Pace(NamedTuple):
    """First pause, by how much each is longer, the longest; later a longer one; and the end. Times in seconds.

    A receiver that is back gets what waits within `longest_s`: a message of a flood must not wait for an hour because
    the server was away for one.
    """

    first_s: float = 5.0
    factor: float = 3.0
    longest_s: float = 60.0
    slow_after_s: float = 3_600.0
    slow_s: float = 300.0
    ends_after_s: float = 24 * 3_600.0


PACE = Pace()


def next_try(
    pace: Pace, delivery: Delivery, outcome: Outcome, now: datetime, jitter: Callable[[], float]
) -> datetime | None:
    """When it is tried again; None: it is given up. `jitter`: from 0 to 1, so that not all of them try at once."""
    waited_s = (now - delivery.queued_at).total_seconds()
    if waited_s >= pace.ends_after_s:
        return None
    pause_s = min(pace.first_s * pace.factor ** min(max(delivery.tries - 1, 0), 20), pace.longest_s)
    if waited_s >= pace.slow_after_s:
        pause_s = pace.slow_s
    asked_s = outcome.after_s or 0.0
    return now + timedelta(seconds=max(asked_s, pause_s * (0.75 + 0.5 * jitter())))
