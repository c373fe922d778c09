"""One replay from the rules to the comparison, from one look at the database that can write nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ingest.figures.fetch import snapshot
from ingest.store.database import Database, translated
from ingest.watch.replay.compare import Crossing, Verdict, compare
from ingest.watch.replay.database import Station, project_number, recorded_rises, stations
from ingest.watch.replay.run import Replayed, replay_rules
from ingest.watch.rules import load_rules
from ingest.watch.stages.rule import WatchedRule
from schemas.watch import WatchDocument


@dataclass(frozen=True, slots=True)
class Answer:
    """What a replay came to. `rules` and `readings`: how many were looked at."""

    start: datetime
    end: datetime
    rules: int
    readings: int
    crossings: Sequence[Crossing]
    stations: Mapping[int, Station]

    def count(self, verdict: Verdict) -> int:
        """How many crossings have this verdict."""
        return sum(each.verdict is verdict for each in self.crossings)


def replay(
    connection: Database, start: datetime, end: datetime, *, project: str | None = None,
    instead: Mapping[int, WatchDocument] | None = None, advanced: Callable[[int, int], None] = lambda _done, _all: None,
) -> Answer:  # fmt: skip
    """What the watch would have noticed in [start, end) with the rules of now, or with other documents.

    `project`: only this one. `instead`: documents in place of the stored ones, by the number of the project.
    `advanced` is told how many rules of all are done. The connection must not be within a transaction.
    Raises StoreUnavailable.
    """
    with translated(), snapshot(connection):
        rules = _rules(connection, project, instead or {})
        recorded = recorded_rises(connection, project, start, end)
        answers: list[Replayed] = [
            *replay_rules(connection, rules, start, end, lambda done: advanced(done, len(rules)))
        ]
        crossings = compare(answers, recorded)
        named = stations(connection, {each.device_id for each in crossings})
    readings = sum(each.readings for each in answers)
    return Answer(start, end, len(rules), readings, crossings, named)


def _rules(connection: Database, project: str | None, instead: Mapping[int, WatchDocument]) -> list[WatchedRule]:
    """Each rule once, in the order of its devices: what is asked for together lies together on the disk."""
    found = load_rules(connection, instead)
    every = {rule.subject: rule for rules in found.by_series.values() for rule in rules}
    if project is not None:
        number = project_number(connection, project)
        every = {name: rule for name, rule in every.items() if rule.project_id == number}
    return sorted(every.values(), key=lambda rule: (rule.series, rule.code))
