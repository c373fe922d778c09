"""What the watcher remembers of each rule, so that a reading in order costs no question to the database."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from ingest.watch.engine.database.notes import Snapshot
from ingest.watch.rules import Rules
from ingest.watch.stages.machine import State
from ingest.watch.stages.rule import NEVER_US, Series, WatchedRule


class Remembered(NamedTuple):
    """What is known of a rule. `state` None: nothing, it is to be computed from the database.

    `snapshot`, `since_us`: the state holds every reading since then that this snapshot saw.
    `told`: people know of the rank, or it is 0.
    """

    state: State | None = None
    snapshot: Snapshot | None = None
    since_us: int = NEVER_US
    told: bool = False


NOTHING = Remembered()


class RuleMemory:
    """One rule and what is remembered of it. `now` is replaced as a whole, once what follows from it is committed."""

    __slots__ = ("_below", "_nearest", "now", "rule", "subject", "window_us")

    def __init__(self, rule: WatchedRule, least_window_us: int) -> None:
        self.rule = rule
        self.subject = rule.subject
        self.window_us = max(rule.patience_us, least_window_us)
        """How old a measurement may be for people to be called."""
        self.now = NOTHING
        levels = [each.value for each in rule.thresholds]
        self._below = rule.below
        self._nearest = None if rule.measure.kind != "value" or not levels else (max if rule.below else min)(levels)

    def may_reach(self, value: float, place: int) -> bool:
        """As that of the rule, which this answers for each reading of a flood."""
        if self._nearest is None or place not in self.rule.own:
            return self.rule.may_reach(value, place)
        return value <= self._nearest if self._below else value >= self._nearest

    def holds(self, xact: int, time_us: int) -> bool:
        """Whether a reading of this time, which this transaction stored, is in the state already."""
        snapshot = self.now.snapshot
        return snapshot is not None and time_us >= self.now.since_us and snapshot.sees(xact)


Places = tuple[tuple[RuleMemory, int], ...]
"""The rules that a series moves, and as which of their inputs."""


class Memory:
    """The rules in use, by series."""

    def __init__(self, least_window_us: int) -> None:
        self._least_window_us = least_window_us
        self._rules: dict[str, RuleMemory] = {}
        self.by_series: Mapping[tuple[int, int, int], Places] = {}
        self._by_device: Mapping[int, list[tuple[int, RuleMemory]]] = {}

    def __len__(self) -> int:
        return sum(each.now.state is not None for each in self._rules.values())

    def __iter__(self) -> Iterator[RuleMemory]:
        return iter(self._rules.values())

    def use(self, rules: Rules) -> None:
        """Follow these rules from now on. Nothing is known of those that are new or not as before."""
        before, self._rules = self._rules, {}
        for rule in _each(rules):
            memory = before.get(rule.subject)
            if memory is None or memory.rule != rule:
                memory = RuleMemory(rule, self._least_window_us)
            self._rules[memory.subject] = memory
        self.by_series = _by_series(self._rules.values())
        self._by_device = _by_device(self.by_series)

    def of(self, device_id: int, quantity_id: int | None) -> set[RuleMemory]:
        """The rules that a quantity of a device moves; without one, every quantity of it."""
        rules = self._by_device.get(device_id, ())
        return {memory for quantity, memory in rules if quantity_id in (None, quantity)}

    @property
    def subjects(self) -> list[str]:
        """The conditions that have a rule."""
        return [*self._rules]


def _each(rules: Rules) -> Iterable[WatchedRule]:
    return {rule.subject: rule for each in rules.by_series.values() for rule in each}.values()


def _by_series(memories: Iterable[RuleMemory]) -> dict[tuple[int, int, int], Places]:
    places: dict[Series, list[tuple[RuleMemory, int]]] = {}
    for memory in memories:
        for place, series in enumerate(memory.rule.inputs):
            places.setdefault(series, []).append((memory, place))
    return {(*series,): tuple(each) for series, each in places.items()}


def _by_device(by_series: Mapping[tuple[int, int, int], Places]) -> dict[int, list[tuple[int, RuleMemory]]]:
    rules: dict[int, list[tuple[int, RuleMemory]]] = {}
    for (device_id, quantity_id, _), places in by_series.items():
        rules.setdefault(device_id, []).extend((quantity_id, memory) for memory, _ in places)
    return rules
