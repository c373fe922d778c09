"""What the logged work is worth by the plan's price of an hour: an estimate, never part of what was spent."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from ingest.figures.plan.work import WorkSums
from schemas.work import WorkKind


@dataclass(frozen=True, slots=True)
class Labour:
    """The work of one kind. `hours`: of people, exact. `yen`: at the price of an hour, cut to whole yen."""

    kind: WorkKind
    hours: Fraction
    yen: int


def labour_of(sums: Iterable[WorkSums], yen_per_hour: int) -> list[Labour]:
    """One for each kind of work that was logged, the most hours first. `sums`: of any levels."""
    found = [
        Labour(WorkKind(each.key), each.hours, int(each.hours * yen_per_hour))
        for each in sums
        if each.level == "kind" and each.key is not None and each.minutes
    ]
    return sorted(found, key=lambda each: (-each.hours, each.kind))
