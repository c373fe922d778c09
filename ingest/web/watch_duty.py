"""Who is on duty in the watch of a project, until when, and who comes next. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from typing import NamedTuple

from ingest.watch.deeds.model import Duty as Change
from ingest.watch.delivery.duty import on_duty
from schemas.japan import to_jst
from schemas.watch_notice import WatchNotice

AHEAD = timedelta(days=8)
"""So far the rota is looked through for the next turn: the weekly shifts repeat after seven days."""


class Turn(NamedTuple):
    """Names of those on duty; nobody where there is none. `until`: when others are; None: not within AHEAD."""

    names: tuple[str, ...]
    until: datetime | None


class DutyShown(NamedTuple):
    """Who is on duty now and next. `asked`: the document says something of duty at all."""

    now: Turn
    then: Turn | None
    asked: bool


def duty_shown(notice: WatchNotice, changes: Sequence[Change], now: datetime) -> DutyShown:
    """Who is on duty now and next. `changes`: beside the rota, those that last or are to come, the newest first."""
    asked = bool(notice.duty.rota or notice.duty.weekly or notice.duty.backup or changes)
    here = _at(notice, changes, now)
    for at in sorted({each for each in _moments(notice, changes, now) if now < each <= now + AHEAD}):
        there = _at(notice, changes, at)
        if there != here:
            after = next(
                (
                    each for each in sorted({*_moments(notice, changes, at)})
                    if at < each <= now + AHEAD and _at(notice, changes, each) != there
                ),
                None,
            )  # fmt: skip
            return DutyShown(Turn(_names(notice, here), at), Turn(_names(notice, there), after), asked)
    return DutyShown(Turn(_names(notice, here), None), None, asked)


def _at(notice: WatchNotice, changes: Sequence[Change], at: datetime) -> tuple[str, ...]:
    changed = next((each.person for each in changes if each.voided_by is None and each.starts <= at < each.ends), None)
    return on_duty(notice.duty, changed, at)


def _names(notice: WatchNotice, codes: Sequence[str]) -> tuple[str, ...]:
    known = {person.code: person.name for person in notice.people}
    return tuple(known.get(code, code) for code in codes)


def _moments(notice: WatchNotice, changes: Sequence[Change], now: datetime) -> Iterator[datetime]:
    """Every moment at which the duty may change, of the rota and of the days to come."""
    for shift in notice.duty.rota:
        yield from (shift.begins, shift.ends)
    for change in changes:
        yield from (change.starts, change.ends)
    today = to_jst(now)
    clocks = {clock for shift in notice.duty.weekly for clock in (shift.begins, shift.ends)} | {"00:00"}
    for days in range(AHEAD.days + 1):
        day = (today + timedelta(days=days)).date()
        yield from (datetime.combine(day, time.fromisoformat(clock), today.tzinfo) for clock in clocks)
