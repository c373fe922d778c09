"""Round numbers for the value axis, round times for the time axis."""

import math
from datetime import datetime, timedelta
from typing import NamedTuple

from schemas.japan import to_jst

_STEPS_S = (
    60, 300, 600, 900, 1800, 3600, 2 * 3600, 3 * 3600, 6 * 3600, 12 * 3600,
    86400, 2 * 86400, 5 * 86400, 7 * 86400, 14 * 86400, 28 * 86400, 91 * 86400, 182 * 86400,
)  # fmt: skip


class TimeTick(NamedTuple):
    """One label of the time axis. `minor` ones give way on a narrow screen; a `day` begins at midnight."""

    at: datetime
    label: str
    day: bool
    minor: bool


def ticks(low: float, high: float, wanted: int = 4, *, finest: float = 0.0) -> list[float]:
    """About `wanted` round values that enclose `low` and `high`, at least `finest` apart; never fewer than two."""
    if not low < high:
        low, high = low - 0.5, high + 0.5
    step = max(finest, _round_step((high - low) / max(1, wanted)))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(index * step, 12) for index in range(first, max(last, first + 1) + 1)]


def _round_step(raw: float) -> float:
    magnitude = 10.0 ** math.floor(math.log10(raw))
    return next(factor * magnitude for factor in (1, 2, 2.5, 5, 10) if raw <= factor * magnitude * (1 + 1e-9))


def round_down(value: float) -> float:
    """The largest of 1, 2, 5, 10, 20, 50, ... that is not above `value` (> 0)."""
    magnitude = 10.0 ** math.floor(math.log10(value))
    return max(factor * magnitude for factor in (1, 2, 5) if factor * magnitude <= value * (1 + 1e-9))


def time_ticks(start: datetime, end: datetime, wanted: int = 8) -> list[TimeTick]:
    """Labels at round moments of the Japanese day: the hour, or the date where a day begins."""
    raw = (end - start).total_seconds() / wanted
    step_s = next((step for step in _STEPS_S if step >= raw), _STEPS_S[-1])
    first, last = to_jst(start), to_jst(end)
    at = first.replace(hour=0, minute=0, second=0, microsecond=0)
    moments: list[datetime] = []
    while at <= last:
        if at >= first:
            moments.append(at)
        at += timedelta(seconds=step_s)
    return [_tick(moment, minor=index % 2 == 1) for index, moment in enumerate(moments)]


def _tick(at: datetime, *, minor: bool) -> TimeTick:
    day = at.hour == 0 and at.minute == 0
    return TimeTick(at, f"{at.month}/{at.day}" if day else f"{at:%H:%M}", day, minor)
