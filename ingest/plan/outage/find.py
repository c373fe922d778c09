"""Finds outages: from what arrived and from the registry as it was then, anew wherever either changed.

What was not looked at yet is scanned in order of time, whole weeks by the sums of the days and their messages, and the
last hours again at each run. What came late, or changed in the registry, was noted (`outage_due`): there the outages
of a device are reckoned anew and compared with what is recorded. So the rows do not depend on the order of arrival.
"""

import time
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from threading import Event
from typing import NamedTuple

from ingest.figures.fetch import Database
from ingest.figures.plan.outage import TAIL
from ingest.plan.outage.compare import What, Why, compare
from ingest.plan.outage.database import rows, signs
from ingest.plan.outage.database.signs import Due, Pace, Scanned
from ingest.plan.outage.propose import propose
from ingest.plan.outage.regroup import Places, regroup
from ingest.plan.outage.silence import Gap, Spell, spells_of
from ingest.plan.outage.windows import Window, widened, windows_around
from schemas.japan import to_jst

STEP = timedelta(days=7)
BUDGET_S = 30.0
"""A run goes on to the next step for this long; the rest is left to the next run."""
DUE_DEVICES = 200
NEVER = Event()


class Found(NamedTuple):
    """What a run did: outages found, ended, changed by late data, withdrawn; `behind`: there is more to look at."""

    found: int = 0
    ended: int = 0
    changed: int = 0
    withdrawn: int = 0
    behind: bool = False

    def plus(self, other: "Found") -> "Found":
        """Both together; `behind` is that of the other, which is later."""
        return Found(
            self.found + other.found, self.ended + other.ended, self.changed + other.changed,
            self.withdrawn + other.withdrawn, other.behind,
        )  # fmt: skip


def find_outages(
    connection: Database, now: datetime, stop: Event = NEVER, *, budget_s: float = BUDGET_S, step: timedelta = STEP
) -> Found:
    """Bring the outages up to date, on a connection in autocommit mode; the same again changes nothing.

    `step`: so much of the past in one transaction. Behind the sums there is nothing to look at yet.
    """
    deadline = time.monotonic() + budget_s
    total = Found()
    while not stop.is_set():
        with connection.transaction():
            signs.take_lock(connection)
            done = _Run(connection, now).step(step)
        total = total.plus(done)
        if not done.behind or time.monotonic() > deadline:
            break
    return total


