"""A computed crossing is the recorded one of its stage that is nearest, at most a day away; others are new or gone."""

import pytest

from ingest.watch.replay.compare import Crossing, Verdict, compare
from ingest.watch.replay.database import Recorded
from ingest.watch.replay.run import Replayed
from ingest.watch.stages.machine import Change
from ingest.watch.stages.measure import Value
from ingest.watch.stages.rule import Series, Threshold, WatchedRule

RULE = WatchedRule(
    code="",
    project_id=1,
    hazard="river",
    inputs=(Series(7, 3, 0),),
    measure=Value("m"),
    thresholds=(Threshold(1, 1.0, "基準1"), Threshold(2, 2.0, "基準2")),
)
MINUTE = 60_000_000
HOUR = 60 * MINUTE


def found(changes: list[tuple[int, int, int]], recorded: list[tuple[int, int]], subject: str = "") -> list[Crossing]:
    """`changes`: time, rank before, rank; `recorded`: time, rank."""
    made = tuple(
        Change(at, before, rank, 1.5, RULE.threshold_of(rank, at) if rank else None) for at, before, rank in changes
    )
    rows = [Recorded(subject or RULE.subject, "", 7, at, rank, f"基準{rank}", 1.5, "live") for at, rank in recorded]
    return compare([Replayed(RULE, made, 10)], rows)


@pytest.mark.parametrize(
    ("recorded", "verdict", "minutes"),
    [
        ([(10 * HOUR, 1)], Verdict.SAME, 0), ([(10 * HOUR + 25 * MINUTE, 1)], Verdict.EARLIER, 25),
        ([(10 * HOUR - 5 * MINUTE, 1)], Verdict.LATER, -5), ([], Verdict.NEW, None),
    ],
)  # fmt: skip
def test_a_crossing_is_held_against_the_record(
    recorded: list[tuple[int, int]], verdict: Verdict, minutes: float | None
) -> None:
    (only,) = found([(10 * HOUR, 0, 1)], recorded)
    assert (only.verdict, only.minutes, only.name, only.at_us) == (verdict, minutes, "基準1", 10 * HOUR)


def test_what_only_the_record_has_is_gone() -> None:
    (only,) = found([], [(10 * HOUR, 2)])
    assert (only.verdict, only.at_us, only.time_us, only.minutes) == (Verdict.GONE, None, 10 * HOUR, None)


def test_a_fall_is_no_crossing_and_a_day_later_is_another_one() -> None:
    crossings = found([(0, 0, 1), (HOUR, 1, 0), (40 * HOUR, 0, 1)], [(HOUR, 1), (90 * HOUR, 1)])
    assert [each.verdict for each in crossings] == [Verdict.EARLIER, Verdict.NEW, Verdict.GONE]


def test_each_record_is_taken_once_and_by_its_own_stage() -> None:
    crossings = found([(0, 0, 1), (HOUR, 1, 2)], [(2 * HOUR, 2), (3 * HOUR, 2)])
    assert [(each.rank, each.verdict) for each in crossings] == [
        (1, Verdict.NEW), (2, Verdict.EARLIER), (2, Verdict.GONE),
    ]  # fmt: skip


def test_a_rule_that_is_not_there_any_more_would_have_told_nobody() -> None:
    verdicts = [each.verdict for each in found([(0, 0, 1)], [(0, 1)], "stage:d7:q3:c0:old")]
    assert sorted(verdicts) == [Verdict.GONE, Verdict.NEW]
