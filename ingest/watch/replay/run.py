"""Runs past readings through the machine, rule by rule, in bounded memory. Writes nothing."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from typing import NamedTuple

from ingest.store.database import Database
from ingest.watch.engine.database.readings import Stretch, stream_series
from ingest.watch.stages.machine import Change, advance, start
from ingest.watch.stages.rule import Series, WatchedRule
from ingest.watch.stages.sample import Reading
from schemas.japan import to_us

AT_ONCE = 500
"""Rules in one question to the database. What they remember is in memory at once."""
SLICE = timedelta(days=5)
"""So many days of one rule are in memory at once: 720 readings of a gauge that measures every ten minutes."""
WARM_UP = timedelta(days=1)
"""At least so much before the period is looked at, so that a level that stands at a stage already does not reach it."""


class Replayed(NamedTuple):
    """What came of one rule: its changes within the period, and of how many readings."""

    rule: WatchedRule
    changes: tuple[Change, ...]
    readings: int


def replay_rules(
    connection: Database, rules: Sequence[WatchedRule], begin: datetime, end: datetime,
    advanced: Callable[[int], None] = lambda _: None,
) -> Iterator[Replayed]:  # fmt: skip
    """What the rules would have made of the readings of [begin, end), in the transaction of the caller.

    `advanced` is told how many rules are done.
    """
    for first in range(0, len(rules), AT_ONCE):
        some = rules[first : first + AT_ONCE]
        yield from _replay(connection, some, begin, end)
        advanced(first + len(some))


def _replay(connection: Database, rules: Sequence[WatchedRule], begin: datetime, end: datetime) -> Iterator[Replayed]:
    states = [start(rule) for rule in rules]
    changes: list[list[Change]] = [[] for _ in rules]
    counts = [0] * len(rules)
    begin_us = to_us(begin)
    for since, until in _slices(rules, begin, end):
        for n, readings in _readings(connection, rules, since, until):
            states[n], changed = advance(rules[n], states[n], readings)
            changes[n] += [change for change in changed if change.at_us >= begin_us]
            counts[n] += len(readings) if until > begin else 0
    for rule, found, count in zip(rules, changes, counts, strict=True):
        yield Replayed(rule, tuple(found), count)


def _slices(
    rules: Sequence[WatchedRule], begin: datetime, end: datetime
) -> Iterator[tuple[list[datetime], datetime]]:  # fmt: skip
    """First what each rule looks back on, in slices too, then the period. `since` by rule; `until` for all."""
    since = [begin - max(WARM_UP, timedelta(microseconds=rule.look_back_us)) for rule in rules]
    earliest = min(since)
    cuts = [earliest]
    while cuts[-1] < begin:
        cuts.append(min(cuts[-1] + SLICE, begin))
    while cuts[-1] < end:
        cuts.append(min(cuts[-1] + SLICE, end))
    for at, until in pairwise(cuts):
        yield [max(at, each) for each in since], until


def _readings(
    connection: Database, rules: Sequence[WatchedRule], since: Sequence[datetime], until: datetime
) -> Iterator[tuple[int, list[Reading]]]:
    """The readings of each rule that has any, by its place."""
    stretches: list[Stretch] = []
    places: list[tuple[int, int]] = []
    for n, rule in enumerate(rules):
        if since[n] >= until:
            continue
        for place, series in enumerate(rule.inputs):
            stretches.append(Stretch(Series(*series), since[n], until))
            places.append((n, place))
    for n, rows in groupby(stream_series(connection, stretches), key=lambda row: places[row[0]][0]):
        yield n, [Reading(time_us, value, places[number][1]) for number, time_us, value in rows]