class _Run:
    """One transaction."""

    def __init__(self, connection: Database, now: datetime) -> None:
        self._connection = connection
        self._now = now
        self._pace: Mapping[int, Pace] = signs.pace(connection)
        self._places = Places()
        self._again: list[Due] = []

    def step(self, step: timedelta) -> Found:
        """The next step: some of the past, or the last hours and what changed before them."""
        state = signs.read_state(self._connection)
        closed = state.closed_until
        if closed is None or closed < self._now - TAIL:
            return Found()  # the sums come first; what they are computed from is scanned when they are there
        seen = state.seen_until
        if seen is None:
            oldest = signs.oldest_sign(self._connection) or closed
            seen = min(closed, max(_midnight(oldest), state.raw_from or oldest))
            signs.forget_due(self._connection, None)
        if closed - seen > TAIL:
            until = min(_midnight(seen + step), _midnight(closed))
            done = self._settle(self._closed(seen, until))
            signs.note_seen(self._connection, until)
        else:
            done = self._settle(self._tail(seen))
            self._places.add_groups(rows.groups_since(self._connection, seen))
            signs.note_seen(self._connection, closed)
        done = done.plus(self._changed(closed))
        changed = regroup(self._connection, self._places, self._now)
        propose(self._connection, changed | self._places.outages)
        behind = closed - seen > TAIL or signs.anything_due(self._connection)
        return done._replace(behind=behind)

    def _closed(self, seen: datetime, until: datetime) -> list[Window]:
        """Whole days: only devices whose sums tell of a long gap."""
        found = signs.scan(self._connection, seen, until, signs.candidates(self._connection, seen, until))
        before = signs.signs_before(self._connection, list(found), [seen] * len(found))
        return [
            Window(device, before.get(device), one.last, list(self._long(device, before.get(device), one)))
            for device, one in found.items()
        ]

    def _tail(self, seen: datetime) -> list[Window]:
        """Every device from here until now."""
        found = signs.scan(self._connection, seen, None)
        before = signs.signs_before(self._connection, list(self._pace), [seen] * len(self._pace))
        windows = []
        for device in self._pace:
            one, last = found.get(device), before.get(device)
            gaps = [] if one is None else list(self._long(device, last, one))
            latest = last if one is None else one.last
            if latest is None or self._now - latest > self._pace[device].least:
                gaps.append(Gap(device, latest, None))
            windows.append(Window(device, last, None, gaps))
        return windows

    def _long(self, device: int, before: datetime | None, one: Scanned) -> Iterable[Gap]:
        if before is None or one.first - before > self._pace[device].least:
            yield Gap(device, before, one.first)
        for last, following in zip(one.befores, one.afters, strict=True):
            yield Gap(device, last, following)

    def _changed(self, closed: datetime) -> Found:
        """What came late, or changed in the registry, and what did not fit to what is recorded."""
        noted = signs.due(self._connection, DUE_DEVICES)
        total = Found()
        for why in Why:
            chosen = [each for each in noted + self._again if each.why == why]
            if chosen:
                known = [each for each in chosen if each.device_id in self._pace]
                total = total.plus(self._settle(windows_around(self._connection, known, closed), why))
        heard = [(each.device_id, each.starts, each.ends) for each in noted]
        self._places.add_groups(rows.groups_heard(self._connection, heard))
        signs.forget_due(self._connection, [each.outage_due_id for each in noted])
        return total

    def _settle(self, windows: list[Window], why: Why = Why.DATA) -> Found:
        """Compare what should stand with what is recorded, and write the difference."""
        spells = self._spells(windows)
        recorded = rows.recorded_in(self._connection, [(each.device_id, each.since, each.until) for each in windows])
        new: list[Spell] = []
        changes = []
        for window in windows:
            there = recorded.get(window.device_id, [])
            if wider := widened(window, there):
                self._again.append(wider)
                continue
            difference = compare(there, spells.get(window.device_id, []), why)
            new += difference.new
            changes += difference.changes
        numbers = rows.insert(self._connection, new)
        rows.apply_changes(self._connection, changes)
        self._places.add_spells(new, numbers)
        self._places.add_changes(changes)
        ended = sum(each.what is What.ENDED for each in changes)
        withdrawn = sum(each.what is What.WITHDRAWN for each in changes)
        return Found(len(new), ended, len(changes) - ended - withdrawn, withdrawn)

    def _spells(self, windows: Iterable[Window]) -> dict[int, list[Spell]]:
        gaps = [gap for window in windows for gap in window.gaps if self._may_be_one(gap)]
        if not gaps:
            return {}
        moded = [gap for gap in gaps if self._pace[gap.device_id].moded]
        gaps = [gap for gap in gaps if not self._pace[gap.device_id].moded]
        gaps += signs.with_levels(self._connection, moded)
        began = signs.began(self._connection) if any(gap.last is None for gap in gaps) else {}
        since: dict[int, datetime] = {}
        for gap in gaps:
            begins = gap.last or min(began.values(), default=self._now)
            since[gap.device_id] = min(since.get(gap.device_id, begins), begins)
        stretches = signs.stretches(self._connection, since, self._now)
        found: dict[int, list[Spell]] = {}
        for gap in gaps:
            found.setdefault(gap.device_id, []).extend(
                spells_of(gap, stretches.get(gap.device_id, []), began, self._now)
            )
        return {device: spells for device, spells in found.items() if spells}

    def _may_be_one(self, gap: Gap) -> bool:
        return gap.last is None or (gap.next or self._now) - gap.last > self._pace[gap.device_id].least


def _midnight(moment: datetime) -> datetime:
    """The beginning of the day in Japan."""
    return to_jst(moment).replace(hour=0, minute=0, second=0, microsecond=0)
