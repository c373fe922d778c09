"""How much rain each reading of a gauge brings: of amounts as they are, of running totals by what they grew.

Running totals are judged as `rollup_steps` does (decision 037): a total that goes back began anew or is a single wrong
value, and one that grows faster than rain can fall is wrong. The next reading tells; until then nothing is known.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import inf
from operator import sub
from typing import NamedTuple

from ingest.watch.stages.window import HOUR_US, Point

_LEAST_US = HOUR_US // 6
"""The greatest rate is asked over ten minutes at least."""

_TOPS = tuple(bits * unit for bits in (2.0**16, 2.0**32) for unit in (0.1, 0.2, 0.25, 0.5, 1.0, 10.0))
"""Where counters of a gauge begin anew at nought."""

MARGIN = 4
"""So many readings before a time settle what the reading at that time brings."""


class Gauge(NamedTuple):
    """What sort of rain gauge it is. `counter`: it sends a running total; `per_hour`: its greatest rate.

    `gap_us`: readings farther apart leave a gap.
    """

    counter: bool
    interval_us: int
    gap_us: int
    per_hour: float | None = None


class Gain(NamedTuple):
    """What a reading brought in mm since the one at `base_us`. `doubtful`: the next reading decides."""

    time_us: int
    mm: float
    base_us: int
    doubtful: bool = False


def gains(gauge: Gauge, points: Sequence[Point]) -> list[Gain]:
    """What each reading brought, in the order of time. The first brings nothing: what is before it is not known."""
    if gauge.counter:
        return _of_totals(gauge, points)
    return [Gain(later.time_us, later.value, one.time_us) for one, later in pairwise(points)]


def undoubted(gauge: Gauge, points: Sequence[Point]) -> list[float] | None:
    """What each reading but the first brought in mm, as `gains`, where nothing needs a judgement; None where it may."""
    values = [point.value for point in points]
    if not gauge.counter:
        return values[1:]
    grown = list(map(sub, values[1:], values))
    most = inf if gauge.per_hour is None else gauge.per_hour * _LEAST_US / HOUR_US
    return grown if min(grown, default=0) >= 0 and max(grown, default=0) <= most else None


def _of_totals(gauge: Gauge, points: Sequence[Point]) -> list[Gain]:
    wrong = [_is_wrong(gauge, points, place) for place in range(len(points))]
    found = []
    for place in range(1, len(points)):
        now = points[place]
        base = points[place - 2] if wrong[place - 1] and place > 1 else points[place - 1]
        growth = _growth(base.value, now.value)
        plausible = not wrong[place] and growth is not None and growth <= _reach(gauge, base, now)
        last = place == len(points) - 1
        doubtful = last and (not plausible or now.value < base.value)
        found.append(Gain(now.time_us, growth if plausible and growth else 0.0, base.time_us, doubtful))
    return found


def _is_wrong(gauge: Gauge, points: Sequence[Point], place: int) -> bool:
    """Whether a value left the one before it and the next one goes on from that: `rollup_wrong`."""
    if place in (0, len(points) - 1):
        return False
    earlier, now, later = points[place - 1 : place + 2]
    if later.value < earlier.value or now.value == earlier.value:
        return False
    near = later.value < 2 * earlier.value
    if now.value > earlier.value:
        return later.value < now.value and (near or now.value - earlier.value > _reach(gauge, earlier, now))
    return near or later.value - now.value > _reach(gauge, now, later)


def _reach(gauge: Gauge, one: Point, later: Point) -> float:
    if gauge.per_hour is None:
        return inf
    return gauge.per_hour * max(later.time_us - one.time_us, _LEAST_US) / HOUR_US


def _growth(earlier: float, now: float) -> float | None:
    """By how much a total grew; None if it went back and neither ran over nor began anew: `rollup_increase`."""
    if now >= earlier:
        return now - earlier
    rests = [top - earlier for top in _TOPS if earlier < top and earlier >= top * 63 / 64 and now < top / 64]
    if rests:
        return min(rests) + now
    return now if now < earlier / 2 else None
