"""The notes of a turn by rule, and which rules are computed in it: those that may be at a stage first."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from heapq import nlargest
from typing import NamedTuple

from ingest.store.batch.watched import READING_BYTES, unpack_watched
from ingest.watch.engine.database.notes import Note, Span
from ingest.watch.engine.memory import Memory, RuleMemory
from ingest.watch.stages.rule import EVER_US, NEVER_US
from ingest.watch.stages.sample import Reading
from schemas.bilingual import Bilingual
from schemas.japan import to_datetime

CORRECTED = Bilingual("測定値の訂正により改めました", "amended by a correction of readings")

Rank = tuple[bool, int]
"""What is computed first: whether it may be at a stage, and the time of its newest reading."""


@dataclass(slots=True)
class Gathered:
    """The notes by rule. `fresh`: readings as they are stored; `again`: since when a rule is to be computed anew."""

    fresh: dict[RuleMemory, list[Reading]] = field(default_factory=dict)
    again: dict[RuleMemory, int | None] = field(default_factory=dict)
    why: dict[RuleMemory, Bilingual] = field(default_factory=dict)
    noted_at: dict[RuleMemory, datetime] = field(default_factory=dict)
    calm: dict[int, list[int]] = field(default_factory=dict)
    """By note the places of readings that are left: nothing is known of their rules, and they are below any stage."""
    marks: dict[RuleMemory, Rank] = field(default_factory=dict)
    """Of rules whose readings are not as they are stored: what is known of their urgency."""

    def look(self, memory: RuleMemory, since_us: int | None) -> None:
        """Have a rule computed anew, from then on; None: since its first reading."""
        before_us = self.again.get(memory, NEVER_US)
        self.again[memory] = None if before_us is None or since_us is None else min(before_us, since_us)

    def reach_back(self, backlog_us: int) -> None:
        """Have every rule computed as far back as notes that are left may reach."""
        for memory in {*self.fresh, *self.again}:
            state = memory.now.state
            self.look(memory, backlog_us - memory.window_us if state is None else state.at_us + 1)

    def rank_of(self, memory: RuleMemory) -> Rank:
        """When a rule has its turn, beside others."""
        rule, rank = memory.rule, self.marks.get(memory, (False, EVER_US))
        for reading in self.fresh.get(memory, ()):
            rank = max(rank, (rule.may_reach(reading.value, reading.series), reading.time_us))
        return rank


class Chosen(NamedTuple):
    """The rules to be computed from the database now. `left_urgent`: some of the others may be at a stage, too."""

    rules: Collection[RuleMemory]
    left_urgent: bool = False


def gather(memory: Memory, notes: Iterable[Note], corrected: AbstractSet[int], *, only_urgent: bool) -> Gathered:
    """The readings and spans of these notes by rule, without those that the memory holds.

    `only_urgent`: what moves only rules of which nothing is known, and is below their stages, is set aside.
    `corrected`: devices whose readings do not count as they were noted.
    """
    gathered = Gathered()
    for note in notes:
        if note.readings is None:
            _gather_span(memory, note, gathered)
        else:
            _gather_readings(memory, note, note.readings, corrected, gathered, only_urgent=only_urgent)
    return gathered


def _gather_readings(
    memory: Memory, note: Note, packed: bytes, corrected: AbstractSet[int], gathered: Gathered, *, only_urgent: bool
) -> None:
    fresh, noted_at, places_of = gathered.fresh, gathered.noted_at, memory.by_series.get
    xact, exact, at, calm = note.xact, note.exact, note.noted_at, list[int]()
    for number, (time_us, value, device_id, quantity_id, channel, quality) in enumerate(unpack_watched(packed)):
        counts = device_id not in corrected
        for each, place in places_of((device_id, quantity_id, channel), ()):
            if only_urgent and counts and each.now.state is None and not each.may_reach(value, place):
                calm.append(number)
                continue
            if each.holds(xact, time_us):
                continue
            noted_at[each] = at
            if not (exact and counts):
                gathered.look(each, time_us)
                rank = not counts or each.may_reach(value, place), time_us  # what a correction makes of it may be
                gathered.marks[each] = max(gathered.marks.get(each, rank), rank)
            elif each in fresh:
                fresh[each].append(Reading(time_us, value, place, quality))
            else:
                fresh[each] = [Reading(time_us, value, place, quality)]
    if calm:
        gathered.calm[note.note_id] = calm


def _gather_span(memory: Memory, note: Note, gathered: Gathered) -> None:
    if note.device_id is None:
        return
    for each in memory.of(note.device_id, note.quantity_id):
        gathered.look(each, note.starts_us)
        gathered.why[each] = CORRECTED


def choose(gathered: Gathered, most: int, *, only_urgent: bool) -> Chosen:
    """At most so many rules: those that may be at a stage first, then the newest. `only_urgent`: none but the former.

    A turn of what may wait takes all of them if they are not more than that.
    """
    again = gathered.again
    if not again or (len(again) <= most and not only_urgent):
        return Chosen(again)
    ranks = {memory: gathered.rank_of(memory) for memory in again}
    urgent = [memory for memory, (may_be_at_stage, _) in ranks.items() if may_be_at_stage]
    chosen = nlargest(most, urgent if only_urgent else ranks, ranks.__getitem__)
    return Chosen(chosen, len(urgent) > most)


def leave(
    memory: Memory, notes: Iterable[Note], postponed: AbstractSet[RuleMemory], calm: Mapping[int, Sequence[int]]
) -> dict[int, bytes | None]:
    """What is left of each note for another turn: the `calm` readings, and those that move a postponed rule.

    None: all of it.
    """
    left: dict[int, bytes | None] = {}
    for note in notes:
        if note.readings is None:
            continue
        places = {*calm.get(note.note_id, ()), *(_that_move(memory, note, note.readings, postponed))}
        if len(places) * READING_BYTES == len(note.readings):
            left[note.note_id] = None
        elif places:
            left[note.note_id] = _cut(note.readings, places)
    return left


def leave_spans(memory: Memory, notes: Iterable[Note], postponed: AbstractSet[RuleMemory]) -> list[Span]:
    """The spans of these notes that are left for another turn, because a rule of theirs is postponed."""
    return [
        Span(note.device_id, note.quantity_id, None if note.starts_us is None else to_datetime(note.starts_us))
        for note in notes
        if note.device_id is not None and not postponed.isdisjoint(memory.of(note.device_id, note.quantity_id))
    ]


def _that_move(memory: Memory, note: Note, packed: bytes, postponed: AbstractSet[RuleMemory]) -> Iterable[int]:
    if not postponed:
        return ()
    places_of = memory.by_series.get
    return (
        number
        for number, row in enumerate(unpack_watched(packed))
        if any(each in postponed and not each.holds(note.xact, row[0]) for each, _ in places_of(row[2:5], ()))
    )


def _cut(packed: bytes, places: Iterable[int]) -> bytes:
    return b"".join(packed[n * READING_BYTES : (n + 1) * READING_BYTES] for n in sorted(places))
