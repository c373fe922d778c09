"""When a silence is an outage: pure, so that it can be tried against a naive reckoning."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

PATIENCE = 3
"""So many intervals may pass without a sign of life."""
CALM_PATIENCE = 1.5
"""The same of a water-level gauge in its calm mode, which reports once a day as a proof of life."""


class Stretch(NamedTuple):
    """A time in which a device was to work, at one place and in one way: enabled, in season, after its installation.

    `installed`: the day of its installation is known, so it is missed even before its first message.
    """

    device_id: int
    starts: datetime
    ends: datetime
    project_id: int
    network_id: int
    gateway_id: int | None
    interval_s: int
    calm_interval_s: int | None
    active_level_m: float | None
    installed: bool


class Gap(NamedTuple):
    """Nothing came from a device between two signs of life. None: there was none before, there is none since.

    `level`: the last level in metres that it told until then, where its mode depends on that.
    """

    device_id: int
    last: datetime | None
    next: datetime | None
    level: float | None = None


class Spell(NamedTuple):
    """An outage of a device, as it should stand: from the last sign of life, or from when it was to work again.

    `ends`: of the first sign of life after it, or when it was not to work any more; None: it lasts.
    """

    device_id: int
    project_id: int
    network_id: int
    gateway_id: int | None
    starts: datetime
    ends: datetime | None


def patience(stretch: Stretch, level: float | None) -> timedelta:
    """How long a device may be silent. A level that was never told is a low one."""
    if stretch.calm_interval_s is None or stretch.active_level_m is None:
        return timedelta(seconds=PATIENCE * stretch.interval_s)
    if level is not None and level >= stretch.active_level_m:
        return timedelta(seconds=PATIENCE * stretch.interval_s)
    return timedelta(seconds=CALM_PATIENCE * stretch.calm_interval_s)


def spells_of(gap: Gap, stretches: Sequence[Stretch], began: Mapping[int, datetime], now: datetime) -> Iterator[Spell]:
    """The outages within one gap. `stretches`: of this device, by time.

    `began`: when the first message of each project came: before it nobody could have heard a device that never spoke.
    """
    for run in _runs(stretches):
        begins = run[0].starts
        if gap.last is not None:
            begins = max(begins, gap.last)
        elif run[0].installed and run[0].project_id in began:
            begins = max(begins, began[run[0].project_id])
        else:
            continue
        until = min(now if gap.next is None else gap.next, run[-1].ends)
        for piece in run:
            if piece.starts < until and min(piece.ends, until) - begins > patience(piece, gap.level):
                place = next(each for each in run if each.ends > begins)
                lasts = gap.next is None and run[-1].ends >= now
                yield Spell(
                    gap.device_id,
                    place.project_id,
                    place.network_id,
                    place.gateway_id,
                    begins,
                    None if lasts else until,
                )
                break


def _runs(stretches: Sequence[Stretch]) -> Iterator[Sequence[Stretch]]:
    """Stretches that touch, in one project: a change of the interval or the gateway ends no outage."""
    first = 0
    for number, (one, other) in enumerate(pairwise(stretches), 1):
        if one.ends != other.starts or one.project_id != other.project_id:
            yield stretches[first:number]
            first = number
    if stretches:
        yield stretches[first:]


def gaps_between(device_id: int, signs: Iterable[datetime | None]) -> list[Gap]:
    """The gaps between signs of life in order of time; None at the ends where there is none before or after."""
    return [Gap(device_id, one, other) for one, other in pairwise(signs)]
