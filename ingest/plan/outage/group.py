"""Puts outages of devices together: when everything behind a gateway, or of a network, was silent at once. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

FOREVER = datetime.max.replace(tzinfo=UTC)
AT_ONCE = 2
"""So many devices fall silent together, or it is no outage of their gateway."""


class Member(NamedTuple):
    """An outage of a device behind the gateway. `patience`, `interval`: of the device when it fell silent."""

    outage_id: int
    device_id: int
    starts: datetime
    ends: datetime | None
    patience: timedelta
    interval: timedelta


class Duty(NamedTuple):
    """A time in which a device behind the gateway was to work, and had been heard before."""

    device_id: int
    starts: datetime
    ends: datetime


class Candidate(NamedTuple):
    """A time in which half of the devices were out, and at least two. `end` is FOREVER if it lasts."""

    starts: datetime
    end: datetime


class Group(NamedTuple):
    """An outage of a gateway or a network: nothing came from any of its devices. `ends` None: it lasts."""

    starts: datetime
    ends: datetime | None
    members: tuple[int, ...]
    devices: int


def candidates(members: Sequence[Member], duties: Sequence[Duty]) -> list[Candidate]:
    """When at least two devices and half of those on duty were out: there a look at the messages is worth it."""
    events: list[tuple[datetime, int, int]] = []
    for member in members:
        events += [(member.starts, 1, 0), (member.ends or FOREVER, -1, 0)]
    for duty in duties:
        events += [(duty.starts, 0, 1), (duty.ends, 0, -1)]
    events.sort(key=lambda event: event[0])
    found: list[Candidate] = []
    out = on_duty = 0
    began: datetime | None = None
    for number, (at, silent, duty_) in enumerate(events):
        out, on_duty = out + silent, on_duty + duty_
        if number + 1 < len(events) and events[number + 1][0] == at:
            continue
        together = out >= AT_ONCE and 2 * out >= on_duty
        if together and began is None:
            began = at
        elif not together and began is not None:
            found.append(Candidate(began, at))
            began = None
    if began is not None:
        found.append(Candidate(began, FOREVER))
    return found


def groups(candidate: Candidate, members: Sequence[Member], signs: Sequence[datetime]) -> Iterator[Group]:
    """The outages within a candidate. `signs`: of everything behind the gateway, and of the gateway itself.

    They are the times between two signs that are longer than twice the shortest interval of who was out, and into
    which at least two devices fell together.
    """
    inside = sorted({sign for sign in signs if candidate.starts < sign < candidate.end})
    for starts, end in pairwise([candidate.starts, *inside, candidate.end]):
        out = [m for m in members if m.starts < end and (m.ends or FOREVER) > starts]
        shortest = min((m.interval for m in out), default=timedelta())
        if end is not FOREVER and end - starts <= 2 * shortest:
            continue
        part = [m for m in out if _belongs(m, starts, end)]
        if len({m.device_id for m in part}) >= AT_ONCE:
            ids = tuple(sorted(m.outage_id for m in part))
            yield Group(starts, None if end is FOREVER else end, ids, len({m.device_id for m in part}))


def _belongs(member: Member, starts: datetime, end: datetime) -> bool:
    """Whether a device fell silent with the gateway and came back with it, by its own pace."""
    if member.starts < starts - member.patience:
        return False
    if member.ends is None or end is FOREVER:
        return member.ends is None and end is FOREVER
    return member.ends <= end + member.patience


def settled(found: Sequence[Group], recorded: Mapping[int, tuple[datetime, datetime | None]]) -> dict[int, Group]:
    """Which recorded group each found one is, by number: one that overlaps, best one with the same beginning."""
    kept: dict[int, Group] = {}
    for group in found:
        same = [
            number
            for number, (starts, ends) in recorded.items()
            if number not in kept and starts < (group.ends or FOREVER) and group.starts < (ends or FOREVER)
        ]
        if same:
            kept[min(same, key=lambda number: recorded[number][0] != group.starts)] = group
    return kept
