"""The last steps of rules, so that a reading that comes a moment too late costs no question to the database.

Two writers commit side by side: of one device the later reading may be seen first.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ingest.watch.engine.memory import RuleMemory
from ingest.watch.stages.machine import State, advance
from ingest.watch.stages.sample import Reading

MOST_STEPS = 2
MOST_READINGS = 16
MOST_RULES = 20_000


class Step(NamedTuple):
    """Readings that changed no rank, and the state before them."""

    before: State
    readings: tuple[Reading, ...]


Trail = tuple[Step, ...]
"""Steps one after the other, the newest last; the state of the rule follows the last one."""


class Trails:
    """The last steps of each rule; of too many rules none."""

    def __init__(self) -> None:
        self._kept: dict[RuleMemory, Trail] = {}

    def of(self, memory: RuleMemory) -> Trail:
        """What is known of a rule."""
        return self._kept.get(memory, ())

    def keep(self, trails: Mapping[RuleMemory, Trail], moved: Iterable[RuleMemory]) -> None:
        """Keep these; of the others that `moved` nothing is known any more."""
        for memory in moved:
            self._kept.pop(memory, None)
        self._kept.update(trails)
        if len(self._kept) > MOST_RULES:
            self._kept = dict(trails) if len(trails) <= MOST_RULES else {}

    def forget(self) -> None:
        """Other rules are in use."""
        self._kept.clear()


def longer(trail: Trail, before: State, readings: Sequence[Reading]) -> Trail:
    """The trail with one more step, which changed no rank."""
    if len(readings) > MOST_READINGS:
        return ()
    return (*trail[1 - MOST_STEPS :], Step(before, tuple(readings)))


def rewind(memory: RuleMemory, trail: Trail, readings: Sequence[Reading]) -> tuple[State, Trail] | None:
    """The state with readings that belong before its last steps. None if the database has to be asked.

    So it is where they are older than the trail, where one of their times is known already, and where they change a
    rank.
    """
    sound = [each for each in readings if each.sound]
    oldest_us = min(each.time_us for each in sound)
    place = next((n for n in reversed(range(len(trail))) if trail[n].before.at_us < oldest_us), None)
    if place is None:
        return None
    begin = trail[place].before
    every = [each for step in trail[place:] for each in step.readings if each.sound] + sound
    if len({each.time_us for each in every}) < len(every):
        return None
    state, changes = advance(memory.rule, begin, every)
    return None if changes else (state, longer(trail[:place], begin, every))
