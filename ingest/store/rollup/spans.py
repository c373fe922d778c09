"""Hours and days put together to spans, so that few statements compute many of them. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple, TypeVar

from schemas.japan import JST

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

Moment = TypeVar("Moment", datetime, date)


class Span(NamedTuple):
    """Hours in [starts, ends) of these devices, all of them to be computed."""

    devices: list[int]
    starts: datetime
    ends: datetime


class Days(NamedTuple):
    """Days in Japan from `first` to the one before `until`, of these devices."""

    devices: list[int]
    first: date
    until: date


def spans(units: Iterable[tuple[int, datetime]]) -> list[Span]:
    """Hours of devices as spans; devices with the same span are together."""
    return [Span(devices, *between) for between, devices in _together(units, HOUR).items()]


def days(units: Iterable[tuple[int, datetime]], before: date) -> list[Days]:
    """The days `before` a certain one that these hours lie in."""
    known = {(device, hour.astimezone(JST).date()) for device, hour in units}
    return [Days(devices, *between) for between, devices in _together(known, DAY, before).items()]


def _together(
    units: Iterable[tuple[int, Moment]], step: timedelta, before: Moment | None = None
) -> dict[tuple[Moment, Moment], list[int]]:
    """Moments that follow each other by `step`, as [first, after the last) -> devices."""
    together: dict[tuple[Moment, Moment], list[int]] = defaultdict(list)
    run: tuple[int, Moment, Moment] | None = None
    for device, moment in sorted(set(units)):
        if before is not None and moment >= before:
            continue
        if run is not None and run[0] == device and run[2] == moment:
            run = (device, run[1], moment + step)
            continue
        if run is not None:
            together[run[1], run[2]].append(run[0])
        run = (device, moment, moment + step)
    if run is not None:
        together[run[1], run[2]].append(run[0])
    return together
