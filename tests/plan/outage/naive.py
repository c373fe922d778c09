"""Outages as a walk through every minute finds them: slow, and with nothing clever in it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from schemas.japan import to_jst

MINUTE = timedelta(minutes=1)


class Place(NamedTuple):
    """How a device was registered from a moment on."""

    since: datetime
    project: int
    interval_s: int
    calm_interval_s: int | None = None
    active_level_m: float | None = None
    season: tuple[str, str] | None = None
    installed_on: str | None = None
    enabled: bool = True


def outages_of(
    places: Sequence[Place],
    signs: Mapping[datetime, float | None],
    began: Mapping[int, datetime],
    first: datetime,
    now: datetime,
) -> set[tuple[int, datetime, datetime | None]]:
    """(project, beginning, end). `signs`: moments, on whole minutes, with the level that was told."""
    found: set[tuple[int, datetime, datetime | None]] = set()
    level: float | None = None
    last: datetime | None = None
    since: datetime | None = None
    out_of: int | None = None
    project: int | None = None
    minute = first
    while minute < now:
        place = [each for each in places if each.since <= minute][-1]
        if not _on_duty(place, minute) or place.project != project:
            if out_of is not None and since is not None:
                found.add((out_of, since, minute))
            since, out_of = None, None
        project = place.project if _on_duty(place, minute) else None
        if minute in signs:
            if out_of is not None and since is not None:
                found.add((out_of, since, minute))
            out_of = None
            last, since = minute, minute if project is not None else None
            level = signs[minute] if signs[minute] is not None else level
        if project is not None:
            if since is None and (last is not None or (place.installed_on and began.get(project, now) <= minute)):
                since = minute
            if since is not None and minute + MINUTE - since > _patience(place, level if last else None):
                out_of = project
        minute += MINUTE
    if out_of is not None and since is not None:
        found.add((out_of, since, None))
    return found


def _on_duty(place: Place, minute: datetime) -> bool:
    day = f"{to_jst(minute):%m-%d}"
    if place.installed_on and f"{to_jst(minute):%Y-%m-%d}" < place.installed_on:
        return False
    return place.enabled and (place.season is None or place.season[0] <= day <= place.season[1])


def _patience(place: Place, level: float | None) -> timedelta:
    if place.calm_interval_s and place.active_level_m and (level is None or level < place.active_level_m):
        return timedelta(seconds=1.5 * place.calm_interval_s)
    return timedelta(seconds=3 * place.interval_s)
