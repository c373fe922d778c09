"""Holds what would have been reached against what was recorded: the same, earlier, later, new, or not at all."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from ingest.watch.replay.database import Recorded
from ingest.watch.replay.run import Replayed
from schemas.bilingual import Bilingual

APART_US = 86_400 * 1_000_000
"""A recorded rise and a computed one of the same stage are the same crossing if they are at most a day apart."""


class Verdict(StrEnum):
    """How a crossing of the replay stands to the record."""

    SAME = "same"
    EARLIER = "earlier"
    LATER = "later"
    NEW = "new"
    GONE = "gone"

    @property
    def label(self) -> Bilingual:
        """What people read."""
        return _LABELS[self]


_LABELS = {
    Verdict.SAME: Bilingual("同じ", "the same"),
    Verdict.EARLIER: Bilingual("早く分かった", "earlier"),
    Verdict.LATER: Bilingual("遅く分かった", "later"),
    Verdict.NEW: Bilingual("記録になく、知らせていた", "not recorded; would have been told"),
    Verdict.GONE: Bilingual("記録にあるが、知らせていない", "recorded; would not have been told"),
}


class Crossing(NamedTuple):
    """A rise to a stage. `at_us`: in the replay; `recorded_us`: in the record; one of them may be None, never both."""

    verdict: Verdict
    device_id: int
    rule: str
    rank: int
    name: str
    value: float | None
    at_us: int | None
    recorded_us: int | None

    @property
    def time_us(self) -> int:
        """By which it is listed."""
        found = self.at_us if self.at_us is not None else self.recorded_us
        assert found is not None  # one of them is known
        return found

    @property
    def minutes(self) -> float | None:
        """By how much the replay knew it earlier; negative: later. None where only one of them knows it."""
        if self.at_us is None or self.recorded_us is None:
            return None
        return (self.recorded_us - self.at_us) / 60_000_000


def compare(replayed: Iterable[Replayed], recorded: Sequence[Recorded]) -> list[Crossing]:
    """All crossings of both, in the order of time. Subjects that no rule has any more are gone."""
    by_subject: dict[str, list[Recorded]] = defaultdict(list)
    for each in recorded:
        by_subject[each.subject].append(each)
    found: list[Crossing] = []
    for answer in replayed:
        found += _of_rule(answer, by_subject.pop(answer.rule.subject, []))
    for left in by_subject.values():
        found += map(_gone, left)
    return sorted(found, key=lambda each: (each.time_us, each.device_id, each.rank))


def _of_rule(answer: Replayed, recorded: list[Recorded]) -> list[Crossing]:
    rule, found = answer.rule, []
    open_ = list(recorded)
    for change in answer.changes:
        if change.rank <= change.before_rank:
            continue
        like = [each for each in open_ if each.rank == change.rank and abs(each.at_us - change.at_us) <= APART_US]
        match = min(like, key=lambda each: abs(each.at_us - change.at_us), default=None)
        if match is not None:
            open_.remove(match)
        name = change.threshold.name if change.threshold else ""
        found.append(
            Crossing(
                _verdict(change.at_us, match), rule.series.device_id, rule.code, change.rank, name, change.value,
                change.at_us, match and match.at_us,
            )
        )  # fmt: skip
    return found + [_gone(each) for each in open_]


def _verdict(at_us: int, match: Recorded | None) -> Verdict:
    if match is None:
        return Verdict.NEW
    if match.at_us == at_us:
        return Verdict.SAME
    return Verdict.EARLIER if at_us < match.at_us else Verdict.LATER


def _gone(each: Recorded) -> Crossing:
    return Crossing(Verdict.GONE, each.device_id, each.rule, each.rank, each.name, each.value, None, each.at_us)
