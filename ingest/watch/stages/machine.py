"""When a stage is reached and left, reading by reading. The same readings give the same changes, in whatever order.

A stage is reached by a sample at its value or beyond. It is left by one that is short of its value by more than the
hysteresis. A stage that has to last is reached by the first sample after it lasted so long. Thresholds hold by the time
of the reading. A sample without a value changes nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from math import inf, nextafter
from operator import itemgetter
from typing import Any, NamedTuple

from ingest.watch.stages.rule import EVER_US, NEVER_US, NOBODY, Threshold, WatchedRule
from ingest.watch.stages.sample import Reading, Sample

STATE = "state"
"""The kind of measure whose stages are words: reached where the value is theirs, not where it is beyond."""

AT_REST = "rest"
"""Why a rank went to 0: the season or the hours of the rule are over."""


class Change(NamedTuple):
    """A rank that became another at a measurement. `threshold`: of the new rank; None at 0.

    `value`: of the measure; None only where it has none and the rule came to rest.
    `left`: the threshold of the rank before, as it is at this time; None where it does not hold any more.
    """

    at_us: int
    before_rank: int
    rank: int
    value: float | None
    threshold: Threshold | None
    left: Threshold | None = None
    partial: bool = False
    """Something of the measure is missing: the true value is at least `value`."""
    why: str = ""
    source: int = 0
    """Of which of the rule's own inputs the value is, by its place in `own`."""


class State(NamedTuple):
    """What the machine remembers of a rule after a time. It is never changed."""

    rank: int = 0
    at_us: int = EVER_US
    """Of the last reading."""
    sample: Sample | None = None
    """The last of the rule's own measure."""
    memory: Any = None
    since: tuple[tuple[int, int], ...] = ()
    """Of stages that have to last: rank, and the first sample since which it is reached without a break."""
    beside: tuple[Sample | None, ...] = ()
    """The last sample of each partner."""
    memories: tuple[Any, ...] = ()


class OutOfOrder(ValueError):
    """A reading that is not newer than the state: the state has to be computed anew from stored readings."""


def start(rule: WatchedRule, rank: int = 0) -> State:
    """The state before any reading."""
    return State(
        rank,
        memory=rule.measure.start(),
        beside=(None,) * len(rule.partners),
        memories=tuple(each.measure.start() for each in rule.partners),
    )


def step(rule: WatchedRule, state: State, reading: Reading) -> tuple[State, tuple[Change, ...]]:
    """The state after one reading, and what changed with it (at most one change).

    Readings of one time belong together: where a rule has several inputs use `advance`.
    Raises OutOfOrder if the reading is not newer than the state.
    """
    if not reading.sound:
        return state, ()
    if reading.time_us <= state.at_us:
        raise OutOfOrder(reading)
    return _take(rule, state, reading.time_us, (reading,))


def advance(rule: WatchedRule, state: State, readings: Iterable[Reading]) -> tuple[State, tuple[Change, ...]]:
    """The state after these readings, in whatever order they are given, and the changes in the order of time.

    Unsound readings count as if they were not there. Of two readings of one series and time the first counts.
    Raises OutOfOrder if a sound one is not newer than the state.
    """
    if len(rule.inputs) == 1 and not rule.partners:
        return _advance_alone(rule, state, readings)
    changes: list[Change] = []
    for time_us, group in _by_time(readings):
        if time_us <= state.at_us:
            raise OutOfOrder(group[0])
        state, changed = _take(rule, state, time_us, group)
        changes += changed
    return state, tuple(changes)


def _advance_alone(
    rule: WatchedRule, state: State, readings: Iterable[Reading]
) -> tuple[State, tuple[Change, ...]]:  # fmt: skip
    """`advance` for a rule of one series, which spends little on a reading that changes nothing."""
    changes: list[Change] = []
    add, memory, sample, at_us = rule.measure.add, state.memory, state.sample, state.at_us
    low, high = _calm(rule, state.rank)
    newest_us = at_us
    for reading in sorted((each for each in readings if each.sound), key=itemgetter(0)):
        time_us = reading.time_us
        if time_us <= newest_us:
            if time_us <= at_us:
                raise OutOfOrder(reading)
            continue  # of one time: the first counts
        before, (memory, sample) = sample, add(memory, time_us, (reading.value,))
        if sample.value is not None and low <= sample.value <= high:
            state = state._replace(since=()) if state.since else state
        else:
            state, changed = _judge(rule, state._replace(sample=before), time_us, sample, memory)
            if changed:
                changes += changed
                low, high = _calm(rule, state.rank)
        newest_us = time_us
    return state._replace(at_us=newest_us, sample=sample, memory=memory), tuple(changes)


