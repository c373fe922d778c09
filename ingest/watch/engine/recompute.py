"""Rules computed anew from the database: cold ones, late readings, corrections, changed stages. Many at once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ingest.store.database import Database
from ingest.watch.engine.database import readings as rows
from ingest.watch.engine.database.notes import Snapshot, snapshot
from ingest.watch.engine.database.readings import StoredChange, Stretch
from ingest.watch.engine.memory import RuleMemory
from ingest.watch.stages.machine import Change, State, advance, resume
from ingest.watch.stages.rule import NEVER_US, Series
from ingest.watch.stages.sample import Reading
from schemas.japan import to_datetime

AT_ONCE = 200
"""Rules in one question to the database."""
SLICE_US = 7 * 86_400 * 1_000_000
"""A longer time is computed in slices of this, each with a note for the rest: live readings go on between them."""
FAR_US = 253_370_764_800_000_000
"""The year 9999: the end of what has none."""


class Again(NamedTuple):
    """A rule to be computed from a time on. `since_us` None: since its first reading; NEVER_US: since its newest."""

    memory: RuleMemory
    since_us: int | None


@dataclass(slots=True)
class Recomputed:
    """What came of it: `changes` and what is `stored` for the time [since_us, until_us).

    `state`: at its end, which is now unless `until_us` is before FAR_US. None: it could not be computed (a defect).
    """

    memory: RuleMemory
    since_us: int
    until_us: int
    snapshot: Snapshot
    state: State | None = None
    changes: tuple[Change, ...] = ()
    stored: list[StoredChange] = field(default_factory=list)


def recompute(
    connection: Database, items: Sequence[Again], now_us: int, fail: Callable[[RuleMemory, Exception], None]
) -> Iterator[Recomputed]:
    """Compute these rules, in the transaction of the caller. `fail` is told of those that cannot be computed."""
    for start in range(0, len(items), AT_ONCE):
        some = items[start : start + AT_ONCE]
        seen = snapshot(connection)
        answers = [
            Recomputed(each.memory, since_us, _until(since_us, now_us), seen)
            for each, since_us in zip(some, _since(connection, some, now_us), strict=True)
        ]
        _read_stored(connection, answers)
        _compute(connection, answers, fail)
        yield from answers


def _since(connection: Database, items: Sequence[Again], now_us: int) -> list[int]:
    """From when on each rule is computed. What is not kept any more is left as it was judged."""
    newest = [n for n, each in enumerate(items) if each.since_us == NEVER_US]
    oldest = [n for n, each in enumerate(items) if each.since_us is None or each.since_us < now_us - SLICE_US]
    since = [now_us if each.since_us is None else each.since_us for each in items]
    for n, times in _times(connection, rows.newest_times, items, newest):
        since[n] = max(times, default=now_us)
    for n, times in _times(connection, rows.first_times, items, oldest):
        since[n] = max(min(times, default=now_us), items[n].since_us or 0)
    return since


def _times(
    connection: Database, ask: Callable[[Database, Sequence[Series]], dict[int, int]], items: Sequence[Again],
    wanted: Sequence[int],
) -> Iterator[tuple[int, list[int]]]:  # fmt: skip
    """What is known of the own series of these items, by their place."""
    asked = [(n, series) for n in wanted for series in items[n].memory.rule.own_series]
    known = ask(connection, [series for _, series in asked])
    found: dict[int, list[int]] = {n: [] for n in wanted}
    for place, time_us in known.items():
        found[asked[place][0]].append(time_us)
    yield from found.items()


def _until(since_us: int, now_us: int) -> int:
    return FAR_US if now_us - since_us <= SLICE_US else since_us + SLICE_US


def _read_stored(connection: Database, answers: Sequence[Recomputed]) -> None:
    subjects = [each.memory.subject for each in answers]
    since = [to_datetime(each.since_us) for each in answers]
    until = [to_datetime(each.until_us) for each in answers]
    for change in rows.stored_changes(connection, subjects, since, until):
        answers[change.n].stored.append(change)


def _compute(
    connection: Database, answers: Sequence[Recomputed], fail: Callable[[RuleMemory, Exception], None]
) -> None:
    since = [to_datetime(each.since_us) for each in answers]
    ranks = rows.ranks_before(connection, [each.memory.subject for each in answers], since)
    readings = _readings(connection, answers)
    for n, answer in enumerate(answers):
        rule = answer.memory.rule
        earlier = [reading for reading in readings[n] if reading.time_us < answer.since_us]
        later = [reading for reading in readings[n] if reading.time_us >= answer.since_us]
        try:
            begin = resume(rule, ranks.get(n, 0), earlier)
            answer.state, answer.changes = advance(rule, begin, later)
        except Exception as error:  # noqa: BLE001  a defect of one rule must not keep the others from being watched
            fail(answer.memory, error)


def _readings(connection: Database, answers: Sequence[Recomputed]) -> list[list[Reading]]:
    stretches: list[Stretch] = []
    places: list[tuple[int, int]] = []
    for n, answer in enumerate(answers):
        rule = answer.memory.rule
        since = to_datetime(max(answer.since_us - rule.look_back_us, 0))
        for place, series in enumerate(rule.inputs):
            stretches.append(Stretch(Series(*series), since, to_datetime(answer.until_us)))
            places.append((n, place))
    found: list[list[Reading]] = [[] for _ in answers]
    for number, time_us, value in rows.read_series(connection, stretches):
        n, place = places[number]
        found[n].append(Reading(time_us, value, place))
    return found
