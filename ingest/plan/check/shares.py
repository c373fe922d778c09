"""On which devices costs fall: those of a technology on its devices, common costs on all, by their active time."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from ingest.figures.plan.apportion import apportion
from ingest.figures.plan.sums import LEVELS, PlanSums
from ingest.plan.check.cost import View, costs_by_month, months_between
from ingest.plan.check.look import Look
from schemas.device import NetworkKind
from schemas.japan import Month
from schemas.plan import PlanScope

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class CostShare:
    """What one place costs in a period. `yen_per_1000_valid`: None where nothing valid came of it.

    `yen`: whole yen, cut. The places of a level add up to what falls on all of them; `exact` is not cut.
    """

    level: str
    key: str
    name: str
    yen: int
    exact: Fraction
    valid: int

    @property
    def yen_per_1000_valid(self) -> Fraction | None:
        """Yen for 1,000 valid receptions."""
        return self.exact * 1000 / self.valid if self.valid else None


def share_of_scope(look: Look, view: View, scope: PlanScope, days: tuple[date, date]) -> Fraction | None:
    """Yen of the period that fall on the devices of a scope; None where no device was in operation."""
    everything = PlanScope(season=scope.season)
    whole = look.sums(everything, *days)
    if not whole.active_s:
        return None
    yen = Fraction(0)
    for technology, amount in amounts_by_technology(look, view, days).items():
        base = whole if technology is None else look.sums(only_technology(everything, technology), *days)
        within = look.sums(scope if technology is None else only_technology(scope, technology), *days)
        if base.active_s and (technology is None or not scope.technologies or technology in scope.technologies):
            yen += amount * Fraction(round(within.active_s), round(base.active_s))
    return yen


def cost_shares(look: Look, view: View, days: tuple[date, date]) -> list[CostShare]:
    """What each network, gateway, area, technology, use and device costs, and the project, in whole yen that add up.

    A cost of a technology of which no device was in operation falls on nobody, and is in the row of the project alone.
    """
    rows = look.levels(PlanScope(), *days)
    yen: dict[tuple[str, str], Fraction] = {(row.level, row.key): Fraction(0) for row in rows}
    for technology, amount in amounts_by_technology(look, view, days).items():
        some = rows if technology is None else look.levels(only_technology(PlanScope(), technology), *days)
        for level in LEVELS:
            _share_out(yen, [row for row in some if row.level == level], amount)
    total = sum(amounts_by_technology(look, view, days).values(), Fraction(0))
    made: list[CostShare] = []
    for level in LEVELS:
        placed = [row for row in rows if row.level == level]
        exact = [total if level == "project" else yen[level, row.key] for row in placed]
        whole = apportion(exact, int(sum(exact)))
        made += [
            CostShare(level, row.key, row.name, cut, uncut, row.valid)
            for row, cut, uncut in zip(placed, whole, exact, strict=True)
        ]
    return made


def _share_out(yen: dict[tuple[str, str], Fraction], rows: list[PlanSums], amount: Fraction) -> None:
    whole = sum(round(row.active_s) for row in rows)
    for row in rows if whole else ():
        key = (row.level, row.key)
        yen[key] = yen.get(key, Fraction(0)) + amount * Fraction(round(row.active_s), whole)


def amounts_by_technology(look: Look, view: View, days: tuple[date, date]) -> dict[NetworkKind | None, Fraction]:
    """Yen of the period by technology; None: of all together. Whole months: one that is begun counts.

    What is still to come has cost nothing yet, as it has brought no reception: of the month that is under way the part
    counts that is over.
    """
    first, until = Month.of(days[0]), Month.of(days[1]) if days[1].day == 1 else Month.of(days[1]).next
    months = {month: part_over(month, look.now) for month in months_between(first, until)}
    amounts: dict[NetworkKind | None, Fraction] = {}
    for technology in dict.fromkeys(each.technology for each in look.document.costs):
        own = [each for each in look.document.costs if each.technology is technology]
        by_month = costs_by_month(look.document, view, own)
        amounts[technology] = sum((by_month.get(month, 0) * part for month, part in months.items()), Fraction(0))
    return amounts


def part_over(month: Month, now: datetime) -> Fraction:
    """How much of a month is over, from 0 to 1."""
    part = Fraction((now - month.start) // _SECOND, (month.end - month.start) // _SECOND)
    return min(max(part, Fraction(0)), Fraction(1))


def only_technology(scope: PlanScope, technology: NetworkKind) -> PlanScope:
    """The scope, and of its devices those of this technology."""
    return scope.model_copy(update={"technologies": (technology,)})