def _calm(rule: WatchedRule, rank: int) -> tuple[float, float]:
    """From which value to which a rank surely stays as it is and nothing lasts, whenever that is; (inf, -inf): unknown.

    For rules without partners.
    """
    own = [each for each in rule.thresholds if each.rank == rank]
    always = len(own) == 1 and (own[0].from_us, own[0].to_us) == (EVER_US, NEVER_US)
    if rule.measure.kind == STATE or (rank and (rule.hold_us or rule.working or not always)):
        return inf, -inf
    higher = [each.value for each in rule.thresholds if each.rank > rank]
    if rule.below:
        return nextafter(max(higher, default=-inf), inf), own[0].value + rule.hysteresis if rank else inf
    return own[0].value - rule.hysteresis if rank else -inf, nextafter(min(higher, default=inf), -inf)


def chronology(rule: WatchedRule, readings: Iterable[Reading], begin: State | None = None) -> list[Change]:
    """All changes that these readings make, in the order of time, from a state on; without one from rank 0."""
    return list(advance(rule, start(rule) if begin is None else begin, readings)[1])


def resume(rule: WatchedRule, rank: int, readings: Iterable[Reading]) -> State:
    """The state at a time when the rank is known: after all readings before it.

    `readings`: those since `rule.look_back_us` before that time. Older ones change nothing.
    """
    state, _ = advance(rule, start(rule, rank), readings)
    return state._replace(rank=rank)


def _by_time(readings: Iterable[Reading]) -> Iterator[tuple[int, Sequence[Reading]]]:
    group: list[Reading] = []
    for reading in sorted((each for each in readings if each.sound), key=itemgetter(0)):
        if group and group[0].time_us != reading.time_us:
            yield group[0].time_us, group
            group = []
        group.append(reading)
    if group:
        yield group[0].time_us, group


def _take(rule: WatchedRule, state: State, time_us: int, group: Sequence[Reading]) -> tuple[State, tuple[Change, ...]]:
    """The state after the sound readings of one time."""
    values: dict[int, float] = {}
    for reading in group:
        values.setdefault(reading.series, reading.value)
    sample, memory = state.sample, state.memory
    if not values.keys().isdisjoint(rule.own):
        memory, sample = rule.measure.add(memory, time_us, [values.get(place) for place in rule.own])
    if rule.partners:
        beside, memories = _partners(rule, state, time_us, values)
        state = state._replace(beside=beside, memories=memories)
    return _judge(rule, state, time_us, sample, memory)


def _judge(
    rule: WatchedRule, state: State, time_us: int, sample: Sample | None, memory: Any
) -> tuple[State, tuple[Change, ...]]:
    """The state with a new sample of the rule's own measure, or the last one; `state` has the partners of this time."""
    since = _since(rule, state, time_us, sample) if rule.hold_us else ()
    rank, why = _rank(rule, state.rank, time_us, sample, state.beside, since)
    after = State(rank, time_us, sample, memory, since, state.beside, state.memories)
    if rank == state.rank:
        return after, ()
    here = rule.threshold_of(rank, time_us) if rank else None
    left = rule.threshold_of(state.rank, time_us) if state.rank else None
    value, partial, source = (None, False, 0) if sample is None else (sample.value, sample.partial, sample.source)
    return after, (Change(time_us, state.rank, rank, value, here, left, partial, why, source),)


def _partners(
    rule: WatchedRule, state: State, time_us: int, values: dict[int, float]
) -> tuple[tuple[Sample | None, ...], tuple[Any, ...]]:
    beside, memories = [*state.beside], [*state.memories]
    for place, partner in enumerate(rule.partners):
        if any(each in values for each in partner.inputs):
            memories[place], beside[place] = partner.measure.add(
                memories[place], time_us, [values.get(each) for each in partner.inputs]
            )
    return tuple(beside), tuple(memories)


