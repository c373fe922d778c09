"""Times in spans of a week, so that a statement about old and new rows need not try every chunk between them."""

from collections.abc import Iterable
from datetime import datetime

from schemas.japan import to_datetime

WEEK_US = 7 * 86_400 * 1_000_000
"""As long as a chunk (`timescale.CHUNK_INTERVAL`)."""


def weekly_spans(times_us: Iterable[int]) -> list[dict[str, datetime]]:
    """The first and the last of these times in each week, as bounds of a statement about them.

    One statement about old and new rows together would try every chunk between them for each row.
    """
    weeks: dict[int, tuple[int, int]] = {}
    for at_us in times_us:
        first, last = weeks.get(at_us // WEEK_US, (at_us, at_us))
        weeks[at_us // WEEK_US] = (min(first, at_us), max(last, at_us))
    return [{"first": to_datetime(first), "last": to_datetime(last)} for first, last in weeks.values()]
