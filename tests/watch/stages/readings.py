"""Rules and readings for tests of the machine, and a second machine that is nothing but the definition."""

from collections.abc import Iterable, Sequence

from hypothesis import strategies as st

from ingest.watch.stages.measure import Value
from ingest.watch.stages.rule import Series, Threshold, WatchedRule
from ingest.watch.stages.sample import Reading

MINUTE_US = 60_000_000
LEVEL = Series(1, 52, 0)
FOUR = tuple(Threshold(rank, float(rank), f"市設定基準{rank}") for rank in range(1, 5))


def level_rule(thresholds: tuple[Threshold, ...] = FOUR, **more: object) -> WatchedRule:
    """A rule of a river level with stages at 1, 2, 3 and 4 m."""
    said: dict[str, object] = {"hysteresis": 0.5} | more
    return WatchedRule("", 1, "river", (LEVEL,), Value("m"), thresholds, **said)  # type: ignore[arg-type]


def at_minutes(*pairs: tuple[float, float]) -> list[Reading]:
    """Readings of (minute, value)."""
    return [Reading(round(minute * MINUTE_US), value) for minute, value in pairs]


values = st.integers(-2, 22).map(lambda quarter: quarter / 4)
"""Values on the thresholds, in the band of the hysteresis, and between."""

series = st.lists(st.tuples(st.integers(0, 60), values), max_size=30, unique_by=lambda pair: pair[0]).map(
    lambda pairs: at_minutes(*pairs)
)


def by_definition(rule: WatchedRule, readings: Iterable[Reading]) -> list[tuple[int, int]]:
    """Time and rank of every change, by looking at all readings up to each one anew.

    Each stage for itself: it is on since the first reading that it was reached by for long enough, after the last one
    that was beyond its hysteresis. The rank is the highest stage that is on.
    """
    ordered = sorted({reading.time_us: reading for reading in readings if reading.sound}.values())
    changes: list[tuple[int, int]] = []
    rank = 0
    for end in range(1, len(ordered) + 1):
        now = max((each.rank for each in rule.thresholds if _on(rule, each, ordered[:end])), default=0)
        if now != rank:
            changes.append((ordered[end - 1].time_us, now))
        rank = now
    return changes


def _on(rule: WatchedRule, stage: Threshold, until_now: Sequence[Reading]) -> bool:
    sign = -1 if rule.below else 1
    beyond = [sign * (each.value - stage.value) for each in until_now]
    left = max((place for place, each in enumerate(beyond) if each < -rule.hysteresis), default=-1)
    run: list[Reading] = []
    for reading, each in zip(until_now[left + 1 :], beyond[left + 1 :], strict=True):
        if each < 0 or (run and reading.time_us - run[-1].time_us > rule.patience_us):
            run = []
        if each >= 0:
            run.append(reading)
            if reading.time_us - run[0].time_us >= rule.hold_us:
                return True
    return False