def _rank(
    rule: WatchedRule, before: int, time_us: int, sample: Sample | None, beside: Sequence[Sample | None],
    since: Sequence[tuple[int, int]],
) -> tuple[int, str]:  # fmt: skip
    """The rank at a time, and why it is 0 where the measure does not say so."""
    for working in rule.working:
        if not working.holds(time_us):
            return 0, AT_REST
    if sample is None or sample.value is None or time_us - sample.time_us > rule.patience_us:
        return before, ""
    valid = [each for each in rule.thresholds if each.from_us <= time_us < each.to_us]
    for each in reversed(valid):
        if each.rank > before and _counts(rule, each, time_us, sample.value, beside, since):
            return each.rank, ""
    if sample.partial:
        return before, ""
    for each in reversed(valid):
        if each.rank <= before and _is_kept(rule, each, before, time_us, sample.value, beside):
            return each.rank, ""
    return 0, ""


def _counts(
    rule: WatchedRule, threshold: Threshold, time_us: int, value: float, beside: Sequence[Sample | None],
    since: Sequence[tuple[int, int]],
) -> bool:  # fmt: skip
    """Whether a stage is reached, and has lasted as long as the rule wants."""
    if not rule.hold_us:
        return _is_reached(rule, threshold, value) and _conditions_hold(rule, threshold, time_us, beside) is True
    return any(rank == threshold.rank and time_us - first_us >= rule.hold_us for rank, first_us in since)


def _since(rule: WatchedRule, state: State, time_us: int, sample: Sample | None) -> tuple[tuple[int, int], ...]:
    """Since when each stage is reached without a break. It does not depend on the rank, so it can be made again."""
    if not all(working.holds(time_us) for working in rule.working):
        return ()
    if sample is None or sample.value is None or time_us - sample.time_us > rule.patience_us:
        return ()  # what lasted is not known: it begins anew
    unbroken = state.sample is not None and time_us - state.sample.time_us <= rule.patience_us
    earlier = dict(state.since) if unbroken else {}
    return tuple(
        (each.rank, earlier.get(each.rank, time_us))
        for each in rule.thresholds
        if each.from_us <= time_us < each.to_us
        and _is_reached(rule, each, sample.value)
        and _conditions_hold(rule, each, time_us, state.beside) is True
    )


def _is_reached(rule: WatchedRule, threshold: Threshold, value: float) -> bool:
    if rule.measure.kind == STATE:
        return value == threshold.value
    return value <= threshold.value if rule.below else value >= threshold.value


def _is_kept(
    rule: WatchedRule, threshold: Threshold, before: int, time_us: int, value: float, beside: Sequence[Sample | None]
) -> bool:
    """Whether a stage still holds that was reached, or lies below one that was: it is left beyond the hysteresis only.

    What the stage asks for beside its value is needed to reach it, not to keep it.
    """
    if rule.measure.kind == STATE:
        kept = value == threshold.value
    elif rule.below:
        kept = value <= threshold.value + rule.hysteresis
    else:
        kept = value >= threshold.value - rule.hysteresis
    return kept and (threshold.rank == before or _conditions_hold(rule, threshold, time_us, beside) is not False)


def _conditions_hold(
    rule: WatchedRule, threshold: Threshold, time_us: int, beside: Sequence[Sample | None]
) -> bool | None:
    """Whether a stage has what it asks for beside its value; None where a partner says nothing that decides."""
    if not threshold.conditions:
        return True
    answers: list[bool | None] = []
    for condition in threshold.conditions:
        sample = None if condition.partner == NOBODY else beside[condition.partner]
        patience_us = 0 if sample is None else rule.partners[condition.partner].patience_us
        if sample is None or sample.value is None or time_us - sample.time_us > patience_us:
            answers.append(None)
        else:
            answers.append(sample.value >= condition.at_least or (None if sample.partial else False))
    decisive = threshold.any_condition
    if decisive in answers:
        return decisive
    return None if None in answers else not decisive
