"""What a plan costs and brings in, month by month: cost, 自走化率, TCO, break-even. Pure; all sums are whole yen.

An amount of a fiscal year is spread evenly over the months of that year in which the plan runs. What was paid at once
for several months (`covers_months`) is spread evenly over these. Initial costs fall into one month. Parts of a yen are
never lost: the months of an amount add up to it exactly.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, takewhile

from ingest.figures.plan.apportion import apportion
from schemas.bilingual import Bilingual
from schemas.japan import FiscalYear, Month
from schemas.labelled import Labelled
from schemas.plan import Cost, Income, PlanDocument
from schemas.work import Basis

TCO_MONTHS = 60
"""The service life to report on: five years, as long as cloud fees may be paid ahead."""


class View(Labelled):
    """Whose money is counted (見方)."""

    TOTAL = "total", "総額", "total"
    LOCAL = "local", "地方負担のみ", "local share only"
    RUNNING = "running", "運用段階(初期費用を除く)", "running phase, without initial costs"


@dataclass(frozen=True, slots=True)
class Yen:
    """An amount that falls into one month. `income`: fee or other income; else it is a cost or a benefit."""

    month: Month
    yen: int
    basis: Basis


@dataclass(frozen=True, slots=True)
class Balance:
    """What one fiscal year costs and brings in, and how it stands since the beginning of the plan.

    `income`: fees and other income. `saving`: benefits without money coming in. `avoided_damage` stands apart and is in
    no sum. `net`: income + saving - cost of this year; `net_cumulative`: of all years up to this one.
    `bases`: how sure the amounts are; more than one means that measured and assumed amounts are added up.
    """

    fiscal_year: int
    cost: int
    income: int
    saving: int
    avoided_damage: int
    net: int
    net_cumulative: int
    self_sufficiency: Fraction | None
    bases: tuple[Basis, ...]


def bases_of(document: PlanDocument) -> tuple[Basis, ...]:
    """How sure the amounts of the plan are, the surest first."""
    found = {cost.basis for cost in document.costs} | {income.basis for income in document.incomes}
    return tuple(basis for basis in Basis if basis in found)


def mixed_note(bases: Iterable[Basis]) -> Bilingual:
    """What a reader of a sum over amounts of different sureness has to know."""
    labels = [basis.label for basis in bases]
    return Bilingual(
        f"{'・'.join(label.ja for label in labels)}の金額を合わせた値です",
        f"amounts that are {', '.join(label.en for label in labels)} are added up",
    )


def months_between(first: Month, until: Month) -> list[Month]:
    """The months from `first` to the one before `until`."""
    months = []
    month = first
    while month < until:
        months.append(month)
        month = month.next
    return months


def costs_by_month(document: PlanDocument, view: View, costs: Iterable[Cost] | None = None) -> dict[Month, int]:
    """Yen of each month. `costs`: only these of the plan."""
    chosen = document.costs if costs is None else costs
    return _by_month(each for cost in chosen for each in _spread_cost(document, cost, view))


def cost_between(document: PlanDocument, view: View, first: Month, until: Month) -> int:
    """Yen of the months from `first` to the one before `until`."""
    return _between(costs_by_month(document, view), first, until)


def income_between(document: PlanDocument, first: Month, until: Month) -> int:
    """Income and savings of the months from `first` to the one before `until`, avoided damage left out."""
    return _between(_benefits_by_month(document), first, until)


def balances(document: PlanDocument, view: View = View.TOTAL) -> list[Balance]:
    """The balance of every fiscal year in which the plan runs or an amount falls."""
    spread = [(cost, _spread_cost(document, cost, view)) for cost in document.costs]
    costs = [each for _, parts in spread for each in parts]
    incomes = [(income, _spread_income(document, income)) for income in document.incomes]
    years = {FiscalYear.of(document.begins).year, FiscalYear.of(document.ends).year}
    years |= {FiscalYear.of(each.month.first_day).year for each in costs}
    made: list[Balance] = []
    for year in range(min(years), max(years) + 1):
        running = costs_by_month(document, View.RUNNING)
        made.append(_balance_of(year, costs, incomes, running, made[-1].net_cumulative if made else 0))
    return made


def self_sufficiency(document: PlanDocument, first: Month, until: Month) -> Fraction | None:
    """自走化率: income / running costs of the months; None where there are no running costs. Savings are no income."""
    running = _between(costs_by_month(document, View.RUNNING), first, until)
    income = _between(_by_month(_money_in(document)), first, until)
    return Fraction(income, running) if running else None


def total_cost_of_ownership(document: PlanDocument, view: View) -> int:
    """Yen of the first 60 months of the plan, initial costs included unless the view leaves them out."""
    first = Month.of(document.begins)
    months = _months_from(first, TCO_MONTHS)
    by_month = costs_by_month(document, view)
    before = sum(yen for month, yen in by_month.items() if month < first)
    return before + sum(by_month.get(month, 0) for month in months)


def years_without_running_costs(document: PlanDocument) -> list[int]:
    """Fiscal years within the first 60 months for which the plan names no running cost: the TCO is too low by them."""
    by_month = costs_by_month(document, View.RUNNING)
    months = _months_from(Month.of(document.begins), TCO_MONTHS)
    years = dict.fromkeys(FiscalYear.of(month.first_day).year for month in months)
    with_costs = {FiscalYear.of(month.first_day).year for month, yen in by_month.items() if yen}
    return [year for year in years if year not in with_costs]


def break_even_months(document: PlanDocument, view: View) -> int | None:
    """Months from the beginning until the cumulative net is 0 or more and stays so to the end of the plan."""
    nets = _nets(document, view)
    positive = len(list(takewhile(lambda net: net >= 0, reversed(nets))))
    return None if positive == 0 else len(nets) - positive + 1


def net_cumulative(document: PlanDocument, view: View, until: Month) -> int:
    """Income and savings - costs of all months before `until`."""
    costs, benefits = costs_by_month(document, view), _benefits_by_month(document)
    return sum(yen for month, yen in benefits.items() if month < until) - sum(
        yen for month, yen in costs.items() if month < until
    )


def _nets(document: PlanDocument, view: View) -> list[int]:
    costs, benefits = costs_by_month(document, view), _benefits_by_month(document)
    first = min([Month.of(document.begins), *costs, *benefits])
    last = Month.of(document.ends)
    months = months_between(first, last.next)
    nets = list(accumulate(benefits.get(month, 0) - costs.get(month, 0) for month in months))
    before = len(months_between(first, Month.of(document.begins)))
    return nets[before:]


def _balance_of(
    year: int, costs: list[Yen], incomes: list[tuple[Income, list[Yen]]], running: dict[Month, int], before: int
) -> Balance:
    months = set(FiscalYear(year).months)
    fell = [each for each in costs if each.month in months]
    came = [(income.kind, each) for income, parts in incomes for each in parts if each.month in months]
    cost = sum(each.yen for each in fell)
    income = sum(each.yen for kind, each in came if kind in ("fee", "other"))
    saving = sum(each.yen for kind, each in came if kind == "saving")
    run = sum(yen for month, yen in running.items() if month in months)
    net = income + saving - cost
    bases = {each.basis for each in fell} | {each.basis for kind, each in came if kind != "avoided_damage"}
    return Balance(
        year, cost, income, saving, sum(each.yen for kind, each in came if kind == "avoided_damage"), net, before + net,
        Fraction(income, run) if run else None, tuple(basis for basis in Basis if basis in bases),
    )  # fmt: skip


def _spread_cost(document: PlanDocument, cost: Cost, view: View) -> list[Yen]:
    if view is View.RUNNING and cost.capital:
        return []
    yen = cost.yen - cost.subsidy_yen if view is View.LOCAL else cost.yen
    months = _months_of_year(document, cost.fiscal_year)
    begins = Month.of(cost.begins) if cost.begins else months[0]
    if cost.covers_months:
        months = _months_from(begins, cost.covers_months)
    elif cost.capital:
        months = [begins]
    elif cost.begins:
        months = [month for month in months if month >= begins] or [begins]
    return list(_split(yen, months, cost.basis))


def _spread_income(document: PlanDocument, income: Income) -> list[Yen]:
    return list(_split(income.yen, _months_of_year(document, income.fiscal_year), income.basis))


def _money_in(document: PlanDocument) -> Iterator[Yen]:
    for income in document.incomes:
        if income.kind in ("fee", "other"):
            yield from _spread_income(document, income)


def _benefits_by_month(document: PlanDocument) -> dict[Month, int]:
    counted = (income for income in document.incomes if income.kind != "avoided_damage")
    return _by_month(each for income in counted for each in _spread_income(document, income))


def _months_of_year(document: PlanDocument, year: int) -> list[Month]:
    """The months of the fiscal year in which the plan runs; all twelve if it runs in none of them."""
    first, last = Month.of(document.begins), Month.of(document.ends)
    months = FiscalYear(year).months
    return [month for month in months if first <= month <= last] or list(months)


def _months_from(first: Month, count: int) -> list[Month]:
    months = [first]
    while len(months) < count:
        months.append(months[-1].next)
    return months


def _split(yen: int, months: list[Month], basis: Basis) -> Iterator[Yen]:
    for month, part in zip(months, apportion([Fraction(yen, len(months))] * len(months), yen), strict=True):
        yield Yen(month, part, basis)


def _by_month(amounts: Iterable[Yen]) -> dict[Month, int]:
    sums: dict[Month, int] = {}
    for amount in amounts:
        sums[amount.month] = sums.get(amount.month, 0) + amount.yen
    return sums


def _between(by_month: dict[Month, int], first: Month, until: Month) -> int:
    return sum(yen for month, yen in by_month.items() if first <= month < until)
