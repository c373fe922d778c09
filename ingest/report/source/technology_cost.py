"""What each radio technology costs, as the plan says it: only amounts that name the technology."""

from dataclasses import dataclass
from fractions import Fraction

from ingest.plan.check.cost import View, costs_by_month
from ingest.plan.check.look import Look
from ingest.plan.check.shares import amounts_by_technology, part_over
from ingest.plan.check.sources import NO_COSTS
from ingest.report.source.base import Asked
from ingest.report.source.body import NO_PLAN, look_of
from schemas.bilingual import Bilingual
from schemas.device import NetworkKind
from schemas.japan import FiscalYear, Month
from schemas.plan import Cost, PlanDocument

_NO_INITIAL = Bilingual(
    "計画にこの通信方式の初期費用がありません(0円なら0円と書きます)",
    "the plan names no initial cost of this technology (write 0 if it is 0)",
)
_NO_RUNNING = Bilingual(
    "計画にこの年度のこの通信方式の運用費用がありません(0円なら0円と書きます)",
    "the plan names no running cost of this technology in this year (write 0 if it is 0)",
)


@dataclass(frozen=True, slots=True)
class TechnologyCost:
    """Yen of one technology. `initial`: all initial costs up to the end of the period; `running`: of the period.

    `months`: how much of the fiscal year is over, in months. None: why it is not known.
    """

    initial: Fraction | None
    running: Fraction | None
    months: Fraction
    why_no_initial: Bilingual
    why_no_running: Bilingual

    def of_period(self, service_months: int) -> Fraction | None:
        """The running costs, and the part of the initial ones that falls on the period."""
        if self.initial is None or self.running is None:
            return None
        return self.initial * self.months / service_months + self.running

    @property
    def running_a_year(self) -> Fraction | None:
        """The running costs of twelve months at the rate of the period."""
        return self.running * 12 / self.months if self.running is not None and self.months else None


def technology_costs(asked: Asked, technology: str) -> TechnologyCost:
    """What the plan says of a technology; of each it says nothing about, why."""
    look = look_of(asked)
    kind, year = NetworkKind(technology), FiscalYear.of(asked.first_day)
    months = sum((part_over(month, asked.period.until) for month in year.months), Fraction(0))
    if asked.plan is None or not asked.plan.document.costs:
        why = NO_COSTS if asked.plan else NO_PLAN
        return TechnologyCost(None, None, months, why, why)
    document = asked.plan.document
    own = [each for each in document.costs if each.technology is kind]
    return TechnologyCost(
        _initial(document, [each for each in own if each.capital], year),
        _running(look, asked, kind, [each for each in own if not each.capital], year), months, _NO_INITIAL, _NO_RUNNING,
    )  # fmt: skip


def common_costs(asked: Asked) -> tuple[Fraction, Fraction] | None:
    """Initial and running yen that name no technology, and so are in no comparison; None without costs."""
    if asked.plan is None or not asked.plan.document.costs:
        return None
    document, year = asked.plan.document, FiscalYear.of(asked.first_day)
    own = [each for each in document.costs if each.technology is None]
    days = (asked.first_day, asked.until_day)
    running = amounts_by_technology(look_of(asked), View.RUNNING, days).get(None, Fraction(0))
    return _initial(document, [each for each in own if each.capital], year) or Fraction(0), running


def _initial(document: PlanDocument, costs: list[Cost], year: FiscalYear) -> Fraction | None:
    by_month = costs_by_month(document, View.TOTAL, costs)
    found = [yen for month, yen in by_month.items() if month < Month.of(year.next.first_day)]
    return Fraction(sum(found)) if found else None


def _running(look: Look, asked: Asked, kind: NetworkKind, costs: list[Cost], year: FiscalYear) -> Fraction | None:
    months = set(year.months)
    if not any(month in months for month in costs_by_month(look.document, View.RUNNING, costs)):
        return None
    return amounts_by_technology(look, View.RUNNING, (asked.first_day, asked.until_day))[kind]
