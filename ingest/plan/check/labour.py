"""What the logged work is worth by the plan's price of an hour: an estimate, never part of what was spent."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from ingest.figures.plan.apportion import apportion
from ingest.figures.plan.work import WorkSums
from schemas.work import WorkKind


@dataclass(frozen=True, slots=True)
class Labour:
    """The work of one kind. `hours`: of people, exact. `yen`: at the price of an hour, in whole yen that add up."""

    kind: WorkKind
    hours: Fraction
    yen: int


def labour_of(sums: Iterable[WorkSums], yen_per_hour: int) -> list[Labour]:
    """One for each kind of work that was logged, the most hours first. `sums`: of any levels."""
    kinds = [(WorkKind(each.key), each.hours) for each in sums if each.level == "kind" and each.key and each.minutes]
    kinds.sort(key=lambda each: (-each[1], each[0]))
    exact = [hours * yen_per_hour for _, hours in kinds]
    whole = apportion(exact, int(sum(exact)))
    return [Labour(kind, hours, yen) for (kind, hours), yen in zip(kinds, whole, strict=True)]
